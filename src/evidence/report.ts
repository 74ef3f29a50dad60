import type { ErasureBasis } from "../record/control.ts";
import type { Scope } from "../record/scope.ts";
import { siteTime } from "../record/tables.ts";
import type { BagInput } from "./bag.ts";
import type { CmsSigner } from "./cms.ts";
import { reportStyle } from "./report-style.ts";
import type { Erasure } from "./row-files.ts";

export type ReportFacts = BagInput & { scope: Scope; signer: CmsSigner };

const mostLines = 200;
const basisWords: Record<ErasureBasis, string> = {
  retention: "retention policy of the site",
  request: "erasure request",
  "hold-release": "release of a legal hold",
  offboarding: "off-boarding of the tenant",
};

/** data/report.html: for people. No script, nothing from outside, prints on A4. */
export function reportHtml(facts: ReportFacts): string {
  const { tenant, scope } = facts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evidence bundle: ${escapeHtml(tenant.name)}, ${scope.made.slice(0, 10)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<p class="kind">Evidence bundle</p>
<h1>${escapeHtml(tenant.name)}</h1>
<p class="lead">${escapeHtml(scopeSentence(facts))}</p>
</header>
<p class="note">This page tells people what the bundle holds. It proves nothing by itself: the verifier does, with keys that
reached you another way. README.txt says how.</p>
${contents(facts)}
${withheld(facts)}
${erased(facts)}
${ledger(facts)}
${signatures(facts)}
</body>
</html>
`;
}

function scopeSentence({ scope, request }: ReportFacts): string {
  const { filters, range, extra } = scope;
  const parts = range
    ? [
        `Everything received from ${minute(filters.from)} up to ${minute(filters.to)} (UTC): ledger rows ${number(range.from)} to ${number(range.to)}, complete.`,
      ]
    : [
        `${plural(filters.events?.length ?? 0, "event")} of one incident, in ${plural(extra.length, "ledger row")}. Integrity is proven, completeness is not.`,
      ];
  if (filters.sites) parts.push(`Limited to ${plural(filters.sites.length, "site")}.`);
  if (filters.kinds) parts.push(`Limited to the kinds ${filters.kinds.join(", ")}.`);
  if (request.subjects) parts.push(`Limited to events about ${plural(request.subjects.length, "subject")}.`);
  return parts.join(" ");
}

function contents({ scope, collected, madeAt }: ReportFacts): string {
  const { counts, sites } = scope;
  const { events } = collected;
  const local = (site: Scope["sites"][number]) =>
    siteTime(new Date(madeAt).toISOString().replace("Z", "000Z"), site.offsets);
  const facts = definitions([
    ["Ledger rows", number(counts.rows)],
    ["Events", number(counts.events)],
    ["Images", counts.images > 0 ? `${number(counts.images)} (${bytes(counts.imageBytes)})` : "none"],
    ["Made", `${minute(scope.made)} (UTC)`],
  ]);
  const bySite = table(
    ["Site", "Time zone", "Events"],
    sites.map((site) => [
      `${escapeHtml(site.name)}<br><code>${site.id}</code>`,
      `<span class="fit">${escapeHtml(site.timeZone)}</span> <span class="soft">(${local(site).slice(26)})</span>`,
      number(events.sites.get(site.id) ?? 0),
    ]),
    "No event is in this bundle.",
  );
  const byDay = table(["Received on (UTC)", "Events"], sorted(events.days), "");
  const byKind = table(["Kind", "Events"], largest(events.kinds), "");
  const bestEffort =
    events.bestEffort > 0
      ? `<p class="note">${plural(events.bestEffort, "event")} came from devices without certificates: <strong>best effort</strong>. What such a device sent before it reached the appliance is not authenticated.</p>`
      : "";
  const tables = events.events > 0 ? `<div class="columns">${byDay}${byKind}</div>` : "";
  return section("What is in it", `${facts}${bySite}${bestEffort}${tables}`);
}

function withheld({ scope, collected }: ReportFacts): string {
  const { withheldUnits, withheldEvents, withheldImages } = scope.counts;
  if (withheldUnits + withheldEvents + withheldImages === 0) {
    return section("What was withheld", '<p class="empty">Nothing was held back.</p>');
  }
  const units = [...collected.rows.withheldNames].map(([name, n]) => `${name} (${number(n)})`).join(", ");
  const rows = [
    [
      "Events that the filters leave out",
      number(withheldEvents),
      "Their number and their place in the ledger stay provable; their content is not here.",
    ],
    [
      "Image files",
      number(withheldImages),
      "Held back, or never received from the edge. What each image is, with its SHA-256, is shown.",
    ],
    ["Details of ledger rows", number(withheldUnits), escapeHtml(units)],
  ].filter(([, n]) => n !== "0");
  return section(
    "What was withheld",
    `${table(["What", "Number", ""], rows, "")}<p>Each is listed in data/ledger/withheld.txt. That it existed is not shown by this bundle alone.</p>`,
  );
}

function erased({ collected }: ReportFacts): string {
  const { erasures, erased: total } = collected.rows;
  if (erasures.length === 0) {
    return section(
      "What was erased, and why",
      '<p class="empty">No tombstone is in the ledger up to this checkpoint: nothing was erased.</p>',
    );
  }
  const shown = erasures.slice(-mostLines).reverse();
  const lines = shown.map((each: Erasure) => [
    number(each.seq),
    minute(each.at),
    basisWords[each.basis],
    number(each.counts.events),
    number(each.counts.images),
    number(each.counts.openings),
  ]);
  const more =
    erasures.length > shown.length
      ? `<p class="soft">The newest ${mostLines} of ${number(erasures.length)}; all are in data/tables/erasures.csv.</p>`
      : "";
  return section(
    "What was erased, and why",
    `<p>${plural(erasures.length, "tombstone")} in the ledger: ${plural(total.events, "event")} with their images, ${plural(total.images, "image")} by ${total.images === 1 ? "itself" : "themselves"}, and ${plural(total.openings, "detail")} of ledger rows. What was erased cannot be restored from this bundle; that it was there, and when and why it went, stays provable.</p>
${table(["Row", "When (UTC)", "Why", "Events", "Images", "Details"], lines, "")}${more}`,
  );
}

function ledger({ collected, frame }: ReportFacts): string {
  const { checkpoint } = frame;
  const body = definitions([
    [
      "Checkpoint",
      `epoch ${checkpoint.epoch}, size ${number(checkpoint.size)}, sealed ${minute(checkpoint.sealedAt)} (UTC)`,
    ],
    ["Root", `<code>${checkpoint.root.toString("hex")}</code>`],
  ]);
  return section("Ledger", `${body}${table(["Action", "Rows"], largest(collected.rows.actions), "")}`);
}

function signatures({ signer, trust }: ReportFacts): string {
  const leaf = signer.chain[0]!;
  return section(
    "Keys to compare",
    `<p>Compare these with what you got on paper or from the console of the appliance.</p>${definitions([
      ["Signed by", escapeHtml(leaf.subject.replaceAll("\n", ", "))],
      ["Certificate, SHA-256", `<code>${signer.fingerprint}</code>`],
      [
        "Checkpoint key, Ed25519",
        trust.ed25519.map((key) => `<code>${Buffer.from(key).toString("base64")}</code>`).join("<br>"),
      ],
      ["Appliance", `<code>${trust.appliance}</code>`],
    ])}`,
  );
}

const section = (title: string, body: string): string => `<section><h2>${title}</h2>${body}</section>`;

/** Cells are HTML; a cell of digits is set right. */
function table(heads: string[], rows: string[][], empty: string): string {
  if (rows.length === 0) return empty ? `<p class="empty">${empty}</p>` : "";
  const isNumber = (cell: string) => /^[\d ]+$/.test(cell);
  const numeric = heads.map((_, i) => rows.every((row) => isNumber(row[i] ?? "")));
  const mark = (i: number) => (numeric[i] ? ' class="n"' : "");
  const head = heads.map((text, i) => `<th scope="col"${mark(i)}>${text}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell, i) => `<td${mark(i)}>${cell}</td>`).join("")}</tr>`).join("\n");
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function definitions(pairs: [string, string][]): string {
  return `<dl>${pairs.map(([term, text]) => `<div><dt>${term}</dt><dd>${text}</dd></div>`).join("")}</dl>`;
}

const sorted = (counts: Map<string, number>): string[][] =>
  cut([...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, n]) => [escapeHtml(key), number(n)]));
const largest = (counts: Map<string, number>): string[][] =>
  cut([...counts].sort(([, a], [, b]) => b - a).map(([key, n]) => [escapeHtml(key), number(n)]));

function cut(rows: string[][]): string[][] {
  if (rows.length <= mostLines) return rows;
  return [...rows.slice(0, mostLines), [`and ${rows.length - mostLines} more`, ""]];
}

/** Digits in groups of three, with a space that does not break. */
const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const plural = (n: number, word: string): string => `${number(n)} ${word}${n === 1 ? "" : "s"}`;
const minute = (at: string | null): string => (at ? `${at.slice(0, 10)} ${at.slice(11, 16)}` : "–");

function bytes(n: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = n;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
