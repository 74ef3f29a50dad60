import { Agent, request } from "undici";
import {
  APPLIANCE_PERMISSIONS,
  createApiKey,
  csrfToken,
  newApiKeySchema,
  OWN_ACCOUNT,
  SESSION_COOKIE,
} from "../../src/identity/index.ts";
import { loadConfig, readSecret } from "../../src/platform/config.ts";
import type { PublicRoute, Route } from "../../src/platform/route.ts";
import { openPersons, type Person } from "../identity/persons.ts";
import type { Answer, Appliance } from "../support/appliance.ts";
import { routes, tables } from "./openapi-document.ts";

export type TableRoute = Omit<Route<never>, "handler">;
export type AnyTableRoute = Omit<PublicRoute, "handler"> & Partial<Pick<TableRoute, "permission" | "session">>;
export type Sending = { path?: string; body?: unknown; headers?: Record<string, string> };

export const walked: readonly TableRoute[] = routes as never;
export const walkedPublic: readonly AnyTableRoute[] = tables.publicRoutes as never;
export const nameIt = ({ method, path }: { method: string; path: string }): string => `${method.toUpperCase()} ${path}`;
export const isMutation = ({ method }: { method: string }): boolean => method !== "get" && method !== "head";

/** Routes of the appliance's operator: no tenant's credential ever has their permissions. */
export const isOperators = ({ permission }: AnyTableRoute): boolean =>
  (APPLIANCE_PERMISSIONS as readonly string[]).includes(permission ?? "");

export const unknownId = "00000000-0000-4000-8000-00000000dead";
const filled = (path: string): string => path.replace(/:slug/g, "no-such-tenant").replace(/:\w+/g, unknownId);

export type Callers = {
  /** A key of the tenant with these permissions, whoever might give them. */
  key(tenantId: string, permissions: readonly string[]): Promise<string>;
  /** Headers of somebody signed in as an owner of the tenant. */
  owner(tenantId: string): Promise<Record<string, string>>;
  /** One request; a body that is no string or buffer goes as JSON. */
  send(route: AnyTableRoute, credential: Record<string, string>, sending?: Sending): Promise<Answer>;
  stop(): Promise<void>;
};

export const byKey = (key: string): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {});
const bySession = ({ token }: Person): Record<string, string> => ({
  cookie: `${SESSION_COOKIE}=${token}`,
  "x-csrf-token": csrfToken(token),
});

export async function openCallers(appliance: Appliance): Promise<Callers> {
  const persons = await openPersons(appliance);
  const config = await loadConfig(appliance.configFile);
  const pepper = await readSecret(config.apiKeys.pepperFile, "apiKeys.pepperFile");
  const agent = new Agent({ connect: { ca: appliance.ca }, keepAliveTimeout: 1_000 });
  let people = 0;
  return {
    async key(tenantId, permissions) {
      const wanted = newApiKeySchema.parse({
        name: "walker",
        permissions: permissions.filter((p) => p !== OWN_ACCOUNT),
      });
      return (await persons.inTenant(tenantId, (tx) => createApiKey(tx, pepper, wanted))).key;
    },
    owner: async (tenantId) => bySession(await persons.make(tenantId, `walker-${people++}`, [{ role: "owner" }])),
    async send(route, credential, { path = route.path, body, headers }: Sending = {}) {
      const isRaw = typeof body === "string" || Buffer.isBuffer(body);
      const type = route.form ? "application/x-www-form-urlencoded" : (route.media ?? "application/json");
      const response = await request(appliance.apiUrl + filled(path), {
        dispatcher: agent,
        method: route.method.toUpperCase() as "GET",
        headers: { ...credential, ...(body !== undefined && { "content-type": type }), ...headers },
        body: body === undefined ? null : isRaw ? body : JSON.stringify(body),
      });
      const text = await response.body.text();
      return {
        status: response.statusCode,
        headers: response.headers as Record<string, string>,
        body: text,
        json: () => JSON.parse(text),
      };
    },
    async stop() {
      await agent.close();
      await persons.stop();
    },
  };
}
