export { type AppendedRow, appendRow, type NewRow, type Unit } from "./append.ts";
export { type CheckDeps, checkChains } from "./check-chains.ts";
export { commitWithRow } from "./commit-with-row.ts";
export { type Condition, type Conditions, newConditions } from "./conditions.ts";
export { consistencyFile, outsideLines, proveRow, type RowProof } from "./prove.ts";
export { readTenant } from "./read-tenant.ts";
export { rotateSigningKey } from "./rotate-key.ts";
export type { Fault } from "./row-walker.ts";
export { type SealDeps, type SealOutcome, sealChain } from "./seal.ts";
export { type SealerDeps, sealAll, startSealer } from "./sealer.ts";
export { CheckpointKeys, loadSigner, loadSigners, signerFromPem } from "./signing-key.ts";
export { listTenantIds, lockChainHead, openChain } from "./store.ts";
export { type VerifyOptions, type VerifyReport, verifyAll, verifyChain } from "./verify.ts";
export {
  type ActorType,
  type Channel,
  type Principal,
  systemPrincipal,
  type TenantTx,
  withTenant,
} from "./with-tenant.ts";
export { newestWitnessed, readWitnessed, type WitnessedCheckpoint, witnessedTenants } from "./witness.ts";
