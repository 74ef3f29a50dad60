import { randomBytes } from "node:crypto";
import { appendRow, type TenantTx } from "../../audit/index.ts";
import type { MfaDeps } from "./deps.ts";
import { markCodeUsed, replaceRecoveryCodes } from "./store.ts";

const howMany = 10;
// Crockford's base32 without what is easily misread: 16 characters are 80 bits.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ten new codes, shown once; the earlier ones end. */
export async function newRecoveryCodes(deps: MfaDeps, tx: TenantTx, userId: string): Promise<string[]> {
  const codes = Array.from({ length: howMany }, newCode);
  await replaceRecoveryCodes(tx, userId, await Promise.all(codes.map((code) => codeHash(deps, tx, userId, code))));
  await appendRow(tx, { action: "recovery-codes.created", entity: { type: "user", id: userId } });
  return codes;
}

/** True for a code of this person that was not used before: it is now. */
export async function takeRecoveryCode(deps: MfaDeps, tx: TenantTx, userId: string, code: string): Promise<boolean> {
  return markCodeUsed(tx, userId, await codeHash(deps, tx, userId, code));
}

function newCode(): string {
  const text = [...randomBytes(16)].map((byte) => alphabet[byte & 31]).join("");
  return text.replace(/(.{4})(?=.)/g, "$1-");
}

/** As typed: case, spaces and hyphens do not count, and o, i, l are read as the digits they look like. */
async function codeHash({ hashSubject }: MfaDeps, tx: TenantTx, userId: string, code: string): Promise<Buffer> {
  const plain = code.toLowerCase().replace(/[\s-]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
  return hashSubject(tx, `recovery-code:${userId} ${plain}`);
}
