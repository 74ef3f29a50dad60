import { escapeXml } from "./xml-tree.ts";

/** Plain words, no style and no script: the page stands under a policy that allows neither. */
function page(title: string, paragraphs: string[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta name="viewport" content="width=device-width"><title>${title}</title></head>`,
    `<body><h1>${title}</h1>${paragraphs.map((text) => `<p>${text}</p>`).join("")}</body></html>`,
  ].join("");
}

/** The same for every reason: what is wrong with a response is told to the ledger and not to whoever sent it. */
export const refusedPage = (correlation: string, slug: string): string =>
  page("Sign-in did not succeed", [
    `You can <a href="/saml/${escapeXml(slug)}/login">try again</a>. If it fails again, give your administrator this number:`,
    `<code>${escapeXml(correlation)}</code>`,
  ]);

export const testedPage = (): string =>
  page("The test has ended", ["Whoever opened it sees the result. You are not signed in here; close this page."]);
