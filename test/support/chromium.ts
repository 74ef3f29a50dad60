import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Debian's Chromium, the one that CHROMIUM names, or Playwright's own build (appliance/lib/install.sh, on Ubuntu). */
function executable(): string {
  process.env.PLAYWRIGHT_BROWSERS_PATH ??= join(import.meta.dirname, "../../node_modules/.cache/browsers");
  const places = [process.env.CHROMIUM, "/usr/bin/chromium", chromium.executablePath()];
  const found = places.find((place) => place && existsSync(place));
  if (found) return found;
  throw new Error(`no Chromium at ${places.filter(Boolean).join(", ")}: run ./appliance/test, or set CHROMIUM`);
}

/** A headless browser without network but loopback and file://. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable(),
    headless: true,
    chromiumSandbox: userInfo().uid !== 0,
    args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"],
  });
}
