import type { ReadMessage } from "./read-message.ts";
import { readMessage } from "./read-message.ts";

const lineFeed = 10;

/**
 * Reads newline-delimited JSON, one event a line, in the memory of one line. A line that is too long is skipped to its end
 * and refused by itself, with its beginning kept. Empty lines are no events.
 */
export async function* readNdjson(
  source: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<ReadMessage> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    // One byte more than allowed is enough to know.
    const room = maxLineBytes + 1 - length;
    if (room > 0) parts.push(chunk.subarray(0, room));
    length += Math.min(chunk.length, Math.max(room, 0));
  };
  const line = (): ReadMessage | undefined => {
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    parts = [];
    length = 0;
    return isBlank(bytes) ? undefined : readLine(bytes, maxLineBytes);
  };
  for await (const piece of source) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    let at = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, at)) {
      take(chunk.subarray(at, end));
      at = end + 1;
      const read = line();
      if (read) yield read;
    }
    if (at < chunk.length) take(chunk.subarray(at));
  }
  const last = length > 0 ? line() : undefined;
  if (last) yield last;
}

/** One line is one result, so an array in a line is refused. */
function readLine(bytes: Buffer, maxLineBytes: number): ReadMessage {
  const read = readMessage(bytes, maxLineBytes);
  if (read.parsed.length === 1 && bytes[0] !== 0x5b) return read;
  const text = bytes.toString();
  const detail = "line: found an array, expected one event object a line";
  return {
    parsed: [{ ok: false, reason: "malformed", detail, id: undefined, outbox: undefined, seq: undefined, text }],
  };
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 13 && byte !== 9) return false;
  return true;
}
