import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type TenantTx, withTenant } from "../../src/audit/index.ts";
import {
  bindHandlers,
  enqueueTask,
  findDueTasks,
  findTask,
  type JobHandlers,
  resumeTask,
  runTask,
  wakeTasks,
} from "../../src/tasks/index.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

describe("tasks in Postgres", () => {
  let database: TestDatabase;
  let tenant: SeededTenant;
  let stranger: SeededTenant;
  let directory: string;
  before(async () => {
    database = await testDatabase();
    directory = await temporaryDirectory("tasks");
    const seeds = seedDeps(database.pool("app"), directory);
    tenant = await seedTenant(seeds);
    stranger = await seedTenant(seeds);
  });
  after(async () => {
    await database.stop();
    await removeDirectory(directory);
  });

  const inTenant = <T>(work: (tx: TenantTx) => Promise<T>, who = tenant) =>
    withTenant(database.pool("app"), who.principal, work);
  const enqueue = (kind: string, key: string) => inTenant((tx) => enqueueTask(tx, { kind, key, arguments: { n: 1 } }));
  const run = (taskId: string, handlers: JobHandlers<object>, leaseMs = 60_000) =>
    runTask(database.pool("app"), { tenantId: tenant.tenantId, taskId }, bindHandlers({}, handlers), { leaseMs });
  const find = (taskId: string) => inTenant((tx) => findTask(tx, taskId));

  it("a key has one open task; a finished one makes room", async () => {
    const first = await enqueue("test.once", "a");
    assert.deepEqual(await enqueue("test.once", "a"), { taskId: first.taskId, isNew: false });
    await run(first.taskId, { "test.once": async () => ({ state: "done", result: { n: 2 } }) });
    assert.deepEqual((await find(first.taskId))?.result, { n: 2 });
    assert.equal((await enqueue("test.once", "a")).isNew, true);
  });

  it("many claimers at once: one runs it", async () => {
    const { taskId } = await enqueue("test.race", "a");
    let runs = 0;
    const handlers: JobHandlers<object> = {
      "test.race": async () => {
        runs++;
        await sleep(100);
        return { state: "done" };
      },
    };
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => run(taskId, handlers)));
    assert.equal(runs, 1);
    assert.equal(outcomes.filter((outcome) => outcome.ran).length, 1);
  });

  it("a worker that lost its claim can write nothing any more", async () => {
    const { taskId } = await enqueue("test.lost", "a");
    let lost: unknown;
    const slow = run(taskId, {
      "test.lost": async (_deps, _task, progress) => {
        // Its process stands still while the lease runs out and another one takes over.
        await database.superuser.query(
          "update tasks set lease_until = now() - interval '1 minute' where task_id = $1",
          [taskId],
        );
        await run(taskId, { "test.lost": async () => ({ state: "done", result: { by: "the other" } }) });
        await progress.report(5).catch((error) => {
          lost = error;
        });
        return { state: "done", result: { by: "the first" } };
      },
    });
    await slow;
    assert.equal((lost as { code: string }).code, "task-lost");
    const task = await find(taskId);
    assert.deepEqual([task?.result, task?.fence, task?.done], [{ by: "the other" }, 2, 0]);
  });

  it("an error leaves the task ready for later, with its reason, and is thrown", async () => {
    const { taskId } = await enqueue("test.fails", "a");
    await assert.rejects(
      run(taskId, {
        "test.fails": async () => {
          throw new Error("the disk is full");
        },
      }),
      /the disk is full/,
    );
    const task = await find(taskId);
    assert.deepEqual([task?.state, task?.note, task?.attempts], ["ready", "the disk is full", 1]);
    assert.ok(!(await findDueTasks(database.pool("app"), 100)).some((ref) => ref.taskId === taskId), "due at once");
  });

  it("a task that waits for a person waits until one resumes it, which the ledger says", async () => {
    const { taskId } = await enqueue("test.waits", "a");
    await run(taskId, { "test.waits": async () => ({ state: "waiting", until: "person", note: "look at it" }) });
    assert.ok(!(await findDueTasks(database.pool("app"), 100)).some((ref) => ref.taskId === taskId));
    await inTenant((tx) => resumeTask(tx, taskId, "looked"));
    assert.ok((await findDueTasks(database.pool("app"), 100)).some((ref) => ref.taskId === taskId));
    const { rows } = await inTenant((tx) =>
      tx.query("select 1 from ledger.rows where action = 'task.resumed' and entity_id = $1", [taskId]),
    );
    assert.equal(rows.length, 1);
    await run(taskId, { "test.waits": async () => ({ state: "done" }) });
    await assert.rejects(
      inTenant((tx) => resumeTask(tx, taskId, "again")),
      { code: "conflict" },
    );
  });

  it("another tenant sees, wakes and claims nothing of it", async () => {
    const { taskId } = await enqueue("test.mine", "a");
    assert.equal(await inTenant((tx) => findTask(tx, taskId), stranger), undefined);
    assert.equal(await inTenant((tx) => wakeTasks(tx, ["test.mine"], taskId), stranger), 0);
    const outcome = await runTask(database.pool("app"), { tenantId: stranger.tenantId, taskId }, new Map());
    assert.deepEqual(outcome, { ran: false });
    assert.equal((await find(taskId))?.state, "ready");
  });
});
