export * from "./api-keys/index.ts";
