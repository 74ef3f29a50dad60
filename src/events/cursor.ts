import { invalid } from "../platform/errors.ts";
import { isUuid } from "../record/text.ts";
import { isTimestamp, type Timestamp } from "../record/time.ts";

/** A place in the order newest first: everything after it is older. */
export type Cursor = { received: Timestamp; eventId: string };

/** Opaque to clients; holds nothing secret. */
export function encodeCursor({ received, eventId }: Cursor): string {
  return Buffer.from(`${received} ${eventId}`).toString("base64url");
}

export function decodeCursor(text: string): Cursor {
  const [received = "", eventId = "", ...rest] = Buffer.from(text, "base64url").toString("latin1").split(" ");
  if (rest.length > 0 || !isTimestamp(received) || !isUuid(eventId)) {
    throw invalid("the cursor is not one of ours", {
      expected: "the field next of an earlier answer",
      remedy: "begin anew without it",
    });
  }
  return { received, eventId };
}
