import { listTenantIds } from "../audit/index.ts";
import type { JobHandlers, Round } from "../tasks/index.ts";
import { tendCases } from "./cases/upkeep.ts";
import type { RetentionDeps } from "./deps.ts";
import { eraseDue } from "./erase-due.ts";
import { eraseForRequest } from "./erase-request.ts";
import { collectFiles } from "./files.ts";
import { writeJournal } from "./journal.ts";
import { planTenant } from "./plan.ts";
import { expireDeadLetters, forgetFinishedTasks, makePartitions, tidyPartitions } from "./upkeep.ts";

/** Task kind → the function that does it. */
export const retentionHandlers: JobHandlers<RetentionDeps> = {
  "retention.erase": eraseDue,
  "retention.request": eraseForRequest,
  "retention.files": collectFiles,
  "retention.journal": writeJournal,
  "retention.letters": expireDeadLetters,
};

/** What comes round by the clock, by scheduler name. */
export function retentionRounds(deps: RetentionDeps): Record<string, Round> {
  return {
    "retention.plan": {
      everyMs: 60_000,
      async run(signal) {
        for (const tenantId of await listTenantIds(deps.executor)) {
          signal.throwIfAborted();
          // One tenant's trouble is not the others'.
          await planTenant(deps, tenantId).catch((error) =>
            deps.log.error({ err: error, tenantId }, "planning failed"),
          );
        }
      },
    },
    "retention.partitions": {
      everyMs: 3_600_000,
      async run() {
        await makePartitions(deps);
      },
    },
    "retention.cases": {
      everyMs: 3_600_000,
      async run(signal) {
        await tendCases({ ...deps, pool: deps.app }, signal);
      },
    },
    "retention.tasks": {
      everyMs: 86_400_000,
      async run(signal) {
        await forgetFinishedTasks(deps, signal);
      },
    },
    "retention.tidy": {
      everyMs: 3_600_000,
      async run(signal) {
        await tidyPartitions(deps, signal);
      },
    },
  };
}
