import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Agent } from "node:https";
import type { Logger } from "../platform/logger.ts";
import { Backoff } from "./backoff.ts";
import { pause } from "./connection.ts";
import { callHttps, type HttpsAnswer } from "./https.ts";
import type { Outbox, TicketedImage } from "./outbox.ts";

export type UploadOptions = {
  outbox: Outbox;
  plane: () => Promise<{ base: URL; agent: Agent }>; // asked anew for each image
  log: Logger;
  parallel?: number;
  firstBackoffMs?: number;
  longestBackoffMs?: number;
};
export type UploadEnd =
  | { end: "stored" }
  | { end: "ticket-lost" }
  | { end: "file-lost"; detail: string }
  | { end: "refused"; detail: string };

// Statuses that no second attempt would change.
const refusals = [413, 415, 422];
// Statuses that say how far it got.
const partial = [202, 204, 409];
const mostPuts = 8;

// Sends ticketed images until stopped, `parallel` at a time.
export function startUploads(options: UploadOptions): { wake(): void; stop(): Promise<void> } {
  const { outbox, log, parallel = 2, firstBackoffMs = 1_000, longestBackoffMs = 60_000 } = options;
  const backoff = new Backoff(firstBackoffMs, longestBackoffMs);
  const stopped = new AbortController();
  const active = new Set<string>();
  // Tried before, so that the appliance may have some of it.
  const begun = new Set<string>();
  let nudge = new AbortController();

  const take = (): TicketedImage | undefined =>
    outbox.ticketedImages(2 * parallel).find(({ event, n }) => !active.has(`${event}.${n}`));

  const sendOne = async (image: TicketedImage, name: string) => {
    const ask = begun.has(name);
    begun.add(name);
    try {
      const { base, agent } = await options.plane();
      const end = await uploadImage(image, { base, agent, ask, signal: stopped.signal });
      begun.delete(name);
      backoff.reset();
      settle(outbox, image, end, log);
    } catch (error) {
      if (stopped.signal.aborted) return;
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, "an image could not be sent yet");
      await pause(backoff.nextMs(), stopped.signal);
    }
  };

  const lane = async () => {
    while (!stopped.signal.aborted) {
      const image = take();
      if (!image) {
        await pause(5_000, AbortSignal.any([stopped.signal, nudge.signal]));
        continue;
      }
      const name = `${image.event}.${image.n}`;
      active.add(name);
      await sendOne(image, name);
      active.delete(name);
    }
  };
  const lanes = Array.from({ length: parallel }, lane);
  return {
    wake() {
      nudge.abort();
      nudge = new AbortController();
    },
    async stop() {
      stopped.abort();
      await Promise.all(lanes);
    },
  };
}

function settle(outbox: Outbox, image: TicketedImage, end: UploadEnd, log: Logger): void {
  const { event, n } = image;
  if (end.end === "stored") outbox.imageUploaded(event, n);
  else if (end.end === "ticket-lost") outbox.ticketLost(event, n);
  else {
    log.error({ event, n, end: end.end, detail: end.detail }, "an image was given up");
    if (end.end === "refused") outbox.imageRefused(event, n, end.end, end.detail);
    else outbox.imageLost(image, end.detail);
  }
}

// Sends it from the beginning, or, with `ask`, from where the appliance says. Rejects when a later attempt may do better.
export async function uploadImage(
  image: TicketedImage,
  { base, agent, ask, signal }: { base: URL; agent: Agent; ask: boolean; signal: AbortSignal },
): Promise<UploadEnd> {
  const size = await stat(image.file).then(
    (found) => found.size,
    () => -1,
  );
  if (size !== image.bytes) return { end: "file-lost", detail: `found ${size} bytes, expected ${image.bytes}` };
  const url = new URL(image.path, base);
  let offset = 0;
  if (ask) {
    const head = await callHttps({ url, method: "HEAD", agent, signal });
    if (head.status === 404 || head.status === 410) return { end: "ticket-lost" };
    if (head.status !== 200 && head.status !== 204) throw unexpected("HEAD", head);
    offset = readOffset(head, image.bytes);
  }
  for (let puts = 0; puts < mostPuts; puts++) {
    const answer = await put(image, url, offset, agent, signal);
    if (answer.status === 404 || answer.status === 410) return { end: "ticket-lost" };
    if (refusals.includes(answer.status)) return { end: "refused", detail: shorten(answer) };
    const reached = answer.headers["upload-offset"] === undefined ? null : readOffset(answer, image.bytes);
    const taken = answer.status === 200 || answer.status === 201;
    // An answer of success with an offset in the middle means: so far, so good.
    if (taken && (reached === null || reached === image.bytes)) return { end: "stored" };
    if ((!taken && !partial.includes(answer.status)) || reached === null || reached === offset) {
      throw unexpected("PUT", answer);
    }
    offset = reached;
  }
  throw new Error(`the appliance took ${offset} of ${image.bytes} bytes in ${mostPuts} attempts`);
}

async function put(image: TicketedImage, url: URL, offset: number, agent: Agent, signal: AbortSignal) {
  const headers = {
    "upload-offset": `${offset}`,
    "content-length": `${image.bytes - offset}`,
    "content-type": "application/octet-stream",
  };
  // An empty PUT at the end of the image finishes one whose answer was lost.
  const body = offset === image.bytes ? Buffer.alloc(0) : createReadStream(image.file, { start: offset });
  return await callHttps({ url, method: "PUT", headers, body, agent, timeoutMs: 60_000, signal });
}

function readOffset(answer: HttpsAnswer, most: number): number {
  const text = answer.headers["upload-offset"] ?? "";
  const offset = Number(text);
  if (!/^\d{1,15}$/.test(text) || offset > most) throw unexpected("Upload-Offset", answer);
  return offset;
}

function unexpected(what: string, answer: HttpsAnswer): Error {
  return new Error(`${what}: status ${answer.status}, Upload-Offset ${answer.headers["upload-offset"] ?? "absent"}`);
}

function shorten({ status, body }: HttpsAnswer): string {
  return `status ${status}: ${body.toString("utf8").slice(0, 300)}`;
}
