import { appendRow, type Principal, withTenant } from "../audit/index.ts";
import { type Keyring, subjectHash } from "../keys/index.ts";
import type { Page } from "../platform/cursor.ts";
import type { Pool } from "../platform/db.ts";
import { forbidden, notFound } from "../platform/errors.ts";
import { enqueueTask } from "../tasks/index.ts";
import { type ErasureInput, erasureSchema } from "./schema.ts";
import {
  type CertificateTombstone,
  callCountRequest,
  type Disclosure,
  type ErasureRequest,
  insertRequest,
  selectDisclosures,
  selectRequest,
  selectRequestErasures,
  selectRequests,
} from "./store-requests.ts";

/**
 * Records that someone asked for an erasure, before anything is erased, and sets the executor to it. By subject: events,
 * images, audit openings, dead letters and exports. By event id: the events, or their images alone.
 */
export async function requestErasure(
  deps: { pool: Pool; keyring: Keyring },
  principal: Principal,
  input: ErasureInput,
): Promise<ErasureRequest & { taskId: string; found: { events: number; held: number; heldBy: string[] } }> {
  const wanted = erasureSchema.parse(input);
  if (principal.sites !== "all") throw forbidden("an erasure request needs access to all sites");
  const requestId = crypto.randomUUID();
  return withTenant(deps.pool, principal, async (tx) => {
    const subject = wanted.subject === undefined ? null : subjectHash(await deps.keyring.indexKey(tx), wanted.subject);
    const { seq, at } = await appendRow(tx, {
      action: "erasure.requested",
      entity: { type: "request", id: requestId },
      units: [{ name: "detail", content: JSON.stringify({ reason: wanted.reason }) }],
    });
    const { eventIds = null, imagesOnly } = wanted;
    await insertRequest(tx, { requestId, subject, eventIds, imagesOnly, seq, at });
    const { taskId } = await enqueueTask(tx, { kind: "retention.request", key: requestId, arguments: { requestId } });
    return { ...(await selectRequest(tx, requestId))!, taskId, found: await callCountRequest(tx, requestId) };
  });
}

export async function listErasureRequests(pool: Pool, principal: Principal, page: Page): Promise<ErasureRequest[]> {
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
