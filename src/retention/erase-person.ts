import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import { findUser, signInSubjects } from "../identity/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { journalPerson } from "./journal.ts";
import { callErasePerson, type PersonPart } from "./store-requests.ts";

/** What is kept of a person as a person: account, factors, sessions, notices. Before the openings, so that those it ends go too. */
export async function erasePerson(
  { app, notices, journal }: Pick<RetentionDeps, "app" | "notices" | "journal">,
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
  const part = await inTenant((tx) => callErasePerson(tx, requestId, tried));
  // Also when a run before was killed between the two: an entry may come twice.
  if (part.outcome === "erased" || part.outcome === "nothing") {
    await journalPerson({ journal }, { tenantId: principal.tenantId, userId, requestId });
  }
  return part;
}
