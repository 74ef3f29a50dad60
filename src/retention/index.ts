export type { CaseDeps } from "./cases/deps.ts";
export { type Asker, confirmByMail, openErasurePage, type Received, receiveByPage } from "./cases/intake.ts";
export { intakeSchema, tokenSchema } from "./cases/schema.ts";
export type { RetentionDeps, RowProof } from "./deps.ts";
export { confirmErasing } from "./forecast.ts";
export { countHeld, listHolds, placeHold, releaseHold } from "./holds.ts";
export { type Orphans, reconcileObjects } from "./orphans.ts";
export { planTenant } from "./plan.ts";
export {
  cancelPendingPolicy,
  defaultPolicy,
  getRetention,
  type KeptTimes,
  keptTimes,
  type PolicyPreview,
  previewPolicy,
  readRetention,
  type SiteRetention,
  setPolicy,
  shortens,
} from "./policies.ts";
export { type ErasureCertificate, getErasureCertificate, listErasureRequests, requestErasure } from "./requests.ts";
export {
  type ErasureInput,
  erasureSchema,
  type HoldInput,
  holdSchema,
  type PolicyInput,
  policySchema,
} from "./schema.ts";
export type { Policy, SiteDay } from "./store.ts";
export type { Hold } from "./store-holds.ts";
export type { ErasureRequest } from "./store-requests.ts";
export { makePartitions } from "./upkeep.ts";
