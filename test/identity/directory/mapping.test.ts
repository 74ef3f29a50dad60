import assert from "node:assert/strict";
import { appendRow, withTenant } from "../../../src/audit/index.ts";
import { stakesOf } from "../../../src/identity/access/standing.ts";
import { mappingStakes } from "../../../src/identity/directory/configure.ts";
import { setMapping, signInExternal } from "../../../src/identity/directory/index.ts";
import type { MappingRule } from "../../../src/identity/directory/mapping.ts";
import { previewMapping } from "../../../src/identity/directory/preview.ts";
import { mappingSchema, ruleSchema } from "../../../src/identity/directory/schema.ts";
import { selectMapping } from "../../../src/identity/directory/store.ts";
import {
  type Access,
  accessOf,
  BUILTIN_ROLES,
  createGroup,
  createUser,
  grantRole,
} from "../../../src/identity/index.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { testDatabase } from "../../support/postgres.ts";
import { waitUntil } from "../../support/process.ts";
import { makeWorld, rule, shown, verify, type World } from "./fixture.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const staff = "cn=staff,dc=example,dc=org";
const everywhere = (role: keyof typeof BUILTIN_ROLES): Access =>
  new Map([...BUILTIN_ROLES[role]].map((permission) => [permission, "all" as const]));

describe("directory: the mapping", () => {
  let world: World;
  before(async () => {
    world = await makeWorld(await testDatabase());
  });
  afterEach(() => verify(world));
  after(() => world.database.stop());

  const put = (
    rules: MappingRule[],
    { giver = everywhere("owner"), version = -1, scimLinks = [] as { kind: "ldap" | "saml"; issuer: string }[] } = {},
  ) =>
    world.administering(async (tx) => {
      const seen = version >= 0 ? version : (await selectMapping(tx)).version;
      return setMapping(tx, giver, { version: seen, rules, scimLinks });
    });
  const present = () => world.administering(selectMapping);
  const enter = (subject: string, issuer = "directory-1") =>
    world.signingIn(async (tx) => {
      const person = { kind: "ldap", issuer, subject, userName: subject, displayName: subject, email: null } as const;
      const result = await signInExternal(world.deps, tx, { ...person, groups: [staff], provisioning: "jit" });
      await appendRow(tx, { action: "test.signed-in", entity: { type: "test", id: String(result.ok) } });
      assert.ok(result.ok, JSON.stringify(result));
      return result.userId;
    });
  const access = (userId: string) => world.administering(async (tx) => shown(await accessOf(tx, userId)));

  it("has versions; a change of another than the newest is refused, and the ledger has before and after", async () => {
    const { version } = await put([rule({ value: staff, builtinRole: "viewer" })]);
    await assert.rejects(put([], { version: version - 1 }), isCode("conflict"));
    const results = await Promise.allSettled([put([], { version }), put([], { version })]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal((await present()).version, version + 1);
    const change = await world.unit("directory.mapped");
    assert.deepEqual(Object.keys(change), ["before", "after"]);
  });

  it("nobody maps, or unmaps, what he does not have; what he leaves alone may be more", async () => {
    const admin = everywhere("admin");
    await assert.rejects(put([rule({ value: staff, builtinRole: "owner" })], { giver: admin }), isCode("forbidden"));
    const owners = rule({ value: staff, builtinRole: "owner" });
    await put([owners]);
    await assert.rejects(put([], { giver: admin }), isCode("forbidden"));
    await put([owners, rule({ value: "cn=x", builtinRole: "viewer" })], { giver: admin });
    const [north] = world.tenant.sites;
    const local = withTenant(world.pool, { ...world.tenant.principal, sites: [north!.siteId] }, async (tx) => {
      const { version, rules } = await selectMapping(tx);
      return setMapping(tx, everywhere("owner"), { version, rules, scimLinks: [] });
    });
    await assert.rejects(local, isCode("forbidden"), "who has some sites does not see what rules for others name");
  });

  it("a group gives what its grants give: mapping to it needs all of that", async () => {
    const { groupId } = await world.administering((tx) =>
      createGroup(tx, { name: "Owners", source: "local", externalId: null }),
    );
    await world.administering((tx) =>
      grantRole(tx, null, { to: { groupId }, role: { builtin: "owner" }, siteIds: null, expiresAt: null }),
    );
    const rules = [...(await present()).rules, rule({ value: staff, groupId })];
    await assert.rejects(put(rules, { giver: everywhere("admin") }), isCode("forbidden"));
    await put(rules);
    const preview = await world.administering((tx) =>
      previewMapping(tx, { kind: "ldap", issuer: "x", groups: [staff], rules: [rule({ value: staff, groupId })] }),
    );
    assert.deepEqual(preview.groupIds, [groupId]);
    assert.equal(preview.permissions["approvals:decide"], "all");
  });

  it("names only what is there, and no group that SCIM keeps", async () => {
    const missing = crypto.randomUUID();
    const scim = await world.administering((tx) => createGroup(tx, { name: "SCIM", source: "scim", externalId: "1" }));
    const wrong: Partial<MappingRule>[] = [
      { roleId: missing },
      { groupId: missing },
      { groupId: scim.groupId },
      { builtinRole: "viewer", siteIds: [missing] },
    ];
    for (const fields of wrong) {
      await assert.rejects(put([rule({ value: staff, ...fields })]), isCode("not-found"), JSON.stringify(fields));
    }
  });

  it("takes at once what no rule gives any more, also from people who never come again", async () => {
    const { groupId } = await world.administering((tx) =>
      createGroup(tx, { name: "Night", source: "local", externalId: null }),
    );
    await world.administering((tx) =>
      grantRole(tx, null, { to: { groupId }, role: { builtin: "member" }, siteIds: null, expiresAt: null }),
    );
    const viewers = rule({ value: staff, builtinRole: "viewer" });
    await put([viewers, rule({ value: staff, builtinRole: "auditor" }), rule({ value: staff, groupId })]);
    const userId = await enter("anna");
    assert.equal((await access(userId))["evidence:export"], "all");
    assert.equal((await access(userId))["devices:write"], "all");
    await put([viewers]);
    const left = await access(userId);
    assert.deepEqual(
      [left["evidence:export"], left["devices:write"], left["images:read"]],
      [undefined, undefined, "all"],
    );
    await put([]);
    assert.deepEqual(await access(userId), {});
  });

  it("a sign-in under way gives nothing by rules that are no longer in force", async () => {
    await put([rule({ value: staff, builtinRole: "viewer" })]);
    const userId = await enter("late");
    await put([]);
    await put([rule({ value: staff, builtinRole: "auditor" })]);
    // It has read the rules and waits for the person's row.
    const holder = await world.database.superuser.connect();
    await holder.query("begin");
    await holder.query("select from users where user_id = $1 for update", [userId]);
    const entering = enter("late").catch((error: Error) => error);
    const waits = async () => {
      const { rows } = await holder.query("select from pg_locks where not granted");
      return rows.length > 0;
    };
    await waitUntil("the sign-in to wait", waits);
    await put([]);
    await holder.query("commit");
    holder.release();
    assert.match(String(await entering), /no-role/);
    assert.deepEqual(await access(userId), {});
  });

  it("only who may set up sign-in links SCIM's accounts", async () => {
    const scimLinks = [{ kind: "saml", issuer: "https://idp.example.org" } as const];
    await assert.rejects(put([], { giver: everywhere("admin"), scimLinks }), isCode("forbidden"));
    await put([], { scimLinks });
  });

  it("is an act of high stakes when it makes people decide on requests, by role, group or link", async () => {
    await put([]);
    const { version } = await present();
    const stakes = (rules: MappingRule[], scimLinks: { kind: "saml"; issuer: string }[] = []) =>
      world.administering((tx) => mappingStakes(tx, { version, rules, scimLinks }));
    assert.equal(await stakes([rule({ value: staff, builtinRole: "viewer" })]), undefined);
    assert.equal(await stakes([rule({ value: staff, builtinRole: "owner" })]), "access.decider");
    assert.equal(await stakes([], [{ kind: "saml", issuer: "x" }]), "sign-in.change");
    const owner = await world.administering((tx) =>
      createUser(world.deps, tx, {
        userName: "owner",
        displayName: "O",
        email: null,
        source: "local",
        externalId: null,
      }),
    );
    assert.equal(await world.administering((tx) => stakesOf(tx, everywhere("owner"), owner.userId)), undefined);
    await world.administering((tx) =>
      grantRole(tx, null, { to: { userId: owner.userId }, role: { builtin: "owner" }, siteIds: null, expiresAt: null }),
    );
    assert.equal(await world.administering((tx) => stakesOf(tx, everywhere("owner"), owner.userId)), "access.decider");
  });

  it("refuses rules that give nothing or several things, and LDAP groups that are no distinguished names", () => {
    const good = { kind: "ldap", value: staff, builtinRole: "viewer" };
    assert.ok(ruleSchema.safeParse(good).success);
    const site = [crypto.randomUUID()];
    const wrong = [
      { ...good, builtinRole: null },
      { ...good, groupId: crypto.randomUUID() },
      { kind: "ldap", value: staff, groupId: crypto.randomUUID(), siteIds: site },
      { ...good, value: "staff" },
      { ...good, siteIds: [] },
      { ...good, more: 1 },
    ];
    for (const each of wrong) assert.ok(!ruleSchema.safeParse(each).success, JSON.stringify(each));
    assert.ok(ruleSchema.safeParse({ ...good, kind: "saml", value: "staff" }).success);
    assert.ok(!mappingSchema.safeParse({ version: 0, rules: new Array(1001).fill(good) }).success);
  });
});
