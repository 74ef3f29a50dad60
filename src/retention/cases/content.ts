import { z } from "zod";
import type { TenantTx } from "../../audit/index.ts";
import type { Keyring } from "../../keys/index.ts";

/** What the person said, and where they are reached. */
export const contentSchema = z.strictObject({
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** What is to be erased, in their words. */
  about: z.string(),
});
export type CaseContent = z.infer<typeof contentSchema>;

const context = (caseId: string): string => `erasure-case ${caseId}`;

export async function sealContent(keyring: Keyring, tx: TenantTx, caseId: string, content: CaseContent) {
  return keyring.seal(tx, context(caseId), Buffer.from(JSON.stringify(content)));
}

export async function unsealContent(keyring: Keyring, tx: TenantTx, caseId: string, sealed: Buffer) {
  return contentSchema.parse(JSON.parse((await keyring.unseal(tx, context(caseId), sealed)).toString("utf8")));
}

/** How a case is named as a subject: an erasure request for it takes the openings that tell of its person. */
export const caseSubject = (caseId: string): string => `case:${caseId}`;
