import { randomBytes } from "node:crypto";
import { startJobs } from "../../src/jobs/index.ts";
import { createKeyring, createMasterKey } from "../../src/keys/index.ts";
import { createDirectoryStore } from "../../src/objects/index.ts";
import { createPool } from "../../src/platform/db.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { RetentionDeps } from "../../src/retention/index.ts";
import { retentionHandlers, retentionRounds } from "../../src/retention/jobs.ts";
import { bindHandlers } from "../../src/tasks/index.ts";
import { quietNotices } from "../support/notices.ts";

// The job process that the tests kill: the real handlers, rounds and queues, until somebody ends it.
const given = JSON.parse(process.env.CHILD ?? "{}");
const log = createLogger("child", "warn");
// Seals nothing that the test reads.
const keyring = createKeyring(createMasterKey(randomBytes(32)));
const deps: RetentionDeps = {
  app: await createPool(given.postgres, "app"),
  executor: await createPool(given.postgres, "executor"),
  keyring,
  notices: quietNotices(keyring),
  objects: createDirectoryStore(given.objects),
  journal: { directory: given.journal },
  partitionDaysAhead: 3,
  proveRow: async (_tenantId, seq) => ({ checkpoint: `size ${seq}\n`, path: [] }),
  log,
};
const rounds = retentionRounds(deps);
rounds["retention.plan"]!.everyMs = 500;
await startJobs({
  redis: given.redis,
  pool: deps.app,
  log,
  handlers: bindHandlers(deps, retentionHandlers),
  rounds,
  reconcileSeconds: 1,
  leaseMs: 1500,
});
process.stdout.write("started\n");
