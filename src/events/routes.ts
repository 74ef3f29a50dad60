import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { timestampFromInstant } from "../record/time.ts";
import { type EventsDeps, eventDetail, searchEvents, whatCameIn } from "./index.ts";
import { eventAnswer, eventPageAnswer, receivedAnswer } from "./schema.ts";

const token = z.string().regex(/^[A-Za-z0-9._:@/+-]{1,128}$/);
const query = z.strictObject({
  site: z.union([z.uuid(), z.array(z.uuid()).max(100)]).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  kind: token.optional(),
  source: z.uuid().optional().meta({ description: "The device or API key that sent it" }),
  subject: z.string().min(1).max(128).optional(),
  text: z.string().min(2).max(200).optional(),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const receivedQuery = z.strictObject({
  span: z.enum(["day", "week", "month"]).default("day").meta({ description: "day: by hour; week, month: by UTC day" }),
  site: z.uuid().optional(),
});

export function eventRoutes(deps: EventsDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/events",
      summary: "Events by site, time of receipt, kind, subject or text; newest first.",
      permission: "events:read",
      rate: "general",
      query,
      response: eventPageAnswer,
      handler: async ({ principal, query: wanted }: { principal: Principal; query: z.output<typeof query> }) => {
        const { site, from, to, ...rest } = wanted;
        return {
          body: await searchEvents(deps, principal, {
            ...rest,
            ...(site !== undefined && { siteIds: [site].flat() }),
            ...(from && { from: timestampFromInstant(from) }),
            ...(to && { to: timestampFromInstant(to) }),
          }),
        };
      },
    }),
    defineRoute<Principal, undefined, typeof receivedQuery>({
      method: "get",
      path: "/api/v1/overview/received",
      summary: "How much came in over the last 24 hours, 7 or 30 days: events, images and bytes.",
      permission: "events:read",
      rate: "general",
      query: receivedQuery,
      response: receivedAnswer,
      handler: async ({ principal, query: { span, site } }) => ({
        body: await whatCameIn(deps.pool, principal, { span, siteId: site ?? null }),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/events/:eventId",
      summary: "One event with its body, its images and its way to the ledger row; or the tombstone in its place.",
      permission: "events:read",
      rate: "general",
      response: eventAnswer,
      handler: async ({ principal, params }) => ({ body: await eventDetail(deps, principal, params.eventId!) }),
    }),
  ];
}
