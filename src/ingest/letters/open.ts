import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import type { Keyring } from "../../keys/index.ts";
import type { Pool } from "../../platform/db.ts";
import { notFound } from "../../platform/errors.ts";
import type { Page } from "../../platform/sorted-list.ts";
import { letterContext } from "../dead-letters.ts";
import { type Letter, type LetterFilter, type SealedLetter, selectLetter, selectLetters } from "./store.ts";

export type LetterDeps = { pool: Pool; keyring: Keyring };

/** `content`: as it came; base64 when it is no text. */
export type OpenedLetter = Letter & { content: string; encoding: "text" | "base64" };

export async function listLetters(
  { pool }: Pick<LetterDeps, "pool">,
  principal: Principal,
  page: Page & LetterFilter,
): Promise<{ letters: Letter[]; next: string | null }> {
  return withTenant(pool, principal, (tx) => selectLetters(tx, page));
}

/** @throws AppError `not-found`, also for one of a site outside the principal's. */
export async function openLetter(deps: LetterDeps, principal: Principal, letterId: string): Promise<OpenedLetter> {
  return withTenant(deps.pool, principal, async (tx) => {
    const { sealed, ...letter } = await requireLetter(tx, letterId);
    const bytes = await unsealLetter(deps, tx, { letterId, sealed });
    return { ...letter, ...readable(bytes) };
  });
}

export async function requireLetter(tx: TenantTx, letterId: string): Promise<SealedLetter> {
  const letter = await selectLetter(tx, letterId);
  if (!letter) throw notFound("dead letter");
  return letter;
}

export async function unsealLetter(
  { keyring }: Pick<LetterDeps, "keyring">,
  tx: TenantTx,
  { letterId, sealed }: Pick<SealedLetter, "letterId" | "sealed">,
): Promise<Buffer> {
  return keyring.unseal(tx, letterContext(letterId), sealed);
}

function readable(bytes: Buffer): { content: string; encoding: "text" | "base64" } {
  try {
    return { content: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "text" };
  } catch {
    return { content: bytes.toString("base64"), encoding: "base64" };
  }
}
