import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  type Condition,
  listTenantIds,
  type Principal,
  systemPrincipal,
  type TenantTx,
  withTenant,
} from "../audit/index.ts";
import type { Access } from "../identity/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, conflict, invalid } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { Route, RouteResult } from "../platform/route.ts";
import { deleteExpiredKeys, keepAnswer, selectTakenKey, type TakenKey, takeKey } from "./store-idempotency.ts";

export type IdempotencyDeps = { pool: Pool; keyring: Keyring; log: Logger };

export type KeyedRequest = {
  route: Pick<Route<Principal>, "method" | "action" | "takes" | "secret" | "status">;
  req: IncomingMessage;
  principal: Principal;
  /** Over which sites the caller has each permission now. */
  access: Access;
  body: unknown;
};

/** One that is under way says so for this long; after it its answer counts as lost. */
const underWaySeconds = 60;

/** Whether a route takes an Idempotency-Key. Events need none: an event's id is its key. */
export function takesIdempotencyKey({
  method,
  action,
  takes,
}: Pick<Route<never>, "method" | "action" | "takes">): boolean {
  return method === "post" && action !== null && takes === undefined;
}

/**
 * Runs a request that carries an Idempotency-Key at most once for its caller within 24 hours; a repetition gets the answer of
 * the first, sealed under the tenant's key meanwhile, as long as the caller's access is what it was: an answer may show what they see no
 * more. `run` is given the condition under which its act is committed: the key is
 * taken in the act's own transaction, so no crash lets the act happen twice. A refused request takes no key.
 */
export async function runOnce(
  deps: IdempotencyDeps,
  request: KeyedRequest,
  run: (conditions: readonly Condition[]) => Promise<RouteResult | undefined>,
): Promise<RouteResult | undefined> {
  const key = request.req.headers["idempotency-key"];
  if (key === undefined || !takesIdempotencyKey(request.route)) return run([]);
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw invalid("the Idempotency-Key is none", { expected: "1 to 255 visible ASCII characters, such as a UUID" });
  }
  const keyHash = createHash("sha256").update(key).digest();
  const found = await withTenant(deps.pool, request.principal, (tx) => lookAt(deps, tx, request, keyHash));
  if (found.answer) return found.answer;
  const taken = { keyHash, request: found.request, secret: request.route.secret === true };
  let isTaken = false;
  const take = async (tx: TenantTx): Promise<void> => {
    if (!(await takeKey(tx, taken))) throw underWay();
    isTaken = true;
  };
  const result = await run([{ settle: take }]);
  // The act is done: what goes wrong with keeping its answer must not hide that.
  await withTenant(deps.pool, request.principal, async (tx) => {
    if (!(await takeKey(tx, taken)) && !isTaken) return;
    if (result && !taken.secret) await keep(deps, tx, keyHash, result, request);
  }).catch((error: unknown) => deps.log.warn({ err: error }, "an answer was not kept for its Idempotency-Key"));
  return result;
}

async function lookAt(
  { keyring }: IdempotencyDeps,
  tx: TenantTx,
  { req, body, access }: KeyedRequest,
  keyHash: Buffer,
): Promise<{ request: Buffer; answer?: RouteResult }> {
  const { secret } = await keyring.indexKey(tx);
  const text = JSON.stringify([req.method, req.url, body ?? null]);
  const request = createHmac("sha256", secret).update(`ledgerstone/idempotency/v1\n${text}`).digest();
  const taken = await selectTakenKey(tx, keyHash);
  if (!taken) return { request };
  if (!taken.request.equals(request)) {
    throw new AppError("key-reused", "this Idempotency-Key was used for another request", {
      remedy: "send a fresh key with each new request",
    });
  }
  if (!taken.answer) throw refusal(taken);
  const {
    headers,
    body: kept,
    seenBy,
  } = JSON.parse((await keyring.unseal(tx, context(keyHash), taken.answer)).toString());
  if (seenBy !== digestOf(access)) throw accessChanged();
  return {
    request,
    answer: { status: taken.status!, headers: { ...headers, "idempotency-replayed": "true" }, body: kept },
  };
}

async function keep(
  { keyring }: IdempotencyDeps,
  tx: TenantTx,
  keyHash: Buffer,
  { status, headers, body }: RouteResult,
  { route, access }: Pick<KeyedRequest, "route" | "access">,
): Promise<void> {
  const seenBy = digestOf(access);
  const answer = await keyring.seal(tx, context(keyHash), Buffer.from(JSON.stringify({ headers, body, seenBy })));
  await keepAnswer(tx, { keyHash, status: status ?? route.status ?? (body === undefined ? 204 : 200), answer });
}

const context = (keyHash: Buffer): string => `idempotency ${keyHash.toString("hex")}`;

/** Of all that a caller may do, whatever the order in which it was read. */
function digestOf(access: Access): string {
  const lines = [...access].map(
    ([permission, sites]) => `${permission} ${sites === "all" ? "*" : [...sites].sort()}\n`,
  );
  return createHash("sha256").update(lines.sort().join("")).digest("base64");
}

const accessChanged = (): AppError =>
  conflict("this was done before, by access that has changed since", {
    remedy: "look for what it made: the ledger's row has the first request's correlation",
  });

function refusal({ secret, age }: TakenKey): AppError {
  if (secret) {
    return conflict("this was done before, and its answer held a secret that is shown once", {
      remedy: "end what it made and make another, with a fresh Idempotency-Key",
    });
  }
  if (age < underWaySeconds) return underWay();
  return conflict("this was done before, and its answer was lost when a process ended", {
    remedy: "look for what it made: the ledger's row has the first request's correlation",
  });
}

const underWay = (): AppError =>
  conflict("a request with this Idempotency-Key is under way", { remedy: "try again in a moment" });

const expireEveryMs = 3_600_000;

/** Removes the answers of callers who do not come back. */
export function startIdempotencyCare({ pool, log }: Pick<IdempotencyDeps, "pool" | "log">): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const round = async (): Promise<void> => {
    for (const tenantId of await listTenantIds(pool)) {
      await withTenant(pool, systemPrincipal(tenantId, "api", "cron"), deleteExpiredKeys);
    }
  };
  const timer = setInterval(() => {
    running = round().catch((error: unknown) => log.warn({ err: error }, "old Idempotency-Keys were not removed"));
  }, expireEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
