import { z } from "zod";
import { type Principal, readTenant, withTenant } from "../audit/index.ts";
import { notFound } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { findTask, listTasks, resumeTask } from "./index.ts";
import { resumption, TASK_STATES, taskAnswer, tasksAnswer } from "./schema.ts";
import { shownTo } from "./shown-to.ts";
import { TASK_ORDER } from "./store.ts";
import { createTaskStreams, type StreamDeps } from "./stream.ts";

const filter = z.strictObject({
  state: z.enum(TASK_STATES).optional(),
  kind: z.string().max(128).default(""),
  ...sortedQuery(TASK_ORDER),
});

/** Long work, with its progress. A task names no one: ids, days and numbers only. */
export function taskRoutes(deps: StreamDeps): Route<Principal>[] {
  const { pool } = deps;
  const streams = createTaskStreams(deps);
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
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/tasks/:taskId/stream",
      summary: "One task as server-sent events: `task` at once and after each change, `end` when it has ended.",
      permission: "tasks:read",
      rate: "general",
      sends: ["text/event-stream"],
      handler: (context) => streams.open(context, context.params.taskId!),
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
