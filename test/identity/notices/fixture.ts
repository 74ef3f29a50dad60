import { join } from "node:path";
import { type Principal, systemPrincipal, type TenantTx, verifyChain, withTenant } from "../../../src/audit/index.ts";
import { createUser, grantRole, type NoticeDeps, type User, watchSignIns } from "../../../src/identity/index.ts";
import { identityHandlers } from "../../../src/identity/jobs.ts";
import { subjectHasher } from "../../../src/keys/index.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { createMailer } from "../../../src/platform/mail.ts";
import { bindHandlers, enqueueTask, findDueTasks, type RunOutcome, runTask } from "../../../src/tasks/index.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { type SeedDeps, type SeededTenant, seedDeps, seedTenant } from "../../support/seed.ts";
import type { SmtpServer } from "../../support/smtp.ts";
import { removeDirectory, temporaryDirectory } from "../../support/temporary.ts";

export type Lab = {
  database: TestDatabase;
  seeds: SeedDeps;
  deps: NoticeDeps;
  tenant(name?: string): Promise<SeededTenant>;
  /** An account with a role over all sites. */
  person(tenant: SeededTenant, userName: string, role?: "owner" | "admin" | "viewer"): Promise<User>;
  as<T>(tenant: SeededTenant, work: (tx: TenantTx) => Promise<T>, principal?: Principal): Promise<T>;
  /** Runs the tenant's due tasks of mail; how each ended. */
  sendDue(tenant: SeededTenant): Promise<RunOutcome[]>;
  /** Actions of the tenant's rows, oldest first. */
  actions(tenant: SeededTenant): Promise<string[]>;
  /** The whole chain, or the reason why not. */
  verify(tenant: SeededTenant): Promise<void>;
  stop(): Promise<void>;
};

/** Real Postgres; mails go to `smtp` where one is given. */
export async function startLab(smtp?: SmtpServer): Promise<Lab> {
  const database = await testDatabase();
  const directory = await temporaryDirectory("notices");
  const seeds = seedDeps(database.pool("app"), join(directory, "objects"));
  const { pool, keyring } = seeds;
  const mailer = smtp && (await createMailer(smtp.section));
  const log = createLogger("test", "silent");
  const bare: NoticeDeps = {
    hashSubject: subjectHasher(keyring),
    publicUrl: "https://ledgerstone.example",
    log,
    ...(mailer && { mail: { mailer, seal: keyring.seal, enqueue: enqueueTask } }),
  };
  const deps = { ...bare, watch: watchSignIns(bare) };
  const handlers = bindHandlers({ pool, log, mailer, unseal: keyring.unseal }, identityHandlers);
  const as: Lab["as"] = ({ principal: own }, work, principal = own) => withTenant(pool, principal, work);
  return {
    database,
    seeds,
    deps,
    as,
    tenant: (name) => seedTenant(seeds, { ...(name && { name }), sites: ["Gate"] }),
    person: (tenant, userName, role) =>
      as(tenant, async (tx) => {
        const email = `${userName}@site.example`;
        const wanted = { userName, displayName: userName, email, source: "local", externalId: null } as const;
        const user = await createUser(deps, tx, wanted);
        const grant = { to: { userId: user.userId }, siteIds: null, expiresAt: null };
        if (role) await grantRole(tx, null, { ...grant, role: { builtin: role } });
        return user;
      }),
    async sendDue({ tenantId }) {
      const outcomes: RunOutcome[] = [];
      for (const ref of await findDueTasks(pool, 1000)) {
        if (ref.tenantId === tenantId && handlers.has(ref.kind)) outcomes.push(await runTask(pool, ref, handlers));
      }
      return outcomes;
    },
    async actions({ tenantId }) {
      const { rows } = await database.superuser.query<{ action: string }>(
        "select action from ledger.rows where tenant_id = $1 order by seq",
        [tenantId],
      );
      return rows.map(({ action }) => action);
    },
    async verify({ tenantId }) {
      const report = await verifyChain(pool, tenantId, {
        appliance: crypto.randomUUID(),
        publicKeys: [],
        witnessDirectories: [],
        events: true,
      });
      if (!report.ok) throw new Error(JSON.stringify(report.faults));
    },
    async stop() {
      await database.stop();
      await removeDirectory(directory);
    },
  };
}

export const asUser = ({ tenantId }: SeededTenant, { userId }: User): Principal => ({
  ...systemPrincipal(tenantId, "test", "web"),
  actor: { type: "user", id: userId },
});
