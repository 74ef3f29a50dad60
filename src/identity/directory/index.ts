export { setMapping } from "./configure.ts";
export type { ExternalPerson, ExternalRefusal, ExternalSignIn } from "./contract.ts";
export { linkUser, listLinks, unlinkUser } from "./links.ts";
export type { Mapping, MappingRule } from "./mapping.ts";
export { linkSchema, mappingSchema, previewSchema } from "./schema.ts";
export { signInExternal } from "./sign-in.ts";
export { selectMapping } from "./store.ts";
export type { Link } from "./store-links.ts";
