import type { z } from "zod";
import { type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { type CallerSession, defineRoute, type Route } from "../../platform/route.ts";
import { selectAnomalies } from "../anomalies/store.ts";
import { OWN_ACCOUNT } from "../permissions.ts";
import type { NoticeDeps } from "./deps.ts";
import { listNotices, ownSettings, readNotices, setWantsMail } from "./inbox.ts";
import {
  anomaliesAnswer,
  anomalyQuery,
  noticeQuery,
  noticeSettings,
  noticeSettingsAnswer,
  noticesAnswer,
  readAnswer,
  readNotices as readSchema,
  testMailAnswer,
} from "./schema.ts";
import { mailTest } from "./test-mail.ts";

type Context<B = undefined, Q = undefined> = {
  principal: Principal;
  session: CallerSession | undefined;
  body: B;
  query: Q;
};
const own = { permission: OWN_ACCOUNT, session: true } as const;

/** What a signed-in person was told, and what was unusual in the tenant. */
export function noticeRoutes({ pool, notices }: { pool: Pool; notices: NoticeDeps }): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/notices",
      summary: "Your notices, newest first.",
      ...own,
      rate: "general",
      query: noticeQuery,
      response: noticesAnswer,
      handler: async ({ principal, session, query }: Context<undefined, z.output<typeof noticeQuery>>) => {
        const page = { ...query, unread: query.unread === "true" };
        return { body: await withTenant(pool, principal, (tx) => listNotices(tx, session!.userId, page)) };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/notices/read",
      summary: "Marks notices of yours as read.",
      ...own,
      rate: "write",
      action: "notices.read",
      body: readSchema,
      response: readAnswer,
      handler: async ({ principal, session, body }: Context<z.output<typeof readSchema>>) => ({
        body: {
          read: await withTenant(pool, principal, (tx) => readNotices(tx, session!.userId, body.noticeIds ?? null)),
        },
      }),
    }),
    defineRoute({
      method: "get",
      path: "/api/v1/notices/settings",
      summary: "Whether you get e-mails beside notices, and where.",
      ...own,
      rate: "general",
      response: noticeSettingsAnswer,
      handler: async ({ principal, session }: Context) => ({
        body: await withTenant(pool, principal, (tx) => ownSettings(notices, tx, session!.userId)),
      }),
    }),
    defineRoute({
      method: "put",
      path: "/api/v1/notices/settings",
      summary: "Switches e-mails beside notices on or off for you.",
      ...own,
      rate: "settings",
      action: "notices.settings-changed",
      body: noticeSettings,
      response: noticeSettingsAnswer,
      handler: async ({ principal, session, body }: Context<z.output<typeof noticeSettings>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          await setWantsMail(tx, session!.userId, body.mail);
          return ownSettings(notices, tx, session!.userId);
        }),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/notices/test-mail",
      summary: "Sends an e-mail to your own address now, and says how the server took it.",
      ...own,
      // Each goes out: as seldom as codes do.
      rate: "auth",
      action: "notices.test-mailed",
      response: testMailAnswer,
      problems: [409, 502],
      handler: async ({ principal, session }: Context) => ({
        body: await mailTest(notices, pool, principal, session!.userId),
      }),
    }),
    defineRoute<Principal, undefined, typeof anomalyQuery>({
      method: "get",
      path: "/api/v1/anomalies",
      summary: "What was unusual in the last 90 days, newest first.",
      permission: "access:read",
      wholeTenant: true,
      rate: "general",
      query: anomalyQuery,
      response: anomaliesAnswer,
      handler: async ({ principal, query }) => ({
        body: await withTenant(pool, principal, (tx) => selectAnomalies(tx, query)),
      }),
    }),
  ];
}
