import { createHash, X509Certificate } from "node:crypto";
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

export type ChromiumOptions = {
  /** A server's certificate, PEM: its key alone is trusted, as if its CA were installed. WebAuthn works nowhere else. */
  trust?: string;
};

/** A headless browser without network but loopback and file://. The caller closes it. */
export async function launchChromium({ trust }: ChromiumOptions = {}): Promise<Browser> {
  const pin = trust && new X509Certificate(trust).publicKey.export({ type: "spki", format: "der" });
  const trusted = pin && createHash("sha256").update(pin).digest("base64");
  return chromium.launch({
    executablePath: executable(),
    headless: true,
    chromiumSandbox: userInfo().uid !== 0,
    args: [
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
      "--disable-dev-shm-usage",
      ...(trusted ? [`--ignore-certificate-errors-spki-list=${trusted}`] : []),
    ],
  });
}
