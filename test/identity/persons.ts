import assert from "node:assert/strict";
import { Agent, request } from "undici";
import { type Principal, systemPrincipal, type TenantTx, withTenant } from "../../src/audit/index.ts";
import {
  type BuiltinRole,
  createUser,
  csrfToken,
  deactivateUser,
  grantRole,
  SESSION_COOKIE,
  startSession,
} from "../../src/identity/index.ts";
import { createKeyring, loadMasterKey, subjectHasher } from "../../src/keys/index.ts";
import { loadConfig } from "../../src/platform/config.ts";
import { createPool, type Pool } from "../../src/platform/db.ts";
import {
  type Answer,
  type Appliance,
  type ApplianceOptions,
  type ApplianceTenant,
  startAppliance,
} from "../support/appliance.ts";

/** Somebody at a browser: an account of an appliance's tenant with an open session. */
export type Person = {
  userId: string;
  userName: string;
  token: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The same person at another browser. */
  again(strength?: 1 | 2): Promise<Person>;
};

export type Held = { role: BuiltinRole | { roleId: string }; sites?: string[]; expiresAt?: string };

export type Persons = {
  pool: Pool;
  make(tenantId: string, userName: string, held: Held[], strength?: 1 | 2): Promise<Person>;
  /** Somebody whom others have made. */
  signIn(tenantId: string, who: { userId: string; userName: string }, strength?: 1 | 2): Promise<Person>;
  /** Work in a tenant by the appliance's own hand. */
  inTenant<T>(tenantId: string, work: (tx: TenantTx) => Promise<T>): Promise<T>;
  deactivate(tenantId: string, userId: string): Promise<void>;
  stop(): Promise<void>;
};

/** People of a running appliance, made through its database by the verbs that the appliance uses. */
export async function openPersons(appliance: Pick<Appliance, "configFile" | "apiUrl" | "ca">): Promise<Persons> {
  const config = await loadConfig(appliance.configFile);
  const pool = await createPool(config.postgres, "app", { max: 4 });
  const keyring = createKeyring(await loadMasterKey(config.keys.masterKeyFile));
  const deps = {
    hashSubject: subjectHasher(keyring),
  };
  const agent = new Agent({ connect: { ca: appliance.ca }, keepAliveTimeout: 1_000 });
  const by = (tenantId: string): Principal => systemPrincipal(tenantId, "test", "cli");
  const inTenant = <T>(tenantId: string, work: (tx: TenantTx) => Promise<T>) => withTenant(pool, by(tenantId), work);

  async function signIn(tenantId: string, who: { userId: string; userName: string }, strength: 1 | 2): Promise<Person> {
    const { token } = await inTenant(tenantId, (tx) =>
      startSession(deps, tx, { userId: who.userId, via: "web", strength, address: "127.0.0.1", userAgent: "test" }),
    );
    return {
      ...who,
      token,
      again: (next = 2) => signIn(tenantId, who, next),
      call: (method, path, body, headers) => send(agent, appliance.apiUrl, { token, method, path, body, headers }),
    };
  }

  return {
    pool,
    inTenant,
    signIn: (tenantId, who, strength = 2) => signIn(tenantId, who, strength),
    async make(tenantId, userName, held, strength = 2) {
      const named = { userName, displayName: userName, email: null, source: "local", externalId: null } as const;
      const { userId } = await inTenant(tenantId, (tx) => createUser(deps, tx, named));
      for (const { role, sites, expiresAt } of held) {
        const wanted = typeof role === "string" ? { builtin: role } : role;
        await inTenant(tenantId, (tx) =>
          grantRole(tx, null, { to: { userId }, role: wanted, siteIds: sites ?? null, expiresAt: expiresAt ?? null }),
        );
      }
      return signIn(tenantId, { userId, userName }, strength);
    },
    async deactivate(tenantId, userId) {
      await inTenant(tenantId, (tx) => deactivateUser(deps, tx, userId, "test"));
    },
    async stop() {
      await agent.close();
      await pool.end();
    },
  };
}

type Sent = {
  token: string;
  method: string;
  path: string;
  body?: unknown;
  headers: Record<string, string> | undefined;
};

async function send(agent: Agent, url: string, { token, method, path, body, headers }: Sent): Promise<Answer> {
  const answer = await request(`${url}${path}`, {
    dispatcher: agent,
    method: method as "GET",
    headers: {
      cookie: `${SESSION_COOKIE}=${token}`,
      "x-csrf-token": csrfToken(token),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    headers: answer.headers as Record<string, string>,
    body: text,
    json: () => JSON.parse(text),
  };
}

/** An appliance with one tenant, Alder, whose owner is Ada. */
export type Alder = {
  appliance: Appliance;
  persons: Persons;
  tenant: ApplianceTenant;
  ada: Person;
  stop(): Promise<void>;
};

export async function openAlder(options: ApplianceOptions = {}): Promise<Alder> {
  const appliance = await startAppliance(options);
  let persons: Persons | undefined;
  const stop = async () => {
    await persons?.stop();
    await appliance.stop();
  };
  try {
    persons = await openPersons(appliance);
    const tenant = await appliance.createTenant("Alder");
    const ada = await persons.make(tenant.tenantId, "ada", [{ role: "owner" }]);
    return { appliance, persons, tenant, ada, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The answer's body; fails on another status. */
export function is<T = unknown>(answer: Answer, status: number): T {
  assert.equal(answer.status, status, answer.body);
  return (answer.body === "" ? undefined : answer.json()) as T;
}
