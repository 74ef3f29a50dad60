// Photographs every page as the owner sees it on the quickstart's data: light and dark, 1280 and 1920 wide. For people to look at.
//   npm run screenshots                   brings the quickstart up in a folder of its own, and removes it after
//   npm run screenshots -- --dir var      takes the quickstart that runs under ./var
//   --out DIR                             another folder than var/screenshots
// Fails when a page complains in the browser's console or has no heading.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadState, type StoryTenant } from "../../appliance/story/state.ts";
import { findUserByName, SESSION_COOKIE } from "../../src/identity/index.ts";
import { openPersons } from "../identity/persons.ts";
import { launchChromium } from "../support/chromium.ts";
import { consolePaths, type Shot, shoot, sitesOf } from "./shoot.ts";

const root = join(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: { dir: { type: "string" }, out: { type: "string", default: "var/screenshots" } },
});
const out = resolve(values.out);

process.exitCode = values.dir ? await photograph(resolve(values.dir)) : await withQuickstart(photograph);

async function withQuickstart(work: (dir: string) => Promise<number>): Promise<number> {
  const parent = await mkdtemp(join(tmpdir(), "ledgerstone-screenshots-"));
  const dir = join(parent, "var");
  try {
    await story(["--dir", dir]);
    return await work(dir);
  } finally {
    await story(["--purge", "--dir", dir]);
    await rm(parent, { recursive: true, force: true });
  }
}

async function story(args: string[]): Promise<void> {
  const command = join(root, "appliance/quickstart");
  const code = await new Promise((ended) => spawn(command, args, { stdio: "inherit" }).on("exit", ended));
  if (code !== 0) throw new Error(`./appliance/quickstart ${args.join(" ")} ended with ${code}`);
}

async function photograph(dir: string): Promise<number> {
  const state = loadState(dir);
  const tenant = state?.tenants[0];
  if (!state?.done.includes("people") || !tenant)
    throw new Error(`${dir} holds no quickstart that was told to its end`);
  const apiUrl = `https://localhost:${state.ports.https}`;
  const ca = await readFile(join(dir, "pki/ca.pem"), "utf8");
  await mkdir(out, { recursive: true });
  const persons = await openPersons({ configFile: join(dir, "ledgerstone.yaml"), apiUrl, ca });
  const browser = await launchChromium();
  try {
    const owner = await persons.inTenant(tenant.tenantId, (tx) => findUserByName(tx, "owner"));
    const { token } = await persons.signIn(tenant.tenantId, owner!);
    const cookie = { name: SESSION_COOKIE, value: token, url: apiUrl, secure: true, httpOnly: true };
    const shots = [
      ...(await shoot(browser, {
        out,
        cookie,
        pages: await consolePaths(join(root, "src/console/app/pages.tsx")),
        apiUrl,
      })),
      ...(await shoot(browser, { out, cookie, pages: { account: "/account" }, apiUrl })),
      ...(await shoot(browser, { out, pages: await sitesOf(root, tenant), apiUrl })),
    ];
    await writeFile(join(out, "index.html"), contactSheet(tenant, shots));
    return report(shots);
  } finally {
    await browser.close();
    await persons.stop();
  }
}

function report(shots: readonly Shot[]): number {
  for (const { name, address, faults, files } of shots) {
    process.stdout.write(
      `${faults.length === 0 ? "ok   " : "FAULT"} ${name.padEnd(28)} ${address}  ${files.length} files\n`,
    );
    for (const fault of faults) process.stdout.write(`      ${fault}\n`);
  }
  const bad = shots.filter(({ faults }) => faults.length > 0).length;
  process.stdout.write(`${shots.length} pages, ${bad} with faults: ${join(out, "index.html")}\n`);
  return bad > 0 ? 1 : 0;
}

function contactSheet({ name }: StoryTenant, shots: readonly Shot[]): string {
  const figures = shots.map(
    (shot) =>
      `<h2>${shot.name}</h2><p>${shot.files.map((file) => `<a href="${file}"><img src="${file}" width="600" loading="lazy" alt="${file}"></a>`).join("\n")}</p>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>Screenshots</title><h1>The console of ${name.replace(/[<&]/g, "")}</h1>\n${figures.join("\n")}\n`;
}
