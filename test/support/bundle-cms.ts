import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signatureName, tagManifestName } from "../../src/record/bag.ts";
import type { Files } from "./bundle-bag.ts";

export type CmsKey = { keyFile: string; certFile: string; sha256: string };

/** Signs bags with the openssl command, so that the verifier is held against another maker of CMS than our own. */
export type CmsTool = {
  makeKey(name: string, kind: "P-256" | "RSA"): CmsKey;
  sign(files: Files, key: CmsKey, extra?: string[]): Files;
  stop(): void;
};

export function startCmsTool(): CmsTool {
  const folder = mkdtempSync(join(tmpdir(), "ledgerstone-cms-"));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });
  return {
    makeKey(name, kind) {
      const keyFile = join(folder, `${name}.key`);
      const certFile = join(folder, `${name}.crt`);
      const type = kind === "RSA" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
      const subject = `/O=Example Ltd/CN=${name}`;
      const lasting = ["-days", "36500", "-nodes", "-keyout", keyFile, "-out", certFile];
      openssl("req", "-x509", "-newkey", ...type, "-sha256", "-subj", subject, ...lasting);
      const { raw } = new X509Certificate(readFileSync(certFile));
      return { keyFile, certFile, sha256: createHash("sha256").update(raw).digest("hex") };
    },
    sign(files, { keyFile, certFile }, extra = []) {
      const input = join(folder, "content");
      const output = join(folder, "signature");
      writeFileSync(input, files.get(tagManifestName)!);
      const signer = ["-signer", certFile, "-inkey", keyFile, "-md", "sha256", "-nosmimecap"];
      openssl("cms", "-sign", "-binary", "-in", input, "-outform", "DER", "-out", output, ...signer, ...extra);
      files.set(signatureName, new Uint8Array(readFileSync(output)));
      return files;
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}
