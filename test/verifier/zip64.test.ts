import assert from "node:assert/strict";
import type { RandomAccess } from "../../src/verifier/source.ts";
import { openZip } from "../../src/verifier/zip.ts";

const limit = 0xffff_ffff;
const bigBytes = 5 * 1024 ** 3;

/** A file of which only some places hold bytes; the rest is zero. Lets a ZIP beyond 4 GiB be tested without one. */
function sparse(size: number, parts: Map<number, Buffer>): RandomAccess {
  return {
    size,
    async read(from, length) {
      const bytes = Buffer.alloc(length);
      for (const [at, part] of parts) {
        const start = Math.max(from, at);
        const end = Math.min(from + length, at + part.length);
        if (start < end) part.copy(bytes, start - from, start - at, end - at);
      }
      return new Uint8Array(bytes);
    },
  };
}

function extra(...values: number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return field;
}

type Entry = { name: string; bytes: number; offset: number };

function header({ name, bytes, offset }: Entry, central: boolean): Buffer {
  const large = bytes >= limit;
  const far = central && offset >= limit;
  const values = [...(large ? [bytes, bytes] : []), ...(far ? [offset] : [])];
  const field = values.length > 0 ? extra(...values) : Buffer.alloc(0);
  const fixed = Buffer.alloc(central ? 46 : 30);
  fixed.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0);
  if (central) fixed.writeUInt16LE((3 << 8) | 45, 4);
  const at = central ? 6 : 4;
  fixed.writeUInt16LE(large ? 45 : 20, at);
  fixed.writeUInt16LE(0x21, at + 8);
  fixed.writeUInt32LE(Math.min(bytes, limit), at + 14);
  fixed.writeUInt32LE(Math.min(bytes, limit), at + 18);
  fixed.writeUInt16LE(name.length, at + 22);
  fixed.writeUInt16LE(field.length, at + 24);
  if (central) {
    fixed.writeUInt32LE(0o100644 * 0x10000, 38);
    fixed.writeUInt32LE(Math.min(offset, limit), 42);
  }
  return Buffer.concat([fixed, Buffer.from(name), field]);
}

function endRecords(entries: number, size: number, offset: number): Buffer {
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE((3 << 8) | 45, 12);
  end64.writeUInt16LE(45, 14);
  for (const [at, value] of [
    [24, entries],
    [32, entries],
    [40, size],
    [48, offset],
  ] as const) {
    end64.writeBigUInt64LE(BigInt(value), at);
  }
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(Math.min(offset, limit), 16);
  return Buffer.concat([end64, locator, end]);
}

function largeZip(spoil: (parts: Map<number, Buffer>) => void = () => undefined): RandomAccess {
  const big: Entry = { name: "data/big", bytes: bigBytes, offset: 0 };
  const bigHeader = header(big, false);
  const small: Entry = { name: "data/small", bytes: 0, offset: bigHeader.length + bigBytes };
  const smallHeader = header(small, false);
  const directoryAt = small.offset + smallHeader.length;
  const directory = Buffer.concat([header(big, true), header(small, true)]);
  const end = endRecords(2, directory.length, directoryAt);
  const parts = new Map([
    [0, bigHeader],
    [small.offset, smallHeader],
    [directoryAt, Buffer.concat([directory, end])],
  ]);
  spoil(parts);
  return sparse(directoryAt + directory.length + end.length, parts);
}

describe("ZIPs beyond 4 GiB", () => {
  const about = { label: "large.zip", encrypted: false };

  it("are opened, with sizes and offsets in 64 bits", async () => {
    const source = await openZip(largeZip(), about);
    assert.deepEqual(source.names, ["data/big", "data/small"]);
    assert.equal(source.sizeOf("data/big"), bigBytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.open("data/small")) chunks.push(chunk);
    assert.equal(chunks.length, 0);
  });

  it("are refused with any byte of their records changed", async () => {
    for (const [place, length] of [
      [0, 58],
      [1, 40],
      [2, 264],
    ] as const) {
      for (let at = 0; at < length; at++) {
        const zip = largeZip((parts) => {
          const part = [...parts.values()][place]!;
          if (at < part.length) part[at]! ^= 0x11;
          else part[0]! ^= 0x11;
        });
        await assert.rejects(openZip(zip, about), { name: "CheckFailure" }, `part ${place}, byte ${at}`);
      }
    }
  });
});
