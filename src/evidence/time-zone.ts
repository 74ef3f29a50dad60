import type { ScopeSite } from "../record/scope.ts";
import { type Timestamp, timestampFromMillis, timestampMillis } from "../record/time.ts";

const dayMs = 86_400_000;

/**
 * Where a zone's clock stands between two instants: from when how many minutes east of UTC. Written into the bundle, so that
 * site times do not hang on the reader's time zone data.
 */
export function zoneOffsets(timeZone: string, from: Timestamp, to: Timestamp): ScopeSite["offsets"] {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const offsetAt = (ms: number): number => {
    const name = format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const match = /^GMT([+-])(\d\d):(\d\d)/.exec(name);
    return match ? (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0;
  };
  const start = Math.floor(timestampMillis(from) / 1000) * 1000;
  const end = timestampMillis(to);
  let current = offsetAt(start);
  const offsets: ScopeSite["offsets"] = [["-", current]];
  for (let at = start; at < end; at += dayMs) {
    const next = offsetAt(at + dayMs);
    if (next === current) continue;
    let before = at;
    let after = at + dayMs;
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (offsetAt(middle) === current) before = middle;
      else after = middle;
    }
    offsets.push([timestampFromMillis(after), next]);
    current = next;
  }
  return offsets;
}
