import { setTimeout as sleep } from "node:timers/promises";
import { readTenant, systemPrincipal } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { selectTaskMarks } from "./store.ts";

export type TaskWatch = {
  /** Calls `onChange` soon, and again after anything of the task that people see has changed. Returns what ends it. */
  watch(task: { tenantId: string; taskId: string }, onChange: () => void): () => void;
};

type Watched = { mark: string | undefined; callbacks: Set<() => void> };

/**
 * Tells of changes of tasks. One reader for all who watch in this process: a statement a second and tenant, however many they are,
 * and none when nobody watches. It says only that something changed: whoever is told reads the task under his own rights.
 */
export function createTaskWatch({ pool, everyMs = 1_000 }: { pool: Pool; everyMs?: number }): TaskWatch {
  const tenants = new Map<string, Map<string, Watched>>();
  let isReading = false;

  async function look(tenantId: string, tasks: Map<string, Watched>): Promise<void> {
    const reader = systemPrincipal(tenantId, "tasks", "cron");
    // While the database is away nobody is told; the next look catches up.
    const marks = await readTenant(pool, reader, (tx) => selectTaskMarks(tx, [...tasks.keys()])).catch(() => []);
    for (const { taskId, mark } of marks) {
      const watched = tasks.get(taskId);
      if (!watched || watched.mark === mark) continue;
      watched.mark = mark;
      for (const tell of watched.callbacks) tell();
    }
  }

  async function read(): Promise<void> {
    isReading = true;
    while (tenants.size > 0) {
      await sleep(everyMs, undefined, { ref: false });
      for (const [tenantId, tasks] of [...tenants]) await look(tenantId, tasks);
    }
    isReading = false;
  }

  return {
    watch({ tenantId, taskId }, onChange) {
      const tasks = tenants.get(tenantId) ?? new Map<string, Watched>();
      const watched = tasks.get(taskId) ?? { mark: undefined, callbacks: new Set() };
      tenants.set(tenantId, tasks.set(taskId, watched));
      watched.callbacks.add(onChange);
      if (!isReading) void read();
      return () => {
        watched.callbacks.delete(onChange);
        if (watched.callbacks.size === 0 && tasks.get(taskId) === watched) tasks.delete(taskId);
        if (tasks.size === 0 && tenants.get(tenantId) === tasks) tenants.delete(tenantId);
      };
    },
  };
}
