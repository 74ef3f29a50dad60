import { AppError, invalid } from "../platform/errors.ts";
import { decodeJsonBytes } from "../record/json.ts";
import { FormatError } from "../record/text.ts";
import { parseWireEvents } from "../record/wire.ts";
import type { ReadMessage } from "./read-message.ts";

const mostEvents = 10_000;

/**
 * Reads a request's JSON array (or one object) of events. What is no JSON at all is the request's fault, not an event's:
 * nothing is stored of it, and the sender is told at once.
 * @throws AppError `too-large`, `invalid`.
 */
export async function readArray(source: AsyncIterable<Uint8Array>, mostBytes: number): Promise<ReadMessage> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > mostBytes) {
      throw new AppError("too-large", "the array is too large", {
        expected: `at most ${mostBytes} bytes`,
        remedy: "send NDJSON, which has no limit but that of a line",
      });
    }
    parts.push(chunk);
  }
  try {
    return { parsed: parseWireEvents(decodeJsonBytes(Buffer.concat(parts)), { plain: true, maxEvents: mostEvents }) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw invalid("the body is no array of events", { found: error.message, expected: `1 to ${mostEvents} events` });
  }
}
