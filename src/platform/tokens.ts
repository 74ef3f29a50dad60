import { createHash, randomBytes } from "node:crypto";

// Secrets that the appliance hands out to be shown again: cookies, one-time links, bindings of browsers. Only their hash is stored.

/** 256 random bits, base64url: 43 characters. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** What newToken makes. */
export const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** SHA-256: enough for what has 256 random bits, and quick enough for each request. */
export const hashToken = (token: string): Buffer => createHash("sha256").update(token).digest();
