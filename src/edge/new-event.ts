import { invalid } from "../platform/errors.ts";
import { parseWireEvents, wireLimits } from "../record/wire.ts";
import type { ImageSource } from "./outbox-images.ts";

export type NewEvent = {
  kind: string;
  occurred?: string; // RFC 3339 UTC; now when absent
  body: unknown; // any JSON
  subjects?: string[];
  images?: ImageSource[];
};
export type CheckedEvent = { id: string; kind: string; occurred: string; body: string; subjects: string[] };

const mostBodyBytes = 65_536;

// What the appliance would reject is refused here, where somebody can still mend it.
export function checkNewEvent(id: string, event: NewEvent, now: number): CheckedEvent {
  const { kind, occurred = new Date(now).toISOString(), subjects = [], images = [] } = event;
  const body = JSON.stringify(event.body);
  if (body === undefined) throw invalid("the event has no body", { expected: "any JSON value" });
  const bytes = Buffer.byteLength(body);
  if (bytes > mostBodyBytes) {
    throw invalid("the body is too large", { found: `${bytes} bytes`, expected: `at most ${mostBodyBytes}` });
  }
  if (images.length > wireLimits.images) {
    throw invalid("too many images", { found: `${images.length}`, expected: `at most ${wireLimits.images} an event` });
  }
  // In an array, as it may travel: that takes one level of the depth that the appliance allows.
  const [parsed] = parseWireEvents(
    `[{${JSON.stringify({ id, kind, occurred, subjects }).slice(1, -1)},"body":${body}}]`,
  );
  if (!parsed?.ok) throw invalid("the appliance would reject this event", { found: parsed?.detail ?? "nothing" });
  return { id, kind, occurred, body, subjects };
}
