export { atPlaceByHand } from "./by-hand.ts";
export { type CmsSigner, loadCmsSigner } from "./cms.ts";
export { configureEvidence, trustOf } from "./configure.ts";
export type { Target } from "./deliver.ts";
export { type Estimate, estimateExport } from "./estimate.ts";
export { expireExports } from "./expire.ts";
export {
  type BundleResult,
  type ExporterDeps,
  type ExportOptions,
  type ExportPhase,
  type ExportProgress,
  exportBundle,
} from "./export.ts";
export { type OpenExport, openExport } from "./open.ts";
export { type ExportDeps, type ExportView, getExport, listExports, requestExport } from "./request.ts";
export type { EvidenceDeps } from "./run.ts";
export { type BundleRequest, type BundleScope, type ExportInput, estimateSchema, exportSchema } from "./schema.ts";
export { readVerifier, type TrustSource, type TrustView, trustView, VERIFIER_NAME } from "./trust.ts";
