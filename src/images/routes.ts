import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Principal } from "../audit/index.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { type ImagesDeps, type OpenedImage, openImage } from "./index.ts";

/** At most 16 images an event. */
const params = { n: /^(?:[0-9]|1[0-5])$/ };

/** Images as they came, and small. Each view is told in the ledger. */
export function imageRoutes(deps: ImagesDeps): Route<Principal>[] {
  const route = (path: string, summary: string, thumbnail: boolean): Route<Principal> =>
    defineRoute<Principal>({
      method: "get",
      path,
      summary,
      permission: "images:read",
      rate: "images",
      params,
      sends: thumbnail ? ["image/webp"] : ["image/jpeg", "image/png", "image/webp"],
      async handler({ principal, params: { eventId, n }, res }) {
        const image = await openImage(deps, principal, { eventId: eventId!, n: Number(n), thumbnail });
        await sendImage(res, image);
        return undefined;
      },
    });
  return [
    route("/api/v1/events/:eventId/images/:n", "An event's image, to the byte as it came.", false),
    route("/api/v1/events/:eventId/images/:n/thumbnail", "A small WebP of an event's image.", true),
  ];
}

/** The first part is read before the head goes out: a missing or damaged file is an error, not an empty image. */
async function sendImage(res: ServerResponse, { mediaType, bytes, content }: OpenedImage): Promise<void> {
  const first = await content.next();
  res.setHeader("content-type", mediaType);
  res.setHeader("cache-control", "no-store");
  if (bytes !== null) res.setHeader("content-length", bytes);
  async function* parts() {
    if (!first.done) yield first.value;
    yield* content;
  }
  await pipeline(Readable.from(parts()), res).catch((error: NodeJS.ErrnoException) => {
    // The reader went away.
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
}
