import assert from "node:assert/strict";
import { Agent, request } from "undici";
import { loadSigner, systemPrincipal, type TenantTx, verifyChain, withTenant } from "../../../src/audit/index.ts";
import { createUser, type IdentityDeps, startSession, type User } from "../../../src/identity/index.ts";
import { createKeyring, loadMasterKey, subjectHasher } from "../../../src/keys/index.ts";
import { loadConfig } from "../../../src/platform/config.ts";
import { createPool } from "../../../src/platform/db.ts";
import type { Appliance, ApplianceTenant } from "../../support/appliance.ts";
import { type ScimClient, scimClient, scimToken } from "../../support/scim.ts";

export const CORE = "urn:ietf:params:scim:schemas:core:2.0";
export const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
export const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

export type ScimTenant = ApplianceTenant & { scim: ScimClient; token: string; keyId: string };
export type Json = { [name: string]: Json } & { id: string } & Json[] & string;

/** The running app over HTTPS, two tenants with a directory each, and a hand inside for what directories cannot do. */
export type Lab = {
  appliance: Appliance;
  alder: ScimTenant;
  birch: ScimTenant;
  deps: IdentityDeps;
  inside<T>(tenant: ApplianceTenant, work: (tx: TenantTx) => Promise<T>): Promise<T>;
  /** An account of the appliance's own. */
  localUser(tenant: ApplianceTenant, userName: string): Promise<User>;
  /** The Cookie header of a new session. */
  signIn(tenant: ApplianceTenant, userId: string): Promise<string>;
  /** Asks the app as a browser or a key's holder does. */
  ask(path: string, headers: Record<string, string>): Promise<number>;
  post(path: string, headers: Record<string, string>, body: object): Promise<{ status: number; body: string }>;
  /** Actions of the tenant's rows from `after` on, oldest first, with actor and channel. */
  rows(
    tenant: ApplianceTenant,
    after?: number,
  ): Promise<{ seq: number; action: string; who: string; entity: string }[]>;
  verify(): Promise<void>;
  stop(): Promise<void>;
};

/** Two new tenants of the appliance, which outlives the lab. */
export async function openScimLab(appliance: Appliance): Promise<Lab> {
  const config = await loadConfig(appliance.configFile);
  const pool = await createPool(config.postgres, "app");
  const keyring = createKeyring(await loadMasterKey(config.keys.masterKeyFile));
  const deps: IdentityDeps = {
    hashSubject: subjectHasher(keyring),
  };
  const tenant = async (name: string): Promise<ScimTenant> => {
    const made = await appliance.createTenant(name);
    const { token, keyId } = await scimToken(appliance, made.apiKey);
    return { ...made, token, keyId, scim: scimClient(appliance, token) };
  };
  const dispatcher = new Agent({ connect: { ca: appliance.ca }, keepAliveTimeout: 1_000 });
  const alder = await tenant("Alder");
  const birch = await tenant("Birch");
  const inside: Lab["inside"] = ({ tenantId }, work) =>
    withTenant(pool, systemPrincipal(tenantId, "test", "cli"), work);
  return {
    appliance,
    alder,
    birch,
    deps,
    inside,
    localUser: (of, userName) =>
      inside(of, (tx) =>
        createUser(deps, tx, { userName, displayName: userName, email: null, source: "local", externalId: null }),
      ),
    async signIn(of, userId) {
      const wanted = { userId, via: "saml", strength: 2, address: "127.0.0.1", userAgent: "test" } as const;
      const { token } = await inside(of, (tx) => startSession(deps, tx, wanted));
      return `__Host-ledgerstone=${token}`;
    },
    async ask(path, headers) {
      const { statusCode, body } = await request(`${appliance.apiUrl}${path}`, { headers, dispatcher });
      await body.dump();
      return statusCode;
    },
    async post(path, headers, content) {
      const { statusCode, body } = await request(`${appliance.apiUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(content),
        dispatcher,
      });
      return { status: statusCode, body: await body.text() };
    },
    async rows({ tenantId }, after = 0) {
      const { rows } = await appliance.superuser.query(
        `select seq::int, action, actor_type || ' ' || actor_id || ' ' || via as who, entity_type || ' ' || entity_id as entity
           from ledger.rows where tenant_id = $1 and seq > $2 order by seq`,
        [tenantId, after],
      );
      return rows;
    },
    async verify() {
      const { publicKey } = await loadSigner(config.keys.signingKeyFile);
      const sealed = {
        appliance: config.appliance.id,
        publicKeys: [publicKey],
        witnessDirectories: config.witness.directories,
      };
      for (const { tenantId } of [alder, birch]) {
        const report = await verifyChain(pool, tenantId, sealed);
        assert.ok(report.ok, JSON.stringify(report.faults));
      }
    },
    async stop() {
      await alder.scim.close();
      await birch.scim.close();
      await dispatcher.close();
      await pool.end();
    },
  };
}

export const user = (fields: object): Record<string, unknown> => ({ schemas: [`${CORE}:User`], ...fields });
export const group = (fields: object): Record<string, unknown> => ({ schemas: [`${CORE}:Group`], ...fields });
export const patch = (...operations: object[]) => ({ schemas: [PATCH], Operations: operations });
export const filtered = (filter: string, more = ""): string => `?filter=${encodeURIComponent(filter)}${more}`;

/** For taking apart. */
export const fields = (json: Json | undefined): Record<string, unknown> =>
  (json ?? {}) as object as Record<string, unknown>;

type Answered = Awaited<ReturnType<ScimClient["send"]>>;

/** The body of an answer that must have this status. */
export function ok(answer: Answered, status = 200): Json {
  assert.equal(answer.status, status, answer.body);
  if (answer.body !== "") assert.equal(answer.type, "application/scim+json");
  return answer.body === "" ? ({} as Json) : answer.json<Json>();
}

/** Fails unless it is SCIM's error of this status and scimType. */
export function refused(answer: Answered, status: number, scimType?: string, what = ""): void {
  assert.equal(answer.status, status, `${what} ${answer.body}`);
  assert.equal(answer.type, "application/scim+json", what);
  const error = answer.json<{ schemas: string[]; status: string; scimType?: string; detail: string }>();
  assert.deepEqual(error.schemas, [ERROR]);
  assert.equal(error.status, String(status));
  assert.equal(error.scimType, scimType, `${what} ${answer.body}`);
  assert.ok(error.detail.length > 5);
}
