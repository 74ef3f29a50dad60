import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import type { Principal } from "../audit/index.ts";
import { AppError, invalid } from "../platform/errors.ts";
import { type EventResult, eventResult, type HttpIngestDeps } from "./http-events.ts";
import type { ImageTicket } from "./incoming.ts";
import { readMessage } from "./read-message.ts";
import { type ImageDeps, uploadImage } from "./upload-image.ts";

export type MultipartResult = {
  results: EventResult[];
  /** Parts that no event of the request waits for: stored before, or never declared. Their bytes were not kept. */
  ignored: string[];
};

type Work = {
  deps: HttpIngestDeps & { images: ImageDeps };
  principal: Principal;
  siteId: string;
  results: EventResult[];
  tickets: Map<string, ImageTicket[]>;
  ignored: string[];
};

const mostParts = 1 + 200 * 16;

/**
 * `multipart/form-data`: first the part `event` (one event or an array of them), then image parts, each named by the SHA-256
 * that the event declares. The event is stored before its images are read, as over MQTT: an image that breaks off stays
 * pending, and the whole request may be sent again.
 */
export async function ingestMultipart(
  deps: HttpIngestDeps & { images: ImageDeps },
  principal: Principal,
  siteId: string,
  request: { headers: IncomingHttpHeaders; stream: Readable },
): Promise<MultipartResult> {
  const work: Work = { deps, principal, siteId, results: [], tickets: new Map(), ignored: [] };
  const parser = openParser(request.headers, deps.maxMessageBytes);
  // One part after the other: busboy waits for the reader of a part before it parses the next.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (part: () => Promise<void>, stream?: Readable): void => {
    last = last.then(part).catch((error: Error) => {
      stream?.resume();
      parser.destroy(error);
      throw error;
    });
    last.catch(() => {});
  };
  // A part may fail after the body has been read to its end: `last` tells of it then.
  parser.on("error", () => {});
  parser.on("field", (name, value, { valueTruncated }) =>
    inTurn(() => takeField(work, name, Buffer.from(value), valueTruncated)),
  );
  parser.on("file", (name, stream) => {
    stream.on("error", () => {});
    inTurn(async () => {
      if (name === "event") await takeField(work, name, await collect(stream, deps.maxMessageBytes), false);
      else await takeImage(work, name, stream);
    }, stream);
  });
  try {
    await pipeline(request.stream, parser);
  } catch (error) {
    await last;
    if (error instanceof AppError) throw error;
    throw invalid("the multipart body cannot be read", {
      found: (error as Error).message,
      expected: "RFC 7578 form data",
    });
  }
  await last;
  if (work.results.length === 0)
    throw invalid("the request has no event", { expected: "a part named event, before all others" });
  return { results: work.results, ignored: work.ignored };
}

function openParser(headers: IncomingHttpHeaders, maxMessageBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers,
      limits: { fieldSize: maxMessageBytes + 1, fields: 1, parts: mostParts, headerPairs: 20 },
    });
  } catch (cause) {
    throw invalid("the content type is not usable", {
      found: (cause as Error).message,
      expected: "multipart/form-data with a boundary",
    });
  }
}

async function takeField(work: Work, name: string, bytes: Buffer, truncated: boolean): Promise<void> {
  if (name !== "event" || work.results.length > 0) {
    throw invalid("the request has a part that is not expected", {
      found: JSON.stringify(name.slice(0, 80)),
      expected: "one part event, then images named by their SHA-256",
    });
  }
  const { maxMessageBytes } = work.deps;
  if (truncated || bytes.length > maxMessageBytes) {
    throw new AppError("too-large", "the part event is too large", { expected: `at most ${maxMessageBytes} bytes` });
  }
  const sender = { type: "api-key" as const, id: work.principal.actor.id };
  const { parsed, bytes: kept } = readMessage(bytes, maxMessageBytes);
  const items = parsed.map((each) => ({ sender, siteId: work.siteId, parsed: each, bytes: kept }));
  const { outcomes } = await work.deps.recorder.record(work.principal, items);
  for (const [n, outcome] of outcomes.entries()) {
    work.results.push(eventResult(outcome, n + 1));
    if (outcome.status === "rejected") continue;
    for (const ticket of outcome.tickets) {
      const list = work.tickets.get(ticket.sha256) ?? [];
      work.tickets.set(ticket.sha256, list);
      list.push(ticket);
    }
  }
}

async function takeImage(work: Work, sha256: string, stream: Readable): Promise<void> {
  if (work.results.length === 0) throw invalid("an image came before its event", { expected: "the part event first" });
  const ticket = work.tickets.get(sha256)?.shift();
  if (!ticket) {
    work.ignored.push(sha256.slice(0, 80));
    stream.resume();
    return;
  }
  const { images } = work.deps;
  // Not destroyed when the upload has seen enough: busboy would wait for its end for ever.
  const bytes: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) };
  let result = await uploadImage(images, work.principal, { imageId: ticket.image, offset: 0, stream: bytes });
  if (!result.ok && result.reason === "offset") {
    // An earlier request broke off: what it left is kept, what it had is passed over here.
    const { offset } = result;
    result = await uploadImage(images, work.principal, {
      imageId: ticket.image,
      offset,
      stream: without(bytes, offset),
    });
  }
  stream.resume();
  const status = result.ok && result.complete ? "stored" : result.ok ? "pending" : "mismatch";
  const image = work.results.find(({ id }) => id === ticket.event)?.images?.find(({ n }) => n === ticket.n);
  if (image) image.status = status;
}

async function* without(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of stream) {
    const passed = Math.min(left, chunk.length);
    left -= passed;
    if (passed < chunk.length) yield chunk.subarray(passed);
  }
}

async function collect(stream: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > most)
      throw new AppError("too-large", "the part event is too large", { expected: `at most ${most} bytes` });
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
