import { z } from "zod";
import { type Principal, readTenant, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { findTask, listTasks, resumeTask, type Task } from "./index.ts";
import { resumption, TASK_STATES, taskAnswer, tasksAnswer } from "./schema.ts";
import { TASK_ORDER } from "./store.ts";

const filter = z.strictObject({
  state: z.enum(TASK_STATES).optional(),
  kind: z.string().max(128).default(""),
  ...sortedQuery(TASK_ORDER),
});

/** Long work, with its progress. A task names no one: ids, days and numbers only. */
export function taskRoutes({ pool }: { pool: Pool }): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/tasks",
      summary: "Work under way, waiting or done, newest first.",
      permission: "tasks:read",
      rate: "general",
      query: filter,
      response: tasksAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: z.output<typeof filter> }) => {
        const { kind: kindPrefix, state, ...page } = query;
        const wanted = { kindPrefix, states: state ? [state] : TASK_STATES, ...page };
        const { tasks, next } = await readTenant(pool, principal, (tx) => listTasks(tx, wanted));
        return { body: { tasks: tasks.map((task) => shownTo(principal, task)), next } };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/tasks/:taskId",
      summary: "One task with its progress.",
      permission: "tasks:read",
      rate: "general",
      response: taskAnswer,
      handler: async ({ principal, params }) => {
        const task = await readTenant(pool, principal, (tx) => findTask(tx, params.taskId!));
        if (!task) throw notFound("task");
        return { body: shownTo(principal, task) };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/tasks/:taskId/resume",
      summary: "A person lets a waiting task go on.",
      permission: "tasks:write",
      rate: "settings",
      action: "task.resumed",
      body: resumption,
      response: taskAnswer,
      problems: [409],
      handler: async ({
        principal,
        params,
        body,
      }: {
        principal: Principal;
        params: Record<string, string>;
        body: z.output<typeof resumption>;
      }) => ({ body: await withTenant(pool, principal, (tx) => resumeTask(tx, params.taskId!, body.reason)) }),
    }),
  ];
}

/** What a task is about may be another site's: who sees some sites sees that there is work, and how far it is. */
function shownTo({ sites }: Principal, task: Task): Task {
  return sites === "all" ? task : { ...task, arguments: {}, key: "", note: null, result: null };
}
