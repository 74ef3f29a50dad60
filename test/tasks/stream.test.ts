import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { SESSION_COOKIE } from "../../src/identity/index.ts";
import { enqueueTask } from "../../src/tasks/index.ts";
import { openPersons, type Person, type Persons } from "../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";

type Shown = { taskId: string; state: string; done: number; arguments: object; note: string | null };
type Stream = {
  status: number;
  tasks: Shown[];
  /** Everything that came. */
  text(): string;
  /** Whether the appliance has ended it. */
  ended(): boolean;
  leave(): void;
};

describe("tasks: progress as it happens", function () {
  this.timeout(90_000);
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;
  let owner: Person;
  const open: Stream[] = [];

  before(async () => {
    appliance = await startAppliance();
    // Nobody but the tests does the work.
    await appliance.worker.stop();
    persons = await openPersons(appliance);
    tenant = await appliance.createTenant("Alder");
    owner = await persons.make(tenant.tenantId, "olga.owner", [{ role: "owner" }]);
  });
  afterEach(() => {
    for (const stream of open.splice(0)) stream.leave();
  });
  after(async () => {
    await persons?.stop();
    await appliance?.stop();
  });

  async function newTask(tenantId = tenant.tenantId): Promise<string> {
    const task = { kind: "retention.erase", key: crypto.randomUUID(), arguments: { secret: "of a site" }, total: 10 };
    return (await persons.inTenant(tenantId, (tx) => enqueueTask(tx, task))).taskId;
  }
  const change = (taskId: string, values: string) =>
    appliance.superuser.query(`update tasks set ${values} where task_id = $1::uuid`, [taskId]);

  async function listen(taskId: string, headers: Record<string, string>): Promise<Stream> {
    // A connection of its own: one that was opened and not used would be waited for when the appliance stops.
    const agent = new Agent({ connect: { ca: appliance.ca } });
    const url = `${appliance.apiUrl}/api/v1/tasks/${taskId}/stream`;
    const { statusCode: status, body } = await request(url, { headers, dispatcher: agent });
    const stream = { status, tasks: [] as Shown[], whole: "", hasEnded: false };
    const reading = async () => {
      let rest = "";
      for await (const part of body) {
        stream.whole += part;
        const events = (rest + part).split("\n\n");
        rest = events.pop()!;
        for (const event of events) {
          const data = /^event: task\ndata: (.*)$/.exec(event)?.[1];
          if (data) stream.tasks.push(JSON.parse(data));
        }
      }
      stream.hasEnded = true;
    };
    reading().catch(() => {});
    const given = {
      ...{ status, tasks: stream.tasks, leave: () => void agent.destroy() },
      ...{ text: () => stream.whole, ended: () => stream.hasEnded },
    };
    open.push(given);
    return given;
  }
  const as = ({ token }: Person) => ({ cookie: `${SESSION_COOKIE}=${token}` });
  const until = (what: string, done: () => boolean, timeoutMs = 10_000) =>
    waitUntil(what, async () => done(), { timeoutMs, everyMs: 50 });

  it("says how far a task is at once and after each change, to everyone who listens, and ends with it", async () => {
    const taskId = await newTask();
    const streams = [
      await listen(taskId, as(owner)),
      await listen(taskId, { authorization: `Bearer ${tenant.apiKey}` }),
    ];
    for (const stream of streams) await until("the first", () => stream.tasks.length === 1);
    assert.deepEqual(
      streams.map(({ status, tasks }) => [status, tasks[0]!.state]),
      [
        [200, "ready"],
        [200, "ready"],
      ],
    );
    await change(taskId, "state = 'running', done = 4");
    for (const stream of streams) await until("the change", () => stream.tasks.length === 2);
    assert.equal(streams[0]!.tasks[1]!.done, 4);
    await change(taskId, "state = 'done', done = 10, finished_at = now()");
    for (const stream of streams) await until("the end", () => stream.ended());
    for (const stream of streams) {
      assert.deepEqual(
        stream.tasks.map(({ state }) => state),
        ["ready", "running", "done"],
      );
      assert.match(stream.text(), /event: end\ndata: \{\}\n\n$/);
    }
    // Whoever comes again finds it in Postgres.
    const late = await listen(taskId, as(owner));
    await until("the end", () => late.ended());
    assert.deepEqual(
      late.tasks.map(({ state }) => state),
      ["done"],
    );
  });

  it("a session that was ended gets no change that comes after, and a quiet stream of it ends by itself", async () => {
    const [moving, quiet] = [await newTask(), await newTask()];
    const victim = await owner.again();
    const told = await listen(moving, as(victim));
    const silent = await listen(quiet, as(victim));
    const kept = await listen(quiet, as(owner));
    for (const stream of [told, silent, kept]) await until("the first", () => stream.tasks.length === 1);
    // The first look of those who watch is over.
    await sleep(2_500);
    const { sessions } = (await victim.call("GET", "/api/v1/sessions")).json<{
      sessions: { sessionId: string; current: boolean }[];
    }>();
    const { sessionId } = sessions.find(({ current }) => current)!;
    assert.equal((await owner.call("DELETE", `/api/v1/sessions/${sessionId}`)).status, 204);
    await change(moving, "done = 5");
    await until("the end of the moving one", () => told.ended());
    assert.equal(told.tasks.length, 1);
    await until("the end of the quiet one", () => silent.ended(), 20_000);
    await until("a beat", () => kept.text().includes(": still here"), 20_000);
    assert.equal(kept.ended(), false);
  });

  it("to be shown progress, or what a page asks with nobody at it, does not keep an idle session open", async () => {
    const idle = await owner.again();
    const seenAt = async () => {
      const { rows } = await appliance.superuser.query(
        "select last_seen_at from session_use u join sessions s using (tenant_id, session_id) where token_hash = sha256($1)",
        [Buffer.from(idle.token)],
      );
      return rows[0]?.last_seen_at as string | undefined;
    };
    await appliance.superuser.query("update sessions set created_at = created_at - interval '5 minutes'");
    await idle.call("GET", "/api/v1/session");
    const taskId = await newTask();
    const stream = await listen(taskId, as(idle));
    await until("the first", () => stream.tasks.length === 1);
    const asked = await seenAt();
    await appliance.superuser.query("update session_use set last_seen_at = last_seen_at - interval '4 minutes'");
    await change(taskId, "done = 6");
    await until("the change", () => stream.tasks.length === 2);
    const later = await seenAt();
    assert.ok(asked && later && new Date(later) < new Date(asked), `${asked} ${later}`);
    await idle.call("GET", "/api/v1/sites", undefined, { "x-unattended": "yes" });
    assert.deepEqual(await seenAt(), later);
    await idle.call("GET", "/api/v1/sites");
    assert.notDeepEqual(await seenAt(), later, "somebody is there again");
  });

  it("another tenant's task is not found, whoever lacks the right is refused, who sees some sites sees no more than how far", async () => {
    const birch = await appliance.createTenant("Birch");
    const theirs = await newTask(birch.tenantId);
    assert.equal((await listen(theirs, as(owner))).status, 404);
    const taskId = await newTask();
    assert.equal((await listen(taskId, {})).status, 401);
    const { siteId } = (await appliance.call(tenant.apiKey, "POST", "/api/v1/sites", { name: "North gate" })).json<{
      siteId: string;
    }>();
    const wanted = { name: "few", permissions: ["sites:read"] };
    const { key } = (await appliance.call(tenant.apiKey, "POST", "/api/v1/api-keys", wanted)).json<{ key: string }>();
    assert.equal((await listen(taskId, { authorization: `Bearer ${key}` })).status, 403);
    const limited = { name: "of a site", permissions: ["tasks:read"], siteIds: [siteId] };
    const made = await appliance.call(tenant.apiKey, "POST", "/api/v1/api-keys", limited);
    const stream = await listen(taskId, { authorization: `Bearer ${made.json<{ key: string }>().key}` });
    await until("the first", () => stream.tasks.length === 1);
    assert.deepEqual(stream.tasks[0]!.arguments, {});
    assert.doesNotMatch(stream.text(), /of a site/);
  });

  it("one person holds eight streams and no more, and gets room again by leaving one", async () => {
    const taskId = await newTask();
    const streams = [];
    for (let n = 0; n < 8; n++) streams.push(await listen(taskId, as(owner)));
    assert.deepEqual(
      streams.map(({ status }) => status),
      Array(8).fill(200),
    );
    assert.equal((await listen(taskId, as(owner))).status, 429);
    assert.equal((await listen(taskId, { authorization: `Bearer ${tenant.apiKey}` })).status, 200);
    streams[0]!.leave();
    await waitUntil("room", async () => (await listen(taskId, as(owner))).status === 200, { timeoutMs: 5_000 });
  });

  it("a process that is asked to stop ends its streams and leaves within seconds", async () => {
    const stream = await listen(await newTask(), as(owner));
    await until("the first", () => stream.tasks.length === 1);
    const began = Date.now();
    await appliance.app.stop();
    assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
    await until("the end", () => stream.ended());
    await appliance.app.start();
  });
});
