import { systemPrincipal, withTenant } from "../audit/index.ts";
import { enqueueTask, type NewTask } from "../tasks/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { keepForecast } from "./forecast.ts";
import { selectDueDays } from "./store.ts";
import { selectFollowUps } from "./store-follow-up.ts";

/**
 * Writes a task for everything that is due in one tenant: days to erase, files to collect, journal entries to write or to
 * prove, dead letters to expire. Running it twice makes nothing twice: a key has one open task.
 */
export async function planTenant(deps: Pick<RetentionDeps, "executor">, tenantId: string): Promise<number> {
  return withTenant(deps.executor, systemPrincipal(tenantId, "retention", "cron"), async (tx) => {
    await keepForecast(tx);
    const wanted: NewTask[] = (await selectDueDays(tx)).map(({ day, what, sites }) => ({
      kind: "retention.erase",
      key: `${what} ${day}`,
      arguments: { day, what },
      total: sites,
    }));
    const follow = await selectFollowUps(tx);
    const single = (kind: string): NewTask => ({ kind, key: "all", arguments: {} });
    if (follow.files) wanted.push(single("retention.files"));
    if (follow.journal) wanted.push(single("retention.journal"));
    if (follow.letters) wanted.push(single("retention.letters"));
    for (const requestId of follow.requests) {
      wanted.push({ kind: "retention.request", key: requestId, arguments: { requestId } });
    }
    let made = 0;
    for (const task of wanted) if ((await enqueueTask(tx, task)).isNew) made++;
    return made;
  });
}
