import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { type ReceivedPoint, selectReceivedByDay, selectReceivedByHour } from "./store-received.ts";

export type Span = "day" | "week" | "month";
export type Received = {
  step: "hour" | "day";
  /** Without a gap, oldest first; the last one is still under way. */
  points: ReceivedPoint[];
  total: Omit<ReceivedPoint, "at">;
};

const days = { week: 7, month: 30 } as const;

/** What came in of the sites that the principal may see, or of one. From counters alone: as fast with ten million events as with ten. */
export async function whatCameIn(
  pool: Pool,
  principal: Principal,
  { span, siteId }: { span: Span; siteId: string | null },
): Promise<Received> {
  if (siteId !== null && principal.sites !== "all" && !principal.sites.includes(siteId)) {
    throw notFound(`site ${siteId}`);
  }
  const points = await withTenant(pool, principal, (tx) =>
    span === "day" ? selectReceivedByHour(tx, siteId) : selectReceivedByDay(tx, siteId, days[span]),
  );
  const sum = (pick: (point: ReceivedPoint) => number) => points.reduce((total, point) => total + pick(point), 0);
  return {
    step: span === "day" ? "hour" : "day",
    points,
    total: {
      events: sum(({ events }) => events),
      bytes: sum(({ bytes }) => bytes),
      images: sum(({ images }) => images),
      imageBytes: sum(({ imageBytes }) => imageBytes),
    },
  };
}
