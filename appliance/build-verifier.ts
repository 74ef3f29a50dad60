import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

// Makes the two verifiers that auditors get: one Node file without dependencies, one HTML file that works from file://.

const root = fileURLToPath(new URL("..", import.meta.url));
const browser = `${root}src/verifier/browser`;
// The console's own: the page looks like it, also where there is nothing to fetch it from.
const font = `${root}node_modules/@patternfly/react-core/dist/styles/assets/fonts/RedHatText/RedHatTextVF.woff2`;
const logo = `${root}src/http/pages/assets/ledgerstone.svg`;

/** Where there are no node: modules, hashes and checksums come from the files beside theirs named -browser. */
const browserTwins: Plugin = {
  name: "browser-twins",
  setup({ onResolve }) {
    const twins = { "sha256.ts": "src/record/sha256-browser.ts", "crc32.ts": "src/verifier/crc32-browser.ts" };
    for (const [name, twin] of Object.entries(twins)) {
      onResolve({ filter: new RegExp(`/${name.replace(".", "\\.")}$`) }, ({ importer }) =>
        importer.endsWith(twin) ? undefined : { path: `${root}${twin}` },
      );
    }
  },
};

async function bundle(entry: string, options: { browser: boolean }): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    minify: options.browser,
    charset: "ascii",
    legalComments: "eof",
    ...(options.browser
      ? { platform: "browser", format: "iife", target: "es2022", plugins: [browserTwins] }
      : { platform: "node", format: "esm", target: "node20", banner: { js: "#!/usr/bin/env node" } }),
  });
  return outputFiles[0]!.text;
}

function cspHash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Nothing may be fetched, framed or submitted; scripts and styles are these ones alone. */
function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${cspHash(script)}`,
    `style-src ${cspHash(style)}`,
    "worker-src blob:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

export async function buildHtml(): Promise<string> {
  const page = await bundle(`${browser}/page.ts`, { browser: true });
  const worker = await bundle(`${browser}/worker.ts`, { browser: true });
  const css = await readFile(`${browser}/page.css`, "utf8");
  const style = css.replace("%FONT%", await readFile(font, "base64"));
  const template = await readFile(`${browser}/page.html`, "utf8");
  const LOGO = (await readFile(logo, "utf8")).trim().replace("<svg ", '<svg class="stone" aria-hidden="true" ');
  const parts: Record<string, string> = { CSP: policy(page, style), STYLE: style, WORKER: worker, PAGE: page, LOGO };
  return template.replace(/%(CSP|STYLE|WORKER|PAGE|LOGO)%/g, (_, name: string) => parts[name]!);
}

export function buildNode(): Promise<string> {
  return bundle(`${root}src/verifier/node-entry.ts`, { browser: false });
}

/** Writes both files and returns their paths with the SHA-256 that goes on paper. */
export async function buildVerifiers(folder = `${root}dist/verifier`): Promise<{ path: string; sha256: string }[]> {
  await mkdir(folder, { recursive: true });
  const made = [
    { path: `${folder}/ledgerstone-verify.mjs`, text: await buildNode() },
    { path: `${folder}/ledgerstone-verify.html`, text: await buildHtml() },
  ];
  for (const { path, text } of made) await writeFile(path, text);
  return made.map(({ path, text }) => ({ path, sha256: createHash("sha256").update(text).digest("hex") }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, sha256 } of await buildVerifiers()) {
    process.stdout.write(`${sha256}  ${path.slice(root.length)}\n`);
  }
}
