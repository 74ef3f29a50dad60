export { fingerprintApiKey, newApiKey, parseApiKey } from "./format.ts";
export {
  type CreatedApiKey,
  createApiKey,
  listApiKeys,
  requireApiKey,
  revokeApiKey,
  rotateApiKey,
} from "./manage.ts";
export { type NewApiKey, newApiKeySchema } from "./schema.ts";
export { type ApiKey, isCorsOrigin } from "./store.ts";
export { type ApiKeyVerifier, createApiKeyVerifier, type VerifiedApiKey, type VerifierOptions } from "./verify.ts";
