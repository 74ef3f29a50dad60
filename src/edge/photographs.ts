import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { invalid } from "../platform/errors.ts";

// Loads every JPEG of a folder and its sub-folders, in a fixed order.
export async function loadPhotographs(folder: string): Promise<Buffer[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const photographs = await Promise.all(names.map((name) => readFile(join(folder, name))));
  const usable = photographs.filter((data) => data.readUInt16BE(0) === startOfImage);
  if (usable.length > 0) return usable;
  throw invalid("the folder has no photographs", { found: folder, expected: "JPEG files" });
}

const startOfImage = 0xffd8;

// The same picture as a camera would deliver it another time: a comment segment (ITU-T T.81, B.2.4.5) makes the file
// another one, so that nothing downstream can take two passages for one.
export function stampPhotograph(photograph: Buffer, comment: string): Buffer {
  const text = Buffer.from(comment, "utf8");
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([photograph.subarray(0, 2), segment, text, photograph.subarray(2)]);
}
