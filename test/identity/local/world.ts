import assert from "node:assert/strict";
import { Secret, TOTP } from "otpauth";
import type { Principal, TenantTx } from "../../../src/audit/index.ts";
import { verifyChain, withTenant } from "../../../src/audit/index.ts";
import { createPasswordHasher, type SignInDeps } from "../../../src/identity/index.ts";
import { type Invitation, invite } from "../../../src/identity/local/administer.ts";
import type { Knock } from "../../../src/identity/local/deps.ts";
import { setPasswordByLink } from "../../../src/identity/local/links.ts";
import { beginTotp, confirmTotp } from "../../../src/identity/mfa/factors.ts";
import { subjectHasher } from "../../../src/keys/index.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../../support/seed.ts";

export type Mail = { to: string; subject: string; text: string };
export type LocalWorld = {
  database: TestDatabase;
  tenant: SeededTenant;
  deps: SignInDeps;
  mails: Mail[];
  /** Milliseconds of the clock that codes are checked by. */
  clock: { now: number };
  knock: Knock;
  admin<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>;
  /** Actions in the tenant's chain, oldest first. */
  actions(): Promise<string[]>;
  /** The content of the newest unit of an action. */
  unit(action: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
};

export const password = "gravel umbrella ninety tin";

export async function localWorld(more: Partial<SignInDeps> = {}): Promise<LocalWorld> {
  const database = await testDatabase();
  const pool = database.pool("app");
  const seed = seedDeps(pool, "unused");
  const tenant = await seedTenant(seed);
  const mails: Mail[] = [];
  const clock = { now: Date.now() };
  const deps: SignInDeps = {
    pool,
    hashSubject: subjectHasher(seed.keyring),
    seal: seed.keyring.seal,
    unseal: seed.keyring.unseal,
    publicUrl: "https://ledgerstone.example",
    mailer: {
      send: async (mail) => {
        mails.push(mail);
      },
    },
    passwords: createPasswordHasher(),
    isSsoEnforced: async () => false,
    now: () => clock.now,
    ...more,
  };
  const rows = async <R extends object>(sql: string, params: unknown[]) =>
    (await database.superuser.query<R>(sql, params)).rows;
  return {
    database,
    tenant,
    deps,
    mails,
    clock,
    knock: {
      tenantId: tenant.tenantId,
      address: "10.1.2.3",
      userAgent: "test",
      correlation: crypto.randomUUID(),
    },
    admin: (work) => withTenant(pool, tenant.principal, work),
    async actions() {
      const found = await rows<{ action: string }>("select action from ledger.rows where tenant_id = $1 order by seq", [
        tenant.tenantId,
      ]);
      return found.map(({ action }) => action);
    },
    async unit(action) {
      const [found] = await rows<{ content: string }>(
        `select o.content from ledger.openings o join ledger.rows r using (tenant_id, seq)
          where tenant_id = $1 and action = $2 order by seq desc limit 1`,
        [tenant.tenantId, action],
      );
      return JSON.parse(found!.content);
    },
    async stop() {
      const sealed = { appliance: crypto.randomUUID(), publicKeys: [], witnessDirectories: [] };
      const report = await verifyChain(pool, tenant.tenantId, sealed);
      assert.ok(report.ok, JSON.stringify(report.faults));
      await database.stop();
    },
  };
}

/** A local account; `setPassword` uses its link. */
export async function makeAccount(
  world: LocalWorld,
  userName: string,
  { setPassword = true, ...more }: Partial<Invitation> & { setPassword?: boolean } = {},
): Promise<{ userId: string; token: string }> {
  const invitation: Invitation = {
    ...{ userName, displayName: `${userName} Muster`, email: `${userName}@example.org` },
    ...{ role: "viewer", siteIds: null, expiresAt: null },
    ...more,
  };
  const { user, link } = await world.admin((tx) => invite(world.deps, tx, { giver: null, invitation }));
  const token = link.url.split("#")[1]!;
  if (setPassword) await setPasswordByLink(world.deps, world.knock, { token, password });
  return { userId: user.userId, token };
}

/** Adds an authenticator app to an account, as of 2 minutes ago, so that its present code is unspent. */
export async function addTotp(world: LocalWorld, userId: string): Promise<{ secret: string; recoveryCodes: string[] }> {
  const holder = crypto.randomUUID();
  const named = { userId, userName: "anna", displayName: "Anna", email: null };
  const { secret } = await world.admin((tx) => beginTotp(world.deps, tx, holder, named));
  world.clock.now -= 120_000;
  const code = codeOf(secret, world.clock.now);
  const added = await world.admin((tx) => confirmTotp(world.deps, tx, { holder, userId }, { name: "Phone", code }));
  world.clock.now += 120_000;
  return { secret, recoveryCodes: added!.recoveryCodes ?? [] };
}

export const codeOf = (secret: string, now: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now });

export const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

export const userPrincipal = ({ tenant }: LocalWorld, userId: string): Principal => ({
  tenantId: tenant.tenantId,
  actor: { type: "user", id: userId },
  via: "web",
  correlation: crypto.randomUUID(),
  sites: [],
});
