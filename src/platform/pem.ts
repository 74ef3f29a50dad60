import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Every certificate in a PEM text (RFC 7468), in its order, as it stands there. */
export const certificateBlocks = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

/** Every certificate of a PEM file, in its order. */
export async function readCertificates(file: string): Promise<X509Certificate[]> {
  return certificateBlocks(await readFile(file, "utf8")).map((block) => new X509Certificate(block));
}
