import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Cookie, Page } from "playwright-core";
import { buildVerifiers } from "../../appliance/build-verifier.ts";
import type { StoryTenant } from "../../appliance/story/state.ts";

export type Shot = { name: string; address: string; files: string[]; faults: string[] };
/** Addresses by name; what stands behind a colon is found by a link of a page before. */
export type Pages = Readonly<Record<string, string>>;

type Session = {
  out: string;
  apiUrl: string;
  cookie?: Pick<Cookie, "name" | "value" | "secure" | "httpOnly"> & { url: string };
  pages: Pages;
};

const WIDTHS = [1280, 1920] as const;
const HEIGHT = 1000;

/** Pages of the appliance's operator alone. */
const operators: ReadonlySet<string> = new Set(["tenants"]);

/** Every page of the console that an owner has, those without ids first. */
export async function consolePaths(table: string): Promise<Pages> {
  const paths = [...(await readFile(table, "utf8")).matchAll(/\bpath: "([^"]+)"/g)].map(([, path]) => path!);
  const owners = paths.filter((path) => !operators.has(path));
  const byIds = [...new Set(owners)].sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
  return Object.fromEntries(byIds.map((path) => [path.replaceAll(":", "").replaceAll("/", "-"), `/console/${path}`]));
}

/** Where people come in, and what an auditor opens without us. */
export async function sitesOf(root: string, { name }: StoryTenant): Promise<Pages> {
  const [, html] = await buildVerifiers(join(root, "dist/verifier"));
  const slug = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return {
    login: "/login",
    "login-organisation": `/login/${slug}`,
    setup: `/setup/${slug}`,
    verifier: pathToFileURL(html!.path).href,
  };
}

/** Opens each page once and takes it in both themes and widths. */
export async function shoot(browser: Browser, { out, apiUrl, cookie, pages }: Session): Promise<Shot[]> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: "light" });
  if (cookie) await context.addCookies([cookie]);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    // An image that is erased is not found: the page shows so.
    const isErasedImage = /\/images\/\d+/.test(message.location().url);
    if (message.type() === "error" && !isErasedImage) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  const links = new Set<string>();
  const known = new Set(Object.values(pages));
  const shots: Shot[] = [];
  for (const [name, pattern] of Object.entries(pages)) {
    const address = resolveIds(
      pattern,
      [...links].filter((link) => !known.has(link)),
    );
    // What the quickstart has none of.
    if (!address) continue;
    faults.length = 0;
    await page.setViewportSize({ width: WIDTHS[0], height: HEIGHT });
    await openWhole(page, new URL(address, apiUrl).href).catch((error: Error) => faults.push(error.message));
    for (const href of await page
      .locator("main a[href]")
      .evaluateAll((all) => all.map((a) => a.getAttribute("href")!))) {
      links.add(href);
    }
    const files = await takeAll(page, out, name);
    shots.push({ name, address, files, faults: [...faults] });
  }
  await context.close();
  return shots;
}

/** With everything that it asks for. @throws Error for one without a heading. */
async function openWhole(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator("h1").first().waitFor({ timeout: 20_000 });
  await page.waitForLoadState("networkidle", { timeout: 10_000 }).catch(() => {});
  // What still loads is no picture of the page.
  const waits = page.locator(".pf-v6-c-skeleton, .pf-v6-c-spinner");
  await waits
    .first()
    .waitFor({ state: "detached", timeout: 20_000 })
    .catch(() => {});
}

async function takeAll(page: Page, out: string, name: string): Promise<string[]> {
  const files: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      const file = `${name}-${theme}-${width}.png`;
      await page.screenshot({ path: join(out, file), animations: "disabled" });
      files.push(file);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  return files;
}

/** `/console/sites/:siteId` as the first link that has its form; undefined when no page leads there. */
function resolveIds(pattern: string, links: readonly string[]): string | undefined {
  if (!/\/:\w+/.test(pattern)) return pattern;
  const form = new RegExp(`^${pattern.replace(/:\w+/g, "[^/?#]+")}$`);
  return links.find((link) => form.test(link));
}
