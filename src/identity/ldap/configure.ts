import { appendRow, lockChainHead, type TenantTx } from "../../audit/index.ts";
import { conflict, forbidden, invalid, notFound } from "../../platform/errors.ts";
import { withdrawSource } from "../directory/withdraw.ts";
import type { LdapAccess } from "./authenticate.ts";
import type { LdapDeps } from "./deps.ts";
import type { ChangedDirectory, LdapSettings, NewDirectory } from "./schema.ts";
import {
  insertDirectory,
  type LdapDirectory,
  markRemoved,
  type SealedDirectory,
  selectDirectories,
  selectDirectory,
  updateDirectory,
} from "./store.ts";

type Secrets = Pick<LdapDeps, "keyring" | "watch">;

/** What a password is sealed for: no other directory's opens with it. */
const sealedFor = (directoryId: string): string => `ldap-bind ${directoryId}`;

export async function listDirectories(tx: TenantTx): Promise<LdapDirectory[]> {
  return selectDirectories(tx);
}

export async function requireDirectory(tx: TenantTx, directoryId: string): Promise<LdapDirectory> {
  const { bindPassword: _, ...directory } = await requireSealed(tx, directoryId);
  return directory;
}

export async function createDirectory(deps: Secrets, tx: TenantTx, wanted: NewDirectory): Promise<LdapDirectory> {
  const directoryId = crypto.randomUUID();
  const { name, enabled, settings } = wanted;
  const bindPassword = await sealPassword(deps, tx, directoryId, wanted.bindPassword);
  await insertDirectory(tx, { directoryId, name, enabled, settings, bindPassword });
  return configured(deps, tx, directoryId, { after: { name, enabled, settings } });
}

/**
 * Puts settings in force from the next sign-in on. @throws AppError `conflict` for another version than the newest, `invalid`
 * when the stored password would go to another server, or in another's name.
 */
export async function changeDirectory(
  deps: Secrets,
  tx: TenantTx,
  { directoryId, ...wanted }: ChangedDirectory & { directoryId: string },
): Promise<LdapDirectory> {
  const before = await requireSealed(tx, directoryId, true);
  if (before.version !== wanted.version) throw stale(wanted.version, before.version);
  const { name, enabled, settings, bindPassword: password } = wanted;
  if (password === null && sendsElsewhere(before.settings, settings)) {
    throw invalid("the service account's password is needed again", {
      found: "another URL, trust or service account with the stored password",
      expected: "the password, since these settings say whom it is shown to",
    });
  }
  const bindPassword = password === null ? before.bindPassword : await sealPassword(deps, tx, directoryId, password);
  await updateDirectory(tx, { directoryId, name, enabled, settings, bindPassword });
  const old = { name: before.name, enabled: before.enabled, settings: before.settings };
  const change = { before: old, after: { name, enabled, settings }, password: password === null ? "kept" : "new" };
  return configured(deps, tx, directoryId, change);
}

/** Its people can sign in no more, and lose what its groups gave. Their accounts stay until an administrator ends them. */
export async function removeDirectory(deps: Pick<LdapDeps, "watch">, tx: TenantTx, directoryId: string): Promise<void> {
  // From the beginning, as setMapping: a sign-in under way is over, or finds no directory.
  await lockChainHead(tx);
  const { name, settings } = await requireSealed(tx, directoryId, true);
  await markRemoved(tx, directoryId);
  await withdrawSource(tx, { kind: "ldap", issuer: directoryId });
  await append(deps, tx, "ldap.removed", directoryId, { before: { name, settings } });
}

/** What it takes to ask a directory. */
export async function openAccess(
  { keyring, resolveHost }: Pick<LdapDeps, "keyring" | "resolveHost">,
  tx: TenantTx,
  directoryId: string,
): Promise<LdapAccess & { directory: LdapDirectory }> {
  requireAllSites(tx);
  const { bindPassword, ...directory } = await requireSealed(tx, directoryId);
  const password = await keyring.unseal(tx, sealedFor(directoryId), bindPassword);
  return { directory, settings: directory.settings, bindPassword: password.toString(), resolveHost };
}

async function requireSealed(tx: TenantTx, directoryId: string, forUpdate = false): Promise<SealedDirectory> {
  const directory = await selectDirectory(tx, directoryId, forUpdate);
  if (!directory) throw notFound("directory");
  return directory;
}

function requireAllSites({ principal }: TenantTx): void {
  if (principal.sites === "all") return;
  throw forbidden("directories are the whole organisation's: they need access to all sites");
}

const sealPassword = ({ keyring }: Secrets, tx: TenantTx, directoryId: string, password: string): Promise<Buffer> =>
  keyring.seal(tx, sealedFor(directoryId), Buffer.from(password));

// Whoever may change the settings could otherwise have the password sent to a server of his own, and read it there.
function sendsElsewhere(before: LdapSettings, after: LdapSettings): boolean {
  return (["url", "caPem", "serverName", "bindDn"] as const).some((key) => before[key] !== after[key]);
}

const stale = (found: number, expected: number) =>
  conflict("somebody changed the directory meanwhile", {
    found: `version ${found}`,
    expected: `version ${expected}`,
    remedy: "read it again and apply your change to it",
  });

async function configured(deps: Secrets, tx: TenantTx, directoryId: string, change: object): Promise<LdapDirectory> {
  await append(deps, tx, "ldap.configured", directoryId, change);
  return requireDirectory(tx, directoryId);
}

async function append(
  { watch }: Pick<LdapDeps, "watch">,
  tx: TenantTx,
  action: string,
  id: string,
  change: object,
): Promise<void> {
  requireAllSites(tx);
  const entity = { type: "ldap-directory", id };
  await watch?.changed(tx, entity, "how people sign in by LDAP");
  await appendRow(tx, {
    action,
    entity,
    units: [{ name: "change", content: JSON.stringify(change) }],
  });
}
