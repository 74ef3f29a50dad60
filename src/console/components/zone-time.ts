/** What clocks show in a zone at an instant: `2026-11-22T08:03`. Empty for none. */
export function toLocal(instant: string, zone: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() + offsetMs(at, zone)).toISOString().slice(0, 16);
}

/** The instant at which clocks in a zone show this; of two, where clocks were set back, the earlier one or near it. */
export function fromLocal(local: string, zone: string): string {
  const shown = new Date(`${local}:00Z`);
  if (Number.isNaN(shown.getTime())) return "";
  // The offset at the instant itself may be another one than at what was typed, close to where clocks change.
  const near = new Date(shown.getTime() - offsetMs(shown, zone));
  return new Date(shown.getTime() - offsetMs(near, zone)).toISOString().replace(".000Z", "Z");
}

/** How far a zone's clocks are ahead of UTC. */
function offsetMs(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  const shown = Date.UTC(of.year!, of.month! - 1, of.day, of.hour, of.minute, of.second);
  return shown - Math.floor(at.getTime() / 1000) * 1000;
}
