import { join } from "node:path";
import { openSealedSource, readChunks } from "./source.ts";
import type { ImageRow } from "./store-events.ts";
import { closeWorkFile, openWorkFile, type Workplace } from "./workplace.ts";

/** Where an image's bytes are, and what they must be. */
export type ImageFile = {
  name: string;
  sha256: string;
  bytes: number;
  imageId: string;
  /** UTC day of receipt: part of the object's place. */
  day: string;
  wrappedKey: string;
  keyVersion: number;
};

export type ImageList = {
  readonly totalBytes: number;
  /** Names in the bag, each once, however many events show the same picture. */
  readonly names: ReadonlySet<string>;
  add(image: ImageRow, name: string): Promise<void>;
  finish(): Promise<void>;
};

/** The image files of a bundle, kept on disk: a month of a busy gate has more of them than memory should hold. */
export async function createImageList(workplace: Workplace): Promise<ImageList> {
  const { path, context } = place(workplace);
  const sink = await openWorkFile(workplace, path, context);
  const names = new Set<string>();
  let totalBytes = 0;
  return {
    names,
    get totalBytes() {
      return totalBytes;
    },
    async add(image, name) {
      if (names.has(name) || !image.wrappedKey) return;
      names.add(name);
      totalBytes += image.bytes;
      const file: ImageFile = {
        name,
        sha256: image.sha256.toString("hex"),
        bytes: image.bytes,
        imageId: image.imageId,
        day: image.received.slice(0, 10),
        wrappedKey: image.wrappedKey.toString("base64"),
        keyVersion: image.keyVersion ?? 1,
      };
      await sink.append(Buffer.from(`${JSON.stringify(file)}\n`));
    },
    async finish() {
      await closeWorkFile(workplace, sink);
    },
  };
}

/** The finished list, in its order. */
export async function* readImageList(workplace: Workplace): AsyncGenerator<ImageFile> {
  const { path, context } = place(workplace);
  const source = await openSealedSource(path, context);
  try {
    let rest = "";
    for await (const chunk of readChunks(source)) {
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as ImageFile;
    }
  } finally {
    await source.close();
  }
}

const place = ({ directory, key }: Workplace) => ({
  path: join(directory, "images.list"),
  context: { path: "images.list", key },
});
