import type { Watch } from "./collect.ts";
import type { PackOutput } from "./deliver.ts";
import type { ImageFile } from "./image-list.ts";
import type { OpenImage } from "./image-reader.ts";
import type { Prepared } from "./prepared.ts";

/**
 * Puts the whole bag into the output: tag files first, for who looks into it; images last, streamed. What an earlier attempt
 * put there is passed by.
 */
export async function packBag(
  output: Pick<PackOutput, "kept" | "add">,
  { files, parts, images }: Prepared,
  readImage: (file: ImageFile) => Promise<OpenImage>,
  watch: Watch,
): Promise<void> {
  let keeping = true;
  for (const file of files) {
    keeping &&= await output.kept(file);
    if (!keeping) await output.add(file, [file.content]);
  }
  for (const part of parts) {
    keeping &&= await output.kept(part);
    if (!keeping) await output.add(part, part.read());
  }
  let done = 0;
  const report = (bytes: number) => {
    watch.signal?.throwIfAborted();
    done += bytes;
    watch.onProgress?.(done, images.totalBytes);
  };
  const missing = async function* (): AsyncGenerator<ImageFile> {
    for await (const file of images.list()) {
      const { name, bytes } = file;
      keeping &&= await output.kept({ name, method: "stored", bytes, packedBytes: bytes });
      if (keeping) report(bytes);
      else yield file;
    }
  };
  for await (const image of readAhead(missing(), readImage)) {
    watch.signal?.throwIfAborted();
    await output.add(image, image.chunks);
    report(image.bytes);
  }
}

/** Decrypts the next image while this one is written: at most two are in memory. */
async function* readAhead(
  files: AsyncGenerator<ImageFile>,
  readImage: (file: ImageFile) => Promise<OpenImage>,
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
