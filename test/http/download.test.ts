import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { SESSION_COOKIE } from "../../src/identity/index.ts";
import { openPersons, type Person, type Persons } from "../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";

const DEVICES = 50_500;
/** Of them at the second site. */
const FEW = 700;

describe("http: lists downloaded whole", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;
  let owner: Person;
  let agent: Agent;
  let sites: [string, string];

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { downloads: 30, settings: 1_000 };
      },
    });
    await appliance.worker.stop();
    persons = await openPersons(appliance);
    agent = new Agent({ connect: { ca: appliance.ca } });
    tenant = await appliance.createTenant("Alder");
    owner = await persons.make(tenant.tenantId, "olga.owner", [{ role: "owner" }]);
    const make = async (name: string) =>
      (await appliance.call(tenant.apiKey, "POST", "/api/v1/sites", { name })).json<{ siteId: string }>().siteId;
    sites = [await make("North gate"), await make('=HYPERLINK("http://evil","Süd, gate")')];
    await fill(DEVICES);
  });
  after(async () => {
    await agent?.destroy();
    await persons?.stop();
    await appliance?.stop();
  });

  /** Straight into the table: that devices are many is all that is wanted of them. */
  async function fill(devices: number): Promise<void> {
    const client = await appliance.superuser.connect();
    try {
      await client.query("begin; set local session_replication_role = replica");
      await client.query(
        `insert into devices (tenant_id, site_id, name)
         select $1::uuid, ($2::uuid[])[case when n <= $4::int then 2 else 1 end], 'camera ' || n from generate_series(1, $3::int) n`,
        [tenant.tenantId, sites, devices, FEW],
      );
      await client.query("commit; analyze devices");
    } finally {
      client.release();
    }
  }

  const get = (path: string, { token }: Person = owner) =>
    request(`${appliance.apiUrl}/api/v1/${path}`, {
      dispatcher: agent,
      headers: { cookie: `${SESSION_COOKIE}=${token}` },
    });

  async function sessionOf(person: Person): Promise<string> {
    const { sessions } = (await person.call("GET", "/api/v1/sessions")).json<{
      sessions: { sessionId: string; current: boolean }[];
    }>();
    return sessions.find(({ current }) => current)!.sessionId;
  }

  it("a list of more than 50,000 rows comes whole as CSV and as JSON, with its name and day, in bounded memory", async () => {
    const memory = () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${appliance.app.pid()}/status`, "utf8"))![1]);
    const before = memory();
    const csv = await get("devices?as=csv&sort=createdAt");
    assert.equal(csv.statusCode, 200);
    assert.equal(csv.headers["content-type"], "text/csv; charset=utf-8");
    const today = new Date().toISOString().slice(0, 10);
    assert.equal(csv.headers["content-disposition"], `attachment; filename="devices-${today}.csv"`);
    const lines = (await csv.body.text()).split("\r\n");
    assert.equal(lines[0], "deviceId,siteId,name,state,access,createdAt,revokedAt,lastSeenAt,certificateNotAfter");
    assert.equal(lines.length, DEVICES + 2, "head, rows, and nothing behind the last CRLF");
    assert.equal(new Set(lines.slice(1, -1).map((line) => line.split(",")[0])).size, DEVICES);
    const json = await get(`devices?as=json&site=${sites[1]}&sort=-name`);
    assert.equal(json.headers["content-type"], "application/json");
    assert.equal(json.headers["content-disposition"], `attachment; filename="devices-${today}.json"`);
    const rows = (await json.body.json()) as { siteId: string; name: string }[];
    assert.equal(rows.length, FEW);
    assert.ok(
      rows.every(({ siteId }) => siteId === sites[1]),
      "the filter holds on every page",
    );
    assert.ok(memory() - before < 150_000, `${memory() - before} kB more`);
  });

  it("what a spreadsheet would run is text, and an empty list is a head or an empty array", async () => {
    const csv = await (await get("sites?as=csv&sort=name")).body.text();
    assert.match(csv, /,"'=HYPERLINK\(""http:\/\/evil"",""Süd, gate""\)",UTC,/);
    assert.match(await (await get("holds?as=csv")).body.text(), /^holdId,siteId,[\w,]+\r\n$/);
    assert.deepEqual(await (await get("holds?as=json")).body.json(), []);
  });

  it("who sees one site gets that site's rows, who may not read gets none, and another tenant its own", async () => {
    const viewer = await persons.make(tenant.tenantId, "vera.viewer", [{ role: "viewer", sites: [sites[1]] }]);
    const rows = (await (await get("devices?as=json", viewer)).body.json()) as { siteId: string }[];
    assert.equal(rows.length, FEW);
    assert.ok(rows.every(({ siteId }) => siteId === sites[1]));
    for (const [path, status] of [
      ["users?as=csv", 403],
      ["tasks?as=csv", 403],
    ] as const) {
      const refused = await get(path, viewer);
      assert.equal(refused.statusCode, status, path);
      assert.match(await refused.body.text(), /urn:ledgerstone:problem/);
    }
    assert.equal((await appliance.call("", "GET", "/api/v1/devices?as=csv")).status, 401);
    const birch = await appliance.createTenant("Birch");
    assert.equal((await appliance.call(birch.apiKey, "GET", "/api/v1/devices?as=json")).body, "[\n]\n");
  });

  it("a session that ends on the way breaks the download off: no part passes for the whole", async () => {
    const victim = await owner.again();
    const { body } = await get("devices?as=csv", victim);
    const reading = body[Symbol.asyncIterator]();
    let bytes = (await reading.next()).value.length;
    const sessionId = await sessionOf(victim);
    assert.equal((await owner.call("DELETE", `/api/v1/sessions/${sessionId}`)).status, 204);
    await assert.rejects(async () => {
      for (let part = await reading.next(); !part.done; part = await reading.next()) bytes += part.value.length;
    }, /terminated|other side closed|aborted/);
    assert.ok(bytes < 2_000_000, `${bytes} bytes came`);
  });

  it("a right that is withdrawn on the way ends it too", async () => {
    const leaving = await persons.make(tenant.tenantId, "leo.leaving", [{ role: "viewer" }]);
    const { body } = await get("devices?as=csv", leaving);
    const reading = body[Symbol.asyncIterator]();
    await reading.next();
    await persons.deactivate(tenant.tenantId, leaving.userId);
    await assert.rejects(async () => {
      for (let part = await reading.next(); !part.done; ) part = await reading.next();
    });
  });

  it("a reader that goes away leaves no work behind, and one has two at a time", async () => {
    const open = [await get("devices?as=csv"), await get("devices?as=csv")];
    const third = await get("devices?as=csv");
    assert.equal(third.statusCode, 429);
    await third.body.dump();
    for (const { body } of open) body.destroy();
    const room = async () => {
      const again = await get("devices?as=csv");
      again.body.on("error", () => {}).destroy();
      return again.statusCode === 200;
    };
    await waitUntil("room", room, { timeoutMs: 5_000, everyMs: 300 });
    const quiet = async () => {
      const { rows } = await appliance.superuser.query(
        "select count(*)::int as busy from pg_stat_activity where usename = 'ledgerstone_app' and state <> 'idle'",
      );
      return rows[0].busy === 0;
    };
    await waitUntil("quiet", quiet, { timeoutMs: 5_000, everyMs: 200 });
  });

  it("the ledger says who took which list, by the names of the filters and never by what was looked for", async () => {
    await (await get(`events?as=csv&site=${sites[0]}&text=Mueller&from=2026-11-01T00:00:00Z`)).body.dump();
    const { rows } = await appliance.superuser.query(
      `select r.actor_id, r.entity_id, o.content as detail
         from ledger.rows r join ledger.openings o using (tenant_id, seq)
        where r.tenant_id = $1 and r.action = 'list.downloaded' order by seq desc limit 1`,
      [tenant.tenantId],
    );
    assert.equal(rows[0].actor_id, owner.userId);
    assert.equal(rows[0].entity_id, "events");
    assert.deepEqual(JSON.parse(rows[0].detail), {
      path: "/api/v1/events",
      kind: "csv",
      filters: { site: sites[0], text: "…", from: "2026-11-01T00:00:00Z" },
    });
  });

  it("what is no list, no such kind, or a page of one is refused, and downloads have a limit of their own", async () => {
    for (const path of [
      "sites?as=xlsx",
      "sites?as=csv&as=json",
      "sites?as=",
      "sites?as=csv&limit=5",
      "sites?as=csv&after=x",
      "sites?as=csv&sort=x",
      `sites/${sites[0]}?as=csv`,
    ]) {
      const answer = await get(path);
      await answer.body.dump();
      assert.equal(answer.statusCode, path.startsWith("sites/") ? 200 : 400, path);
    }
    let refused = 0;
    for (let n = 0; n < 31 && refused === 0; n++) {
      const answer = await get("holds?as=csv");
      await answer.body.dump();
      if (answer.statusCode === 429) refused++;
    }
    assert.equal(refused, 1);
    const page = await get("sites");
    await page.body.dump();
    assert.equal(page.statusCode, 200);
  });
});
