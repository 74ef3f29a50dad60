import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { withTenant } from "../../../src/audit/index.ts";
import { addLink } from "../../../src/identity/directory/sign-in.ts";
import {
  createSessionVerifier,
  createUser,
  deactivateUser,
  grantRole,
  startSession,
  updateUser,
  watchSignIns,
} from "../../../src/identity/index.ts";
import { tellAccount } from "../../../src/identity/notices/account.ts";
import { placeHold, releaseHold, requestErasure } from "../../../src/retention/index.ts";
import { selectRequest } from "../../../src/retention/store-requests.ts";
import { tenantTables } from "../../isolation/synthetic-tenants.ts";
import type { SeededTenant } from "../../support/seed.ts";
import { type Estate, startEstate } from "../harness.ts";

/** Tables that name a person by a key, and stay: what they hold of an erased one is a pseudonym. */
const keptFor: Record<string, string> = {
  users: "its personal columns are replaced",
  role_grants: "revoked; says who gave what when",
  erasure_requests: "that it was erased",
  approvals: "who asked and decided, under a pseudonym",
  api_keys: "revoked; whose it was, under a pseudonym",
};

describe("retention: erasing a person", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  const verbs = () => ({ pool: estate.deps.app, keyring: estate.seeds.keyring });
  const deps = () => ({ ...estate.deps.notices, watch: watchSignIns(estate.deps.notices) });
  const as = <T>(tenant: SeededTenant, work: Parameters<typeof withTenant<T>>[2]) =>
    withTenant(estate.deps.app, tenant.principal, work);

  /** Somebody with all that the appliance keeps of a person. */
  async function person(tenant: SeededTenant, userName: string, role: "owner" | "viewer") {
    return as(tenant, async (tx) => {
      const wanted = {
        userName,
        displayName: `Erika ${userName}`,
        email: `${userName}@muster.example`,
        source: "local",
        externalId: null,
      } as const;
      const { userId } = await createUser(deps(), tx, wanted);
      await grantRole(tx, null, { to: { userId }, role: { builtin: role }, siteIds: null, expiresAt: null });
      await updateUser(deps(), tx, userId, { displayName: `Erika von ${userName}` });
      await addLink(deps(), tx, { kind: "ldap", issuer: "ldap1", subject: `uid=${userName}` }, userId, "admin");
      for (const address of ["10.77.1.1", "10.77.2.2"])
        await startSession(deps(), tx, { userId, via: "web", strength: 1, address, userAgent: `agent of ${userName}` });
      await deps().watch.refused(tx, { userId, address: "10.77.3.3" });
      await tellAccount(deps(), tx, userId, "password-changed");
      return userId;
    });
  }

  /** Every row of every table of the tenant, as text. */
  async function everything({ tenantId }: SeededTenant): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const { name } of await tenantTables(estate.database.superuser)) {
      const { rows } = await estate.database.superuser.query(
        `select t::text as text from ${name} t where tenant_id = $1`,
        [tenantId],
      );
      found.set(name, rows.map(({ text }) => text).join("\n"));
    }
    return found;
  }
  const speaksOf = async (tenant: SeededTenant, pattern: RegExp) =>
    [...(await everything(tenant))].filter(([, text]) => pattern.test(text)).map(([name]) => name);
  const plant = async ({ tenantId }: SeededTenant, userId: string) => {
    for (const statement of [
      "insert into local_passwords (tenant_id, user_id, hash) values ($1, $2, '$argon2id$x')",
      "insert into sign_in_links (tenant_id, user_id, purpose, token_hash, expires_at) values ($1, $2, 'reset', sha256('a'), now())",
      "insert into pending_sign_ins (tenant_id, user_id, token_hash, via, expires_at) values ($1, $2, sha256('b'), 'web', now())",
      "insert into factors (tenant_id, user_id, kind, name, sealed) values ($1, $2, 'totp', 'Erikas Telefon', 'x')",
      "insert into recovery_codes (tenant_id, user_id, code_hash) values ($1, $2, sha256('c'))",
      "insert into factor_challenges (tenant_id, user_id, holder, purpose, sealed, expires_at) values ($1, $2, $2, 'email-use', 'x', now())",
      "insert into scim_users (tenant_id, user_id, attributes, email_keys) values ($1, $2, '{\"nickName\":\"Erika\"}', '{}')",
      "insert into notice_settings (tenant_id, user_id, mail) values ($1, $2, false)",
      "insert into mails (tenant_id, about, sealed) values ($1, $2, 'x')",
      "insert into groups (tenant_id, group_id, name) values ($1, $2, 'night shift')",
      "insert into group_members (tenant_id, group_id, user_id) values ($1, $2, $2)",
      "insert into sign_in_tries (tenant_id, name_hash, tries, last_at, not_before, user_id) values ($1, sha256('d'), 1, now(), now(), $2)",
      `insert into api_keys (tenant_id, name, prefix, fingerprint, hash, permissions, made_by, person_id)
       values ($1, 'by a key', left($2::uuid::text, 12), left($2::uuid::text, 16), 'x', '{}', 'api-key x', $2::uuid)`,
      ...["pending", "refused"].map(
        (state) =>
          `insert into approvals (tenant_id, approval_id, act, method, route, permission, request, seq, requested_by_type, requested_by,
                                  person, requested_at, expires_at, state, decided_at)
           values ($1, gen_random_uuid(), 'keys.rotate', 'post', '/x', 'keys:rotate', 'sealed: vera', 1, 'user', $2::uuid::text, $2::uuid, now(),
                   now() + interval '1 day', '${state}', case when '${state}' = 'refused' then now() end)`,
      ),
      `insert into approval_answers (tenant_id, approval_id, status, body)
       select tenant_id, approval_id, 200, 'sealed: vera' from approvals where person = $2::uuid and tenant_id = $1 and state = 'refused'`,
    ])
      await estate.database.superuser.query(statement, [tenantId, userId]);
  };
  const ask = (tenant: SeededTenant, userId: string) =>
    requestErasure(verbs(), tenant.principal, { subject: `user:${userId}`, reason: "art. 17" });

  it("takes account, factors, sessions, links, notices and openings; others and the chain stay whole", async () => {
    const tenant = await estate.tenant();
    const olga = await person(tenant, "olga", "owner");
    const vera = await person(tenant, "vera", "viewer");
    await plant(tenant, vera);
    const before = await speaksOf(tenant, /vera|10\.77\.|Erika/i);
    assert.ok(
      before.includes("ledger.openings") && before.includes("public.users") && before.includes("public.notices"),
      String(before),
    );
    const olgasBefore = await speaksOf(tenant, /olga/i);
    const request = await ask(tenant, vera);
    assert.equal(request.userId, vera);
    await estate.work(tenant);
    assert.deepEqual(await speaksOf(tenant, /vera/i), []);
    assert.deepEqual(await speaksOf(tenant, /olga/i), olgasBefore);
    const { rows } = await estate.database.superuser.query("select * from users where user_id = $1", [vera]);
    assert.deepEqual(
      [
        rows[0].user_name,
        rows[0].display_name,
        rows[0].email,
        rows[0].external_id,
        rows[0].active,
        rows[0].erased_at !== null,
      ],
      [`erased-${vera}`, "erased", null, null, false, true],
    );
    const approvals = await estate.database.superuser.query(
      "select state, request from approvals where person = $1 order by state",
      [vera],
    );
    assert.deepEqual(approvals.rows, [
      { state: "refused", request: null },
      { state: "withdrawn", request: null },
    ]);
    const keys = await estate.database.superuser.query("select revoked_at from api_keys where person_id = $1", [vera]);
    assert.notEqual(keys.rows[0].revoked_at, null, "a key that a key of theirs had made");
    // By key, too, nothing is left but what is reviewed.
    for (const [name, text] of await everything(tenant)) {
      const table = name.replace("public.", "");
      if (name.startsWith("ledger.") || table in keptFor || !text.includes(vera)) continue;
      assert.ok(table === "groups", `${name} still names ${vera}: ${text}`);
    }
    const tombstones = await estate.verify(tenant);
    assert.ok(tombstones.at(-1)!.list.length >= 4);
    assert.ok((await speaksOf(tenant, /Erika/)).length > 0, "the other's openings stay");
    assert.equal((await as(tenant, (tx) => selectRequest(tx, request.requestId)))!.state, "done");
    assert.ok(olga);
    const directory = estate.deps.journal.directory;
    const lines = (await readFile(join(directory, (await readdir(directory))[0]!), "utf8")).split("\n");
    const entry = { state: "person", tenant: tenant.tenantId, user: vera, request: request.requestId };
    assert.ok(lines.includes(JSON.stringify(entry)), "a restore is told of it");
  });

  it("names every table that has a key to a person: a new one must be erased or reviewed", async () => {
    const { rows } = await estate.database.superuser.query<{ name: string }>(
      `select distinct conrelid::regclass::text as name from pg_constraint
        where contype = 'f' and confrelid = 'users'::regclass order by 1`,
    );
    const { rows: erasing } = await estate.database.superuser.query<{ body: string }>(
      "select prosrc as body from pg_proc where proname = 'erase_person'",
    );
    const forgotten = rows
      .map(({ name }) => name)
      .filter((name) => !(name in keptFor) && !erasing[0]!.body.includes(`delete from public.${name} `));
    assert.deepEqual(forgotten, []);
  });

  it("ends the session that is open, at once", async () => {
    const tenant = await estate.tenant();
    const userId = await person(tenant, "anna", "viewer");
    const { token } = await as(tenant, (tx) =>
      startSession(deps(), tx, { userId, via: "web", strength: 1, address: "10.77.1.1", userAgent: "x" }),
    );
    const verify = () =>
      createSessionVerifier({ pool: estate.deps.app }).verify(token, {
        address: "10.77.1.1",
        correlation: crypto.randomUUID(),
      });
    assert.ok(await verify());
    await ask(tenant, userId);
    await estate.work(tenant);
    assert.equal(await verify(), undefined);
  });

  it("a hold on the person, or over everything, keeps all of them; it goes on when released", async () => {
    const tenant = await estate.tenant();
    const userId = await person(tenant, "hilde", "viewer");
    const hold = { caseNumber: "C-3", reason: "claim", owner: "Legal", reviewOn: "2099-01-01" };
    const onThem = await placeHold(verbs(), tenant.principal, { ...hold, subject: `user:${userId}` });
    const request = await ask(tenant, userId);
    const isKept = async () => {
      await estate.work(tenant);
      const { state } = (await as(tenant, (tx) => selectRequest(tx, request.requestId)))!;
      return state === "held" && (await speaksOf(tenant, /hilde/)).includes("public.users");
    };
    assert.equal(await isKept(), true);
    const onAll = await placeHold(verbs(), tenant.principal, hold);
    await releaseHold(estate.deps.app, tenant.principal, onThem.holdId, "over");
    assert.equal(await isKept(), true);
    await releaseHold(estate.deps.app, tenant.principal, onAll.holdId, "over");
    await estate.work(tenant);
    assert.deepEqual(await speaksOf(tenant, /hilde/), []);
    await estate.verify(tenant);
  });

  it("refuses the last local owner, and takes them when there is another", async () => {
    const tenant = await estate.tenant();
    const first = await person(tenant, "first", "owner");
    await assert.rejects(ask(tenant, first), { code: "conflict" });
    const second = await person(tenant, "second", "owner");
    await ask(tenant, first);
    // Meanwhile the other one goes: the executor looks again, under the same lock as it erases.
    await estate.database.superuser.query("update users set active = false where user_id = $1", [second]);
    const results = await estate.work(tenant);
    assert.ok(results.some(({ result }) => result.state === "waiting" && result.note.includes("last local owner")));
    assert.ok((await speaksOf(tenant, /Erika von first/)).includes("public.users"));
  });

  it("is for nobody to ask who may do less than the person, unless the account is deactivated", async () => {
    const tenant = await estate.tenant();
    const [olga, other] = [await person(tenant, "olga", "owner"), await person(tenant, "otto", "owner")];
    const clerk = new Map([["erasures:write", "all" as const]]);
    const wanted = { subject: `user:${olga}`, reason: "art. 17" };
    const asClerk = () => requestErasure(verbs(), tenant.principal, wanted, clerk);
    await assert.rejects(asClerk(), { code: "forbidden" });
    await as(tenant, (tx) => deactivateUser(deps(), tx, olga, "test"));
    assert.equal((await asClerk()).userId, olga);
    assert.ok(other);
  });

  it("reaches no account of another tenant, and none without a request in the chain", async () => {
    const [alder, birch] = [await estate.tenant(), await estate.tenant()];
    const userId = await person(alder, "alma", "viewer");
    const request = await ask(birch, userId);
    assert.equal(request.userId, null, "for birch it is a subject like any other");
    await estate.work(birch);
    assert.ok((await speaksOf(alder, /alma/)).includes("public.users"));
    const forged = withTenant(estate.deps.executor, alder.principal, (tx) =>
      tx.query("select outcome from ledger.erase_person($1::uuid, '{}', 'cron', gen_random_uuid())", [
        crypto.randomUUID(),
      ]),
    );
    await assert.rejects(forged, /no open request/);
    const app = withTenant(estate.deps.app, alder.principal, (tx) =>
      tx.query("select outcome from ledger.erase_person($1::uuid, '{}', 'cron', gen_random_uuid())", [
        request.requestId,
      ]),
    );
    await assert.rejects(app, /permission denied/);
  });
});
