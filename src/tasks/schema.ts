import { z } from "zod";
import { count, timestamp, uuid } from "../platform/formats.ts";
import { nextPage } from "../platform/sorted-list.ts";
import type { Task } from "./store.ts";

export const TASK_STATES = ["ready", "running", "waiting", "done", "failed", "cancelled"] as const;

export const resumption = z
  .strictObject({ reason: z.string().trim().min(1).max(2000) })
  .meta({ examples: [{ reason: "the disk has been mended" }] });

export const taskAnswer = z
  .object({
    tenantId: uuid,
    taskId: uuid,
    kind: z.string(),
    arguments: z.record(z.string(), z.unknown()).meta({ description: "Ids, days and numbers only" }),
    key: z.string(),
    state: z.enum(TASK_STATES),
    fence: count.meta({ description: "Rises with every claim" }),
    attempts: count,
    done: count,
    total: count.nullable(),
    note: z.string().nullable().meta({ description: "Why it waits or failed" }),
    result: z.record(z.string(), z.unknown()).nullable(),
    runAfter: timestamp,
    createdAt: timestamp,
    updatedAt: timestamp,
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: "Task" }) satisfies z.ZodType<Task>;
export const tasksAnswer = z.object({ tasks: z.array(taskAnswer), next: nextPage });
