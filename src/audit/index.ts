export { type AppendedRow, appendRow, type NewRow, type Unit } from "./append.ts";
export { listTenantIds, openChain } from "./store.ts";
export {
  type ActorType,
  type Channel,
  type Principal,
  systemPrincipal,
  type TenantTx,
  withTenant,
} from "./with-tenant.ts";
