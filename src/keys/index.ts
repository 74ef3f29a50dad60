export { checkMasterKey } from "./check-master-key.ts";
export { createImageKey, unwrapImageKey } from "./image-keys.ts";
export { createMasterKey, type KeyName, loadMasterKey, type MasterKey } from "./master-key.ts";
export { type KeyPurpose, seal, sealedVersion, type TenantKey, unseal } from "./seal.ts";
export { normaliseSubject, subjectHash, subjectHasher } from "./subject.ts";
export { createKeyring, createTenantKeys, type Keyring, rotateDataKey } from "./tenant-keys.ts";
