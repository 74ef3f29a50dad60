import type { CheckDeps } from "../audit/index.ts";
import type { RevokeDeps } from "../devices/index.ts";
import { deviceHandlers } from "../devices/jobs.ts";
import type { EvidenceDeps } from "../evidence/index.ts";
import { evidenceHandlers, evidenceRounds } from "../evidence/jobs.ts";
import type { NoticeDeps, SendDeps } from "../identity/index.ts";
import { identityHandlers, identityRounds } from "../identity/jobs.ts";
import type { ThumbnailDeps } from "../images/index.ts";
import { imageHandlers, imageRounds } from "../images/jobs.ts";
import { ledgerHandlers } from "../ledger/jobs.ts";
import type { RetentionDeps } from "../retention/index.ts";
import { retentionHandlers, retentionRounds } from "../retention/jobs.ts";
import { type BoundHandlers, bindHandlers, type Round } from "../tasks/index.ts";
import { queuesOf } from "./queues.ts";

export type HandlerDeps = {
  retention: RetentionDeps;
  evidence: EvidenceDeps;
  devices: RevokeDeps;
  images: ThumbnailDeps;
  identity: SendDeps & { notices: NoticeDeps };
  ledger: CheckDeps;
};

/** Every task kind → the feature function that does it. */
export function jobHandlers({ retention, evidence, devices, images, identity, ledger }: HandlerDeps): BoundHandlers {
  return new Map([
    ...bindHandlers(retention, retentionHandlers),
    ...bindHandlers(evidence, evidenceHandlers),
    ...bindHandlers(devices, deviceHandlers),
    ...bindHandlers(images, imageHandlers),
    ...bindHandlers(identity, identityHandlers),
    ...bindHandlers(ledger, ledgerHandlers),
  ]);
}

/** Every queue that a worker listens to. The table alone is asked: no handler of it can run. */
export const queueNames: ReadonlySet<string> = queuesOf(jobHandlers({} as never));

/** What comes round by the clock. */
export function jobRounds(deps: Omit<HandlerDeps, "devices" | "ledger">): Record<string, Round> {
  return {
    ...retentionRounds(deps.retention),
    ...evidenceRounds(deps.evidence),
    ...imageRounds(deps.images),
    ...identityRounds(deps.identity),
  };
}
