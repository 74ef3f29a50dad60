import type { MemoryFile } from "./bag.ts";
import type { Collected, Watch } from "./collect.ts";
import type { PackOutput } from "./deliver.ts";
import type { ImageFile } from "./image-list.ts";
import type { OpenImage } from "./image-reader.ts";

export type PackInput = {
  files: MemoryFile[];
  collected: Collected;
  readImage(file: ImageFile): Promise<OpenImage>;
};

/** Puts the whole bag into the output: tag files first, for who looks into it; images last, streamed. */
export async function packBag(
  output: Pick<PackOutput, "add">,
  { files, collected, readImage }: PackInput,
  watch: Watch,
): Promise<void> {
  for (const file of files) await output.add(file, [file.content]);
  for (const part of collected.parts) await output.add(part, part.read());
  const total = collected.images.totalBytes;
  let done = 0;
  for await (const image of readAhead(collected.images.read(), readImage)) {
    watch.signal?.throwIfAborted();
    await output.add(image, image.chunks);
    done += image.bytes;
    watch.onProgress?.(done, total);
  }
}

/** Decrypts the next image while this one is written: at most two are in memory. */
async function* readAhead(
  files: AsyncGenerator<ImageFile>,
  readImage: PackInput["readImage"],
): AsyncGenerator<OpenImage> {
  let next: Promise<OpenImage> | undefined;
  try {
    for await (const file of files) {
      const current = next;
      next = readImage(file);
      // Its failure is met when its turn comes; until then it must not count as unhandled.
      next.catch(() => {});
      if (current) yield await current;
    }
    if (next) yield await next;
  } finally {
    await next?.catch(() => {});
  }
}
