import { decodeJsonBytes } from "../record/json.ts";
import { FormatError } from "../record/text.ts";
import { type ParsedEvent, parseWireEvents, type RejectReason } from "../record/wire.ts";

/** A message's events. When it is no readable message: one refusal that keeps its bytes. */
export type ReadMessage = { parsed: ParsedEvent[]; bytes?: Uint8Array };

/** Never throws for what a sender can send. Ids are looked at later, when it is known what the sender may send. */
export function readMessage(payload: Uint8Array, maxMessageBytes: number): ReadMessage {
  if (payload.length > maxMessageBytes) {
    return unreadable(
      "oversize",
      `message: found ${payload.length} bytes, expected at most ${maxMessageBytes}`,
      payload,
    );
  }
  try {
    return { parsed: parseWireEvents(decodeJsonBytes(payload), { plain: true }) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return unreadable("malformed", `message: ${error.message}`, payload);
  }
}

function unreadable(reason: RejectReason, detail: string, payload: Uint8Array): ReadMessage {
  const refused: ParsedEvent = {
    ok: false,
    reason,
    detail,
    id: undefined,
    outbox: undefined,
    seq: undefined,
    text: "",
  };
  return { parsed: [refused], bytes: Uint8Array.from(payload) };
}
