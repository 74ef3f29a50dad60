import assert from "node:assert/strict";
import { setMapping } from "../../../src/identity/directory/index.ts";
import type { MappingRule } from "../../../src/identity/directory/mapping.ts";
import { selectMapping } from "../../../src/identity/directory/store.ts";
import { accessOf, BUILTIN_ROLES } from "../../../src/identity/index.ts";
import { changeDirectory, createDirectory, requireDirectory } from "../../../src/identity/ldap/configure.ts";
import { type LdapSignInDeps, signInByLdap } from "../../../src/identity/ldap/index.ts";
import type { LdapSettings } from "../../../src/identity/ldap/schema.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { testDatabase } from "../../support/postgres.ts";
import { type Slapd, startSlapd } from "../../support/slapd.ts";
import { makeWorld, shown, type World } from "../directory/fixture.ts";
import { addGroup, addPerson, addUnits, groupDn, personDn, settingsOf } from "./fixture.ts";

const everything = new Map([...BUILTIN_ROLES.owner].map((permission) => [permission, "all" as const]));

export const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

/** A directory with people and groups, set up for a tenant: guards are anna, dora and emil; staff are the guards and ben. */
export type Lab = {
  readonly slapd: Slapd;
  readonly world: World;
  readonly deps: LdapSignInDeps;
  readonly directoryId: string;
  readonly sso: { enforced: boolean };
  knock(): { tenantId: string; address: string; userAgent: string; correlation: string };
  signIn(userName: string, password?: string): ReturnType<typeof signInByLdap>;
  /** Expects a refusal; its reason in the ledger. */
  refused(userName: string, password?: string): Promise<unknown>;
  map(rules: MappingRule[]): Promise<unknown>;
  change(settings: Partial<LdapSettings>, fields?: object): Promise<unknown>;
  access(userId: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
};

export async function startLab(): Promise<Lab> {
  const slapd = await startSlapd();
  await addUnits(slapd);
  for (const uid of ["anna", "ben", "carl", "dora", "emil"]) await addPerson(slapd, uid);
  await addGroup(slapd, "guards", [personDn("anna"), personDn("dora"), personDn("emil")]);
  await addGroup(slapd, "staff", [groupDn("guards"), personDn("ben")]);
  const world = await makeWorld(await testDatabase());
  const sso = { enforced: false };
  const deps: LdapSignInDeps = {
    ...world.deps,
    pool: world.pool,
    keyring: world.seed.keyring,
    resolveHost: async (host) => [host],
    isSsoEnforced: async () => sso.enforced,
    refusalMs: 0,
  };
  const bindPassword = slapd.service.password;
  const { directoryId } = await world.administering((tx) =>
    createDirectory(deps, tx, { name: "Staff", enabled: true, settings: settingsOf(slapd), bindPassword }),
  );
  const knock = () => ({
    tenantId: world.tenant.tenantId,
    address: "10.1.2.3",
    userAgent: "test",
    correlation: crypto.randomUUID(),
  });
  const signIn = (userName: string, password = `${userName}'s password`) =>
    signInByLdap(deps, knock(), { directoryId, userName, password });
  return {
    ...{ slapd, world, deps, directoryId, sso, knock, signIn },
    async refused(userName, password) {
      await assert.rejects(signIn(userName, password), isCode("sign-in-refused"));
      return (await world.unit("ldap.refused")).reason;
    },
    map: (rules) =>
      world.administering(async (tx) =>
        setMapping(tx, everything, { version: (await selectMapping(tx)).version, rules, scimLinks: [] }),
      ),
    change: (settings, fields = {}) =>
      world.administering(async (tx) => {
        const { version, name, settings: before } = await requireDirectory(tx, directoryId);
        const wanted = { name, enabled: true, version, settings: { ...before, ...settings }, bindPassword, ...fields };
        return changeDirectory(deps, tx, { directoryId, ...wanted });
      }),
    access: (userId) => world.administering(async (tx) => shown(await accessOf(tx, userId))),
    async stop() {
      await slapd.stop();
      await world.database.stop();
    },
  };
}
