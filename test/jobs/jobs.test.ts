import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { systemPrincipal, withTenant } from "../../src/audit/index.ts";
import { type Jobs, startJobs } from "../../src/jobs/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { bindHandlers, enqueueTask, findTask, type JobHandlers } from "../../src/tasks/index.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { waitUntil } from "../support/process.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

const log = createLogger("test", "silent");

describe("jobs", () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let tenant: SeededTenant;
  let directory: string;
  let jobs: Jobs | undefined;
  const ran: string[] = [];
  let rounds = 0;

  const handlers: JobHandlers<object> = {
    "test.quick": async (_deps, task) => {
      ran.push(task.taskId);
      return { state: "done", result: { attempt: task.attempts } };
    },
    "test.slow": async (_deps, task, progress) => {
      await sleep(300, undefined, { signal: progress.signal });
      ran.push(task.taskId);
      return { state: "done" };
    },
  };
  const start = () =>
    startJobs({
      redis: redis.section,
      pool: database.pool("app"),
      log,
      handlers: bindHandlers({}, handlers),
      rounds: {
        "test.round": {
          everyMs: 500,
          run: async () => {
            rounds++;
          },
        },
      },
      reconcileSeconds: 1,
      leaseMs: 2000,
    });
  const enqueue = (kind: string, key: string) =>
    withTenant(database.pool("app"), systemPrincipal(tenant.tenantId, "test", "cli"), (tx) =>
      enqueueTask(tx, { kind, key, arguments: {} }),
    );
  const isDone = async (taskId: string) =>
    (
      await withTenant(database.pool("app"), systemPrincipal(tenant.tenantId, "test", "cli"), (tx) =>
        findTask(tx, taskId),
      )
    )?.state === "done";

  before(async () => {
    database = await testDatabase();
    redis = await startRedis();
    directory = await temporaryDirectory("jobs");
    tenant = await seedTenant(seedDeps(database.pool("app"), directory));
  });
  after(async () => {
    await jobs?.stop();
    await redis.stop();
    await database.stop();
    await removeDirectory(directory);
  });

  it("a task written before the worker started runs at start", async () => {
    const { taskId } = await enqueue("test.quick", "before");
    jobs = await start();
    await waitUntil("the task is done", () => isDone(taskId));
  });

  it("a task runs within a round of the reconciler, and the same key runs again after it ended", async () => {
    for (let i = 0; i < 3; i++) {
      const { taskId, isNew } = await enqueue("test.quick", "again");
      assert.ok(isNew);
      await waitUntil("the task is done", () => isDone(taskId));
    }
  });

  it("FLUSHALL while tasks wait and run loses none, and rounds go on", async () => {
    const tasks = [];
    for (let i = 0; i < 12; i++) tasks.push((await enqueue("test.slow", `flush ${i}`)).taskId);
    await jobs!.reconcile();
    for (let i = 0; i < 3; i++) {
      await redis.command("FLUSHALL");
      await sleep(150);
    }
    for (const taskId of tasks) await waitUntil(`task ${taskId} is done`, () => isDone(taskId), { timeoutMs: 30_000 });
    const before = rounds;
    await waitUntil("a round after the flush", async () => rounds > before, { timeoutMs: 10_000 });
  });

  it("Redis killed while tasks wait and run loses none; the worker comes back by itself", async () => {
    const tasks = [];
    for (let i = 0; i < 8; i++) tasks.push((await enqueue("test.slow", `kill ${i}`)).taskId);
    await jobs!.reconcile();
    await sleep(100);
    await redis.kill();
    const late = (await enqueue("test.quick", "while away")).taskId;
    await sleep(1500);
    await redis.start();
    for (const taskId of [...tasks, late])
      await waitUntil(`task ${taskId} is done`, () => isDone(taskId), { timeoutMs: 40_000 });
    const before = rounds;
    await waitUntil("a round after the outage", async () => rounds > before, { timeoutMs: 20_000 });
  });

  it("stops within seconds while Redis is away", async () => {
    await redis.kill();
    await sleep(300);
    const begun = performance.now();
    await jobs!.stop();
    jobs = undefined;
    assert.ok(performance.now() - begun < 8000);
  });
});
