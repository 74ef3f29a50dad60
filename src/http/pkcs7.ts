import { X509Certificate } from "node:crypto";

/**
 * A certs-only SignedData (RFC 5652 section 5, RFC 7030 section 4.1.3), DER: a bag of certificates, nothing signed.
 */
export function degeneratePkcs7(pems: readonly string[]): Buffer {
  const certificates = pems.map((pem) => new X509Certificate(pem).raw);
  const data = sequence(oid("2a864886f70d010701"));
  const signedData = sequence(
    Buffer.from("020101", "hex"),
    tagged(0x31),
    data,
    tagged(0xa0, ...certificates),
    tagged(0x31),
  );
  return sequence(oid("2a864886f70d010702"), tagged(0xa0, signedData));
}

const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, ...parts);

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
