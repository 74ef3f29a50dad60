import type { TenantTx, Unit } from "../audit/index.ts";

export type IdentityDeps = {
  /** HMAC of a subject under the tenant's index key (keys/): how an erasure finds what speaks of somebody. */
  hashSubject(tx: TenantTx, subject: string): Promise<Buffer>;
};

/** How a person is named as a subject: an erasure request for it takes the openings that speak of them. */
export const userSubject = (userId: string): string => `user:${userId}`;

/** A unit whose content speaks of a person, so that it goes when they ask for it. Personal data stands in units alone. */
export async function personUnit(
  { hashSubject }: IdentityDeps,
  tx: TenantTx,
  userId: string,
  content: object,
  name = "change",
): Promise<Unit> {
  return { name, content: JSON.stringify(content), subjects: [await hashSubject(tx, userSubject(userId))] };
}
