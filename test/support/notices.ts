import type { NoticeDeps } from "../../src/identity/index.ts";
import { type Keyring, subjectHasher } from "../../src/keys/index.ts";
import { createLogger } from "../../src/platform/logger.ts";

/** How people are told where no SMTP server is configured. */
export const quietNotices = (keyring: Keyring): NoticeDeps => ({
  hashSubject: subjectHasher(keyring),
  publicUrl: "https://ledgerstone.example",
  log: createLogger("test", "silent"),
});
