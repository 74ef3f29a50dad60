import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildVerifiers } from "../../appliance/build-verifier.ts";
import { type Given, trustText } from "./verifier-lab.ts";

export type ShownCheck = { number: number; state: string; place: string | null; details: string[] };
export type Shown = { result: string; exitCode: number; checks: ShownCheck[] };

/** The HTML verifier, opened from file:// in Chromium. */
export type VerifierPage = {
  page: Page;
  nodeFile: string;
  /** every request that the page tried, other than its own file and blobs */
  requests: string[];
  verify(given: Given): Promise<Shown>;
  verifyFolder(folder: string, given: Given): Promise<Shown>;
  stop(): Promise<void>;
};

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Fills the page, presses the button and waits for what it shows: in one step, so that a hundred bundles take seconds. */
async function runPage(page: Page, given: Given): Promise<Shown> {
  const values = {
    trust: trustText(given),
    previous: given.previous ?? "",
    "accept-epoch": given.acceptEpoch === undefined ? "" : String(given.acceptEpoch),
    passphrase: given.secrets?.passphrase ?? "",
    identities: (given.secrets?.identities ?? []).join("\n"),
  };
  await page.evaluate(pressVerify, { values, requireAll: given.requireAll ?? false });
  await page.waitForFunction(() => document.getElementById("progress")?.hidden, undefined, { polling: 10 });
  return page.evaluate(readShown);
}

function pressVerify(wanted: { values: Record<string, string>; requireAll: boolean }): void {
  for (const [id, value] of Object.entries(wanted.values)) {
    (document.getElementById(id) as HTMLInputElement).value = value;
  }
  (document.getElementById("require-all") as HTMLInputElement).checked = wanted.requireAll;
  document.getElementById("verify")!.click();
}

function readShown(): Shown {
  const view = document.getElementById("verdict");
  if (!view) throw new Error(document.getElementById("error")!.textContent ?? "");
  const checks = Array.from(view.querySelectorAll<HTMLElement>(".check"), (item) => ({
    number: Number(item.dataset.check),
    state: item.dataset.state!,
    place: item.querySelector(".place")?.textContent ?? null,
    details: Array.from(item.querySelectorAll(".detail, .note"), (line) => line.textContent ?? ""),
  }));
  return { result: view.dataset.result!, exitCode: Number(view.dataset.exit), checks };
}

export async function startVerifierPage(): Promise<VerifierPage> {
  const folder = mkdtempSync(join(tmpdir(), "ledgerstone-page-"));
  const [node, html] = await buildVerifiers(folder);
  const browser: Browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) requests.push(request.url());
  });
  await page.goto(pathToFileURL(html!.path).href);
  return {
    page,
    nodeFile: node!.path,
    requests,
    async verify(given) {
      const buffer = Buffer.from(given.bytes);
      await page.setInputFiles("#file", { name: "bundle.zip", mimeType: "application/zip", buffer });
      return runPage(page, given);
    },
    async verifyFolder(path, given) {
      await page.setInputFiles("#folder", path);
      return runPage(page, given);
    },
    async stop() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
