import sharp from "sharp";

// Runs in a process of its own: a picture that breaks the decoder, or takes all memory, takes this process and nothing else.

export type ThumbnailRequest = { id: number; bytes: Uint8Array; maxPixels: number; edge: number };
export type ThumbnailReply = { id: number; bytes: Uint8Array } | { id: number; reason: string };

// Only the decoders of what we keep: libvips knows many more, each of them attack surface.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer"],
});
sharp.cache(false);
sharp.concurrency(1);

process.on("message", (request: ThumbnailRequest) => {
  shrink(request).then(
    (bytes) => reply({ id: request.id, bytes }),
    (error: Error) => reply({ id: request.id, reason: error.message }),
  );
});
process.on("disconnect", () => process.exit(0));

function reply(message: ThumbnailReply): void {
  process.send?.(message);
}

/** WebP, turned upright, without any metadata (sharp keeps none unless told). */
function shrink({ bytes, maxPixels, edge }: ThumbnailRequest): Promise<Buffer> {
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", sequentialRead: true, pages: 1 })
    .autoOrient()
    .resize(edge, edge, { fit: "inside", withoutEnlargement: true })
    .webp({ quality: 70 })
    .timeout({ seconds: 10 })
    .toBuffer();
}
