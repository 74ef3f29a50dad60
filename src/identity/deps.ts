import type { TenantTx, Unit } from "../audit/index.ts";

export type IdentityDeps = {
  /** HMAC of a subject under the tenant's index key (keys/): how an erasure finds what speaks of somebody. */
  hashSubject(tx: TenantTx, subject: string): Promise<Buffer>;
  /** Looks for what is unusual in sign-ins (anomalies/); given by bin. */
  watch?: SignInWatch | undefined;
};

export type SignInWatch = {
  /** In the transaction of the session's row. `device`: the browser's own token (anomalies/places.ts), where there is one. */
  signedIn(tx: TenantTx, seen: { userId: string; address: string; userAgent: string; device?: string }): Promise<void>;
  /** In the transaction of the refusal's row and before it. `userId` null: no such account. */
  refused(tx: TenantTx, seen: { userId: string | null; address: string }): Promise<void>;
  /** In the transaction of a change of how people sign in. `what` is for people to read. */
  changed(tx: TenantTx, entity: { type: string; id: string }, what: string): Promise<void>;
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
