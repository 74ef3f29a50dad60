import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ByteSink, openPlainSink, openSealedSink } from "../../src/evidence/sink.ts";
import { openSealedSource } from "../../src/evidence/source.ts";
import { createZipWriter } from "../../src/evidence/zip.ts";
import { openZip } from "../../src/verifier/index.ts";
import { run } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

describe("sealed file", () => {
  let directory: string;
  const key = randomBytes(32);
  const context = { path: "export/x/part-1", key };
  const file = (name: string) => join(directory, name);
  const write = async (name: string, bytes: Buffer, step: number) => {
    const sink = await openSealedSink(file(name), context);
    for (let at = 0; at < bytes.length; at += step) await sink.append(bytes.subarray(at, at + step));
    return sink.close();
  };

  before(async () => {
    directory = await temporaryDirectory("sealed");
  });
  after(() => removeDirectory(directory));

  for (const size of [0, 1, 65_535, 65_536, 65_537, 131_072, 3_000_001]) {
    it(`of ${size} bytes gives any of them back, also to readers at once`, async () => {
      const bytes = randomBytes(size);
      const sha256 = await write(`f${size}`, bytes, 10_007);
      assert.deepEqual(sha256, createHash("sha256").update(bytes).digest());
      const source = await openSealedSource(file(`f${size}`), context);
      assert.equal(source.size, size);
      const reads = Array.from({ length: 40 }, (_, i) => {
        const from = Math.floor((size * ((i * 17) % 40)) / 40);
        const length = Math.min(size - from, 70_000 * (i % 5));
        return source.read(from, length).then((found) => assert.deepEqual(found, bytes.subarray(from, from + length)));
      });
      await Promise.all(reads);
      assert.deepEqual(await source.read(0, size), bytes);
      await source.close();
    });
  }

  it("changed, cut off, of another place or under another key gives no byte", async () => {
    const bytes = randomBytes(200_000);
    await write("whole", bytes, 65_536);
    const sealed = await readFile(file("whole"));
    const broken = async (name: string, change: (copy: Buffer) => Buffer, wrong = context) => {
      await writeFile(file(name), change(Buffer.from(sealed)));
      await assert.rejects(async () => {
        const source = await openSealedSource(file(name), wrong);
        try {
          await source.read(0, source.size);
        } finally {
          await source.close();
        }
      }, /damaged/);
    };
    await broken("flipped", (copy) => Buffer.from(copy.fill(copy[100_000]! ^ 1, 100_000, 100_001)));
    await broken("cut", (copy) => copy.subarray(0, copy.length - 1));
    await broken("frames-cut", (copy) => copy.subarray(0, 8 + 2 * (65_536 + 32)));
    await broken("swapped", (copy) => {
      const [a, b] = [copy.subarray(8, 65_576), copy.subarray(65_576, 131_144)].map((part) => Buffer.from(part));
      return Buffer.concat([copy.subarray(0, 8), b!, a!, copy.subarray(131_144)]);
    });
    await broken("moved", (copy) => copy, { ...context, path: "export/y/part-1" });
    await broken("foreign", (copy) => copy, { ...context, key: randomBytes(32) });
  });

  it("ZIP of more than 65,535 entries is one that unzip takes", async () => {
    const path = file("large.zip");
    const sink = await openPlainSink(path);
    const zip = createZipWriter(sink);
    for (let i = 0; i < 66_000; i++) await zip.addBytes(`n/${i}`, Buffer.alloc(0));
    await zip.finish();
    await sink.close();
    const listed = await run({ name: "zipinfo", command: "zipinfo", args: ["-h", path] });
    assert.match(listed, /number of entries: 66000/);
  });

  it("ZIP with a file of more than 4 GiB, and one behind it, is one that the verifier takes", async () => {
    // Only what is not zero is kept: the ZIP is 4.4 GB long and takes no room.
    const kept: { at: number; bytes: Uint8Array }[] = [];
    const zeros = Buffer.alloc(8 * 1_048_576);
    let position = 0;
    const sink: ByteSink = {
      get position() {
        return position;
      },
      async append(chunk) {
        if (chunk !== zeros) kept.push({ at: position, bytes: chunk });
        position += chunk.length;
      },
      close: async () => Buffer.alloc(0),
      abandon: async () => {},
    };
    const zip = createZipWriter(sink);
    const count = 525;
    const bytes = count * zeros.length;
    const large = { name: "data/large", method: "stored" as const, crc: 1, bytes, packedBytes: bytes };
    await zip.add(
      large,
      Array.from({ length: count }, () => zeros),
    );
    await zip.addBytes("data/behind", Buffer.from("behind"));
    await zip.finish();
    const read = async (from: number, length: number) => {
      const target = Buffer.alloc(length);
      for (const { at, bytes: part } of kept) {
        const begin = Math.max(at, from);
        const end = Math.min(at + part.length, from + length);
        if (begin < end) target.set(part.subarray(begin - at, end - at), begin - from);
      }
      return target;
    };
    const source = await openZip({ size: position, read }, { label: "large", encrypted: false });
    assert.deepEqual(source.names, ["data/large", "data/behind"]);
    assert.equal(source.sizeOf("data/large"), bytes);
    const chunks = [];
    for await (const chunk of source.open("data/behind")) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), "behind");
  });
});
