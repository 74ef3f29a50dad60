import { appendRow, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation } from "../../platform/db.ts";
import { conflict, forbidden, invalid } from "../../platform/errors.ts";
import { countLocalOwners } from "../access/store.ts";
import type { SamlDeps } from "./deps.ts";
import type { SamlSettings } from "./schema.ts";
import { type SpAddresses, spAddresses } from "./service-provider.ts";
import { insertConfiguration, type SamlConfiguration, selectConfiguration, selectSlug } from "./store.ts";

/** Our own addresses for the bound tenant. */
export async function ownAddresses({ publicUrl }: Pick<SamlDeps, "publicUrl">, tx: TenantTx): Promise<SpAddresses> {
  return spAddresses(publicUrl, await selectSlug(tx));
}

/**
 * Puts settings in force as the next version. Whoever may do this decides who can sign in as whom: the route asks for a second
 * factor and, where the tenant wants it, a second person.
 * @throws AppError `conflict` when somebody else does so at the same moment, or nobody could get in any more.
 */
export async function configureSaml(deps: SamlDeps, tx: TenantTx, settings: SamlSettings): Promise<SamlConfiguration> {
  if (tx.principal.sites !== "all") throw forbidden("SAML needs access to all sites");
  const before = await selectConfiguration(tx);
  const { entityId } = await ownAddresses(deps, tx);
  if (settings.idp.entityId === entityId) {
    throw invalid("the provider's entity id is our own", { remedy: "take the provider's metadata, not ours" });
  }
  if (settings.enforce) await checkEnforceable(tx, settings);
  const { type, id } = tx.principal.actor;
  const next = { version: (before?.version ?? 0) + 1, settings, madeBy: `${type} ${id}` };
  await insertConfiguration(tx, next).catch((error) => {
    if (!isUniqueViolation(error)) throw error;
    throw conflict("somebody changed the SAML settings at this moment", { remedy: "read them again" });
  });
  await deps.watch?.changed(tx, { type: "saml", id: "settings" }, "SAML");
  await appendRow(tx, {
    action: "saml.configured",
    entity: { type: "saml", id: `${next.version}` },
    units: [{ name: "change", content: JSON.stringify({ before: before?.settings ?? null, after: settings }) }],
  });
  return (await selectConfiguration(tx))!;
}

async function checkEnforceable(tx: TenantTx, { enabled }: SamlSettings): Promise<void> {
  if (!enabled) throw invalid("SAML cannot be enforced while it is switched off", { expected: "enabled true" });
  if ((await countLocalOwners(tx)) > 0) return;
  throw conflict("nobody could get in if the provider were away", {
    found: "no active local owner",
    expected: "at least one, who may always sign in with a password",
    remedy: "make a local account owner over all sites first",
  });
}

/** Whether an identity provider is configured, switched on or not. */
export async function hasSaml(tx: TenantTx): Promise<boolean> {
  return (await selectConfiguration(tx)) !== undefined;
}

/** Whether people of the bound tenant can sign in by its identity provider. */
export async function isSamlOn(tx: TenantTx): Promise<boolean> {
  return (await selectConfiguration(tx))?.settings.enabled === true;
}

/** Whether passwords are refused in the bound tenant, but for its local owners (break-glass). */
export async function isSsoEnforced(tx: TenantTx): Promise<boolean> {
  const settings = (await selectConfiguration(tx))?.settings;
  return settings?.enabled === true && settings.enforce;
}
