import { hash } from "node:crypto";

const blockBytes = 64;
const prefix = "ledgerstone/unit/v1\nbody\n";

/**
 * The hash of unit `body`, hex: what record/unit.ts makes of the same salt and body, for a thread that does it 30,000 times
 * a second. It reuses its buffers, so it must stay without await.
 */
export function createBodyHash(): (salt: Uint8Array, body: string, bodyBytes: number) => string {
  let inner = Buffer.alloc(blockBytes + prefix.length + 65_536);
  const outer = Buffer.alloc(blockBytes + 32);
  inner.write(prefix, blockBytes, "latin1");
  return (salt, body, bodyBytes) => {
    const length = blockBytes + prefix.length + bodyBytes;
    if (inner.length < length) {
      inner = Buffer.alloc(length);
      inner.write(prefix, blockBytes, "latin1");
    }
    inner.fill(0x36, salt.length, blockBytes);
    outer.fill(0x5c, salt.length, blockBytes);
    for (let i = 0; i < salt.length; i++) {
      inner[i] = salt[i]! ^ 0x36;
      outer[i] = salt[i]! ^ 0x5c;
    }
    inner.write(body, blockBytes + prefix.length, "utf8");
    outer.write(hash("sha256", inner.subarray(0, length), "hex"), blockBytes, "hex");
    return hash("sha256", outer, "hex");
  };
}
