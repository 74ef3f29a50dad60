import assert from "node:assert/strict";
import { appendRow } from "../../../src/audit/index.ts";
import {
  type ExternalPerson,
  type ExternalSignIn,
  setMapping,
  signInExternal,
} from "../../../src/identity/directory/index.ts";
import type { MappingRule, Source } from "../../../src/identity/directory/mapping.ts";
import { selectMapping } from "../../../src/identity/directory/store.ts";
import { accessOf, BUILTIN_ROLES, createUser, type User } from "../../../src/identity/index.ts";
import { shown, type World } from "./fixture.ts";

export const staff = "cn=staff,ou=groups,dc=example,dc=org";
export const guards = "cn=guards,ou=groups,dc=example,dc=org";
export const issuer = "directory-1";
export const everything = new Map([...BUILTIN_ROLES.owner].map((permission) => [permission, "all" as const]));
export const subjectOf = ({ kind, subject, issuer: from }: ExternalPerson) => ({ kind, subject, issuer: from });

let names = 0;

/** Somebody new, of the group staff unless told. */
export function anybody(fields: Partial<ExternalPerson> = {}): ExternalPerson {
  names++;
  return {
    kind: "ldap",
    issuer,
    subject: `subject-${names}`,
    userName: `person-${names}`,
    displayName: `Person ${names}`,
    email: `person-${names}@example.org`,
    groups: [staff],
    provisioning: "jit",
    ...fields,
  };
}

export type Door = {
  /** As callers do: the refusal's row, or the session's, is in the same transaction. */
  signIn(person: ExternalPerson): Promise<ExternalSignIn>;
  /** Expects success: the account's id. */
  accepted(person: ExternalPerson): Promise<string>;
  map(rules: MappingRule[], scimLinks?: Source[]): Promise<unknown>;
  access(userId: string): Promise<Record<string, unknown>>;
  localUser(userName: string): Promise<User>;
};

/** The way in, of one tenant. */
export function door(world: World): Door {
  const signIn = (person: ExternalPerson) =>
    world.signingIn(async (tx) => {
      const result = await signInExternal(world.deps, tx, person);
      await appendRow(tx, { action: "test.signed-in", entity: { type: "test", id: String(result.ok) } });
      return result;
    });
  return {
    signIn,
    async accepted(person) {
      const result = await signIn(person);
      assert.ok(result.ok, JSON.stringify(result));
      return result.userId;
    },
    map: (rules, scimLinks = []) =>
      world.administering(async (tx) => {
        const { version } = await selectMapping(tx);
        return setMapping(tx, everything, { version, rules, scimLinks });
      }),
    access: (userId) => world.administering(async (tx) => shown(await accessOf(tx, userId))),
    localUser: (userName) =>
      world.administering((tx) =>
        createUser(world.deps, tx, { userName, displayName: userName, email: null, source: "local", externalId: null }),
      ),
  };
}
