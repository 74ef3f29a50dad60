export * from "./api-keys/index.ts";
export { PERMISSIONS, type Permission } from "./permissions.ts";
