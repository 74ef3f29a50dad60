import type { z } from "zod";
import { appendRow, type Principal, type TenantTx, type Unit, withTenant } from "../audit/index.ts";
import { type Access, accessOf, findUser, lacking } from "../identity/index.ts";
import { type Keyring, subjectHash } from "../keys/index.ts";
import type { Pool } from "../platform/db.ts";
import { conflict, forbidden, notFound } from "../platform/errors.ts";
import type { Page } from "../platform/sorted-list.ts";
import { enqueueTask } from "../tasks/index.ts";
import { type ErasureInput, erasureSchema } from "./schema.ts";
import {
  type CertificateTombstone,
  callCountRequest,
  type Disclosure,
  type ErasureRequest,
  insertRequest,
  isLastLocalOwner,
  selectDisclosures,
  selectRequest,
  selectRequestErasures,
  selectRequests,
} from "./store-requests.ts";

export type RequestDeps = { pool: Pool; keyring: Keyring };

/**
 * Records that someone asked for an erasure, before anything is erased, and sets the executor to it. By subject: events,
 * images, audit openings, dead letters and exports; `user:<id>` of an account takes what is kept of that person too. By event id:
 * the events, or their images alone.
 */
export async function requestErasure(
  deps: RequestDeps,
  principal: Principal,
  input: ErasureInput,
  asker: Access | null = null,
): Promise<ErasureRequest & { taskId: string; found: { events: number; held: number; heldBy: string[] } }> {
  const wanted = erasureSchema.parse(input);
  return withTenant(deps.pool, principal, async (tx) => {
    const { requestId, taskId } = await recordErasure(deps, tx, wanted, { asker });
    return { ...(await selectRequest(tx, requestId))!, taskId, found: await callCountRequest(tx, requestId) };
  });
}

/** As requestErasure, in the caller's transaction. @throws AppError `conflict` for the last local owner, `forbidden` for who may do more. */
export async function recordErasure(
  { keyring }: Pick<RequestDeps, "keyring">,
  tx: TenantTx,
  { subject, eventIds, imagesOnly, reason, identity }: z.output<typeof erasureSchema>,
  { caseId = null, asker = null }: { caseId?: string | null; asker?: Access | null } = {},
): Promise<{ requestId: string; taskId: string }> {
  if (tx.principal.sites !== "all") throw forbidden("an erasure request needs access to all sites");
  const requestId = crypto.randomUUID();
  const indexKey = await keyring.indexKey(tx);
  const userId = subject === undefined ? null : await accountOf(tx, subject, asker);
  const units: Unit[] = [{ name: "detail", content: JSON.stringify({ reason, identity: identity?.method }) }];
  if (identity?.evidence) {
    const subjects = [subjectHash(indexKey, `request:${requestId}`)];
    units.push({ name: "evidence", content: identity.evidence, subjects });
  }
  const entity = { type: "request", id: requestId };
  const { seq, at } = await appendRow(tx, { action: "erasure.requested", entity, units });
  await insertRequest(tx, {
    ...{ requestId, eventIds: eventIds ?? null, imagesOnly, seq, at, caseId, userId },
    subject: subject === undefined ? null : subjectHash(indexKey, subject),
  });
  const { taskId } = await enqueueTask(tx, { kind: "retention.request", key: requestId, arguments: { requestId } });
  return { requestId, taskId };
}

/**
 * The account that a subject `user:<id>` names, if it is one of ours. To erase somebody is to take their roles: who asks (null: the
 * appliance itself) needs all that they may do.
 */
async function accountOf(tx: TenantTx, subject: string, asker: Access | null): Promise<string | null> {
  const [, id] = /^\s*user:\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/i.exec(subject) ?? [];
  const user = id && (await findUser(tx, id.toLowerCase()));
  if (!user) return null;
  const theirs = asker ? await accessOf(tx, user.userId) : new Map<string, "all" | readonly string[]>();
  const more = [...theirs].flatMap(([permission, sites]) =>
    lacking(asker!, [permission], sites === "all" ? null : sites),
  );
  if (more.length > 0) {
    throw forbidden(`this person may do more than you: ${more.slice(0, 5).join(", ")}`, {
      remedy: "have the account deactivated first, or ask an owner",
    });
  }
  if (!(await isLastLocalOwner(tx, user.userId))) return user.userId;
  throw conflict("this is the account of the last local owner", {
    expected: "another active local account that is owner over all sites for good",
    remedy: "make one first",
  });
}

export async function listErasureRequests(
  pool: Pool,
  principal: Principal,
  page: Page,
): Promise<{ requests: ErasureRequest[]; next: string | null }> {
  return withTenant(pool, principal, (tx) => selectRequests(tx, page));
}

export type ErasureCertificate = {
  request: ErasureRequest;
  /** Still here, because holds keep it. */
  held: { events: number; heldBy: string[] };
  total: { events: number; images: number; openings: number; bytes: number };
  tombstones: CertificateTombstone[];
  /** Exports that had disclosed it, or (certain: false) may have. Copies that left the appliance are not erased. */
  disclosures: Disclosure[];
  complete: boolean;
};

/** What was erased for a request, when, under which tombstones, and who had been given it before. */
export async function getErasureCertificate(
  pool: Pool,
  principal: Principal,
  requestId: string,
): Promise<ErasureCertificate> {
  return withTenant(pool, principal, async (tx) => {
    const request = await selectRequest(tx, requestId);
    if (!request) throw notFound(`erasure request ${requestId}`);
    const tombstones = await selectRequestErasures(tx, requestId);
    const { held, heldBy } = await callCountRequest(tx, requestId);
    const sum = (key: "events" | "images" | "openings" | "bytes") =>
      tombstones.reduce((total, each) => total + each[key], 0);
    return {
      request,
      held: { events: held, heldBy },
      total: { events: sum("events"), images: sum("images"), openings: sum("openings"), bytes: sum("bytes") },
      tombstones,
      disclosures: await selectDisclosures(tx, requestId),
      complete: request.state === "done" && tombstones.every((each) => each.filesPending === 0),
    };
  });
}
