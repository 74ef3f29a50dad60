import type { TenantTx } from "../../audit/index.ts";

export type ChallengePurpose = "totp-enrol" | "webauthn-enrol" | "webauthn-use" | "email-enrol" | "email-use";
/** The session or pending sign-in that may answer, and whose it is. */
export type Holder = { holder: string; userId: string };
export type Challenge = { challengeId: string; sealed: Buffer; tries: number };

const mostTries = 5;

/** In place of the holder's earlier one of this purpose. Those that ran out go. */
export async function replaceChallenge(
  tx: TenantTx,
  { holder, userId }: Holder,
  purpose: ChallengePurpose,
  { sealed, minutes }: { sealed: Buffer; minutes: number },
): Promise<void> {
  await tx.query(
    `delete from factor_challenges
      where tenant_id = app.tenant() and (expires_at < clock_timestamp() or (holder = $1::uuid and purpose = $2::text))`,
    [holder, purpose],
  );
  await tx.query(
    `insert into factor_challenges (tenant_id, user_id, holder, purpose, sealed, expires_at)
     values (app.tenant(), $1::uuid, $2::uuid, $3::text, $4::bytea, clock_timestamp() + make_interval(mins => $5::int))`,
    [userId, holder, purpose, sealed, minutes],
  );
}

/** Counts an answer to come, before it is looked at: five at most. */
export async function tryChallenge(
  tx: TenantTx,
  { holder, userId }: Holder,
  purpose: ChallengePurpose,
): Promise<Challenge | undefined> {
  const { rows } = await tx.query<Challenge>(
    `update factor_challenges set tries = tries + 1
      where tenant_id = app.tenant() and holder = $1::uuid and user_id = $2::uuid and purpose = $3::text
        and expires_at > clock_timestamp() and tries < $4::int
      returning challenge_id as "challengeId", sealed, tries`,
    [holder, userId, purpose, mostTries],
  );
  return rows[0];
}

/** Gives it out and ends it: for what may be answered once, rightly or not. */
export async function takeChallenge(
  tx: TenantTx,
  { holder, userId }: Holder,
  purpose: ChallengePurpose,
): Promise<Challenge | undefined> {
  const { rows } = await tx.query<Challenge & { fresh: boolean }>(
    `delete from factor_challenges
      where tenant_id = app.tenant() and holder = $1::uuid and user_id = $2::uuid and purpose = $3::text
      returning challenge_id as "challengeId", sealed, tries, expires_at > clock_timestamp() as fresh`,
    [holder, userId, purpose],
  );
  return rows[0]?.fresh ? rows[0] : undefined;
}

export async function deleteChallengesOf(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("delete from factor_challenges where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
}
