import { randomUUID } from "node:crypto";
import { appendRow, type TenantTx } from "../../audit/index.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import { type CertificateFacts, certificateFacts, type SpKeyPair } from "./certificates.ts";
import type { SamlDeps } from "./deps.ts";
import { insertKey, type KeyState, type SpKeyRow, selectKeys, updateKeyState } from "./store.ts";

export type SpKey = { keyId: string; state: KeyState; certificate: string; createdAt: string; facts: CertificateFacts };
type Sealing = Pick<SamlDeps, "keyring">;

const context = (keyId: string): string => `saml-key ${keyId}`;

/** Keeps a new key: as the current one where there is none, else as the next. @throws AppError `conflict` beside a next one. */
export async function addKey(
  { keyring }: Sealing,
  tx: TenantTx,
  { certificate, privateKey }: SpKeyPair,
): Promise<void> {
  const keys = await selectKeys(tx, true);
  if (keys.some(({ state }) => state === "next")) {
    throw conflict("there is a next key already", { remedy: "put it into use, or remove it" });
  }
  const keyId = randomUUID();
  const state = keys.some((key) => key.state === "current") ? "next" : "current";
  const sealed = await keyring.seal(tx, context(keyId), Buffer.from(privateKey));
  await insertKey(tx, { keyId, state, certificate, privateKey: sealed });
  await appendRow(tx, {
    action: "saml.key.added",
    entity: { type: "saml-key", id: keyId },
    units: [{ name: "change", content: JSON.stringify({ after: { state, certificate } }) }],
  });
}

/** Next becomes current, current previous, previous goes. The provider must have read our metadata with the next one before. */
export async function rotateSpKey(tx: TenantTx): Promise<void> {
  const keys = await selectKeys(tx, true);
  const find = (state: KeyState) => keys.find((key) => key.state === state);
  const [next, current, previous] = [find("next"), find("current"), find("previous")];
  if (!next || !current)
    throw conflict("there is no next key", { remedy: "add one, and let the provider read our metadata" });
  if (previous) await updateKeyState(tx, previous.keyId, "retired");
  await updateKeyState(tx, current.keyId, "previous");
  await updateKeyState(tx, next.keyId, "current");
  await appendRow(tx, {
    action: "saml.key.rotated",
    entity: { type: "saml-key", id: next.keyId },
    units: [{ name: "change", content: JSON.stringify({ before: current.keyId, after: next.keyId }) }],
  });
}

/** Destroys the private half of a key that is not in use. */
export async function removeKey(tx: TenantTx, keyId: string): Promise<void> {
  const key = (await selectKeys(tx, true)).find((one) => one.keyId === keyId);
  if (!key) throw notFound("SAML key");
  if (key.state === "current") throw conflict("this key is in use", { remedy: "put another into use first" });
  await updateKeyState(tx, keyId, "retired");
  await appendRow(tx, { action: "saml.key.removed", entity: { type: "saml-key", id: keyId } });
}

export async function listKeys(tx: TenantTx): Promise<SpKey[]> {
  return (await selectKeys(tx)).map(({ keyId, state, certificate, createdAt }) => ({
    keyId,
    state,
    certificate,
    createdAt,
    facts: certificateFacts(certificate) as CertificateFacts,
  }));
}

/** The current key first: it signs. All of them open assertions. PEM. */
export async function openKeys({ keyring }: Sealing, tx: TenantTx): Promise<string[]> {
  const order: KeyState[] = ["current", "next", "previous"];
  const keys = [...(await selectKeys(tx))].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const open = async ({ keyId, privateKey }: SpKeyRow) =>
    (await keyring.unseal(tx, context(keyId), privateKey)).toString();
  return Promise.all(keys.map(open));
}
