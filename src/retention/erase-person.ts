import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import { findUser, signInSubjects } from "../identity/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { callErasePerson, type PersonPart } from "./store-requests.ts";

/** What is kept of a person as a person: account, factors, sessions, notices. Before the openings, so that those it ends go too. */
export async function erasePerson(
  { app, notices }: Pick<RetentionDeps, "app" | "notices">,
  principal: Principal,
  { requestId, userId }: { requestId: string; userId: string },
  inTenant: <T>(work: (tx: TenantTx) => Promise<T>) => Promise<T>,
): Promise<PersonPart> {
  // The executor reads no accounts.
  const tried = await withTenant(app, principal, async (tx) => {
    const user = await findUser(tx, userId);
    const hashes: Buffer[] = [];
    for (const subject of user ? signInSubjects(user) : []) hashes.push(await notices.hashSubject(tx, subject));
    return hashes;
  });
  return inTenant((tx) => callErasePerson(tx, requestId, tried));
}
