import assert from "node:assert/strict";
import { routeTable } from "../../../src/http/api-routes.ts";
import { OPERATOR_ROLE } from "../../../src/identity/index.ts";
import { type Alder, is, openAlder, type Person } from "../persons.ts";

describe("access: the appliance's operator", function () {
  this.timeout(180_000);
  const routes = routeTable();
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let operatorTenant: string;
  let operator: Person;
  let owner: Person;

  before(async () => {
    ({
      appliance,
      persons,
      tenant,
      ada: owner,
      stop,
    } = await openAlder({
      configure: (config) => Object.assign(config.http!, { publicUrl: "https://localhost" }),
    }));
    const made = JSON.parse(
      await appliance.cli(["operator", "create", "--user-name", "ops", "--name", "Ops", "--json"]),
    );
    operatorTenant = made.tenantId;
    assert.match(made.url, /^https:\/\/localhost\/setup\//);
    operator = await persons.signIn(operatorTenant, { userId: made.userId, userName: "ops" });
  });
  after(() => stop?.());

  const actions = async (tenantId: string) => {
    const { rows } = await appliance.superuser.query(
      "select actor_type || ' ' || actor_id || ' ' || action as row from ledger.rows where tenant_id = $1 order by seq",
      [tenantId],
    );
    return rows.map(({ row }) => row as string);
  };

  it("gets nothing on any tenant route, with ids of tenants, their own or none", async () => {
    const { siteId } = is<{ siteId: string }>(await owner.call("POST", "/api/v1/sites", { name: "Gate" }), 201);
    const tenantRoutes = routes.filter(
      ({ path, permission }) => !path.startsWith("/api/v1/appliance/") && permission !== "account:own",
    );
    assert.ok(tenantRoutes.length > 60);
    for (const { method, path } of tenantRoutes) {
      for (const id of [siteId, tenant.tenantId, operatorTenant, crypto.randomUUID()]) {
        const answer = await operator.call(method.toUpperCase(), path.replace(/:\w+/g, id), {});
        assert.ok([403, 404].includes(answer.status), `${method} ${path}: ${answer.status} ${answer.body}`);
        assert.ok(!answer.body.includes("Gate"));
      }
    }
  });

  it("sees names and counts of tenants, and no content", async () => {
    const { tenants } = is<{ tenants: { tenantId: string; sites: number; people: number }[] }>(
      await operator.call("GET", "/api/v1/appliance/tenants"),
      200,
    );
    assert.deepEqual(
      tenants.map(({ tenantId, sites, people }) => ({ tenantId, sites, people })),
      [{ tenantId: tenant.tenantId, sites: 1, people: 1 }],
    );
    const health = is<{ tenants: number; freeBytes: number }>(
      await operator.call("GET", "/api/v1/appliance/health"),
      200,
    );
    assert.equal(health.tenants, 1);
    assert.ok(health.freeBytes > 0);
    const text = JSON.stringify(health);
    for (const told of ["Gate", tenant.tenantId, appliance.directory]) assert.ok(!text.includes(told), told);
  });

  it("what he does to a tenant stands in both chains, and closing ends its people's sessions at once", async () => {
    const made = is<{ tenantId: string }>(
      await operator.call("POST", "/api/v1/appliance/tenants", { name: "Birch" }),
      201,
    );
    const path = `/api/v1/appliance/tenants/${made.tenantId}`;
    is(await operator.call("PATCH", path, { name: "Birch plc", slug: "birch-plc" }), 200);
    const ben = await persons.make(made.tenantId, "ben", [{ role: "owner" }]);
    is(await ben.call("GET", "/api/v1/tenant"), 200);
    const { key } = is<{ key: string }>(
      await ben.call("POST", "/api/v1/api-keys", { name: "ben", permissions: ["tenant:read"] }),
      201,
    );
    is(await appliance.call(key, "GET", "/api/v1/tenant"), 200);
    is(await operator.call("POST", `${path}/close`), 200);
    is(await ben.call("GET", "/api/v1/tenant"), 401);
    is(await appliance.call(key, "GET", "/api/v1/tenant"), 401);
    is(await operator.call("POST", `${path}/open`), 200);
    is(await ben.call("GET", "/api/v1/tenant"), 200);
    const by = `user ${operator.userId}`;
    const acts = ["created", "changed", "closed", "opened"];
    const theirs = (await actions(made.tenantId)).filter((row) => row.includes(" operator."));
    assert.deepEqual(
      theirs,
      acts.map((act) => `${by} operator.tenant-${act}`),
    );
    const ours = (await actions(operatorTenant)).filter((row) => row.includes(" appliance."));
    assert.deepEqual(
      ours,
      acts.map((act) => `${by} appliance.tenant-${act}`),
    );
    for (const id of [made.tenantId, operatorTenant]) await appliance.cli(["verify", "--tenant", id]);
  });

  it("a tenant that is made on the box stands in the appliance's chain too", async () => {
    const { tenantId } = await appliance.createTenant("Cedar");
    const { rows } = await appliance.superuser.query(
      "select actor_id, via from ledger.rows where tenant_id = $1 and entity_id = $2",
      [operatorTenant, tenantId],
    );
    assert.deepEqual(rows, [{ actor_id: "appliance", via: "cli" }]);
  });

  it("his own tenant and the tenants that are not there cannot be operated on", async () => {
    for (const id of [operatorTenant, crypto.randomUUID()]) {
      is(await operator.call("POST", `/api/v1/appliance/tenants/${id}/close`), 404);
      is(await operator.call("GET", `/api/v1/appliance/tenants/${id}`), 404);
    }
  });

  it("a tenant's owner gets nothing of the appliance, also with a key that names its permissions", async () => {
    const here = routes.filter(({ path }) => path.startsWith("/api/v1/appliance/"));
    assert.ok(here.length >= 7);
    const wanted = { name: "x", permissions: ["appliance:read", "appliance:write"] };
    is(await owner.call("POST", "/api/v1/api-keys", wanted), 403);
    const forged = JSON.parse(
      await appliance.cli([
        ...["api-key", "create", "--tenant", tenant.tenantId, "--name", "forged", "--json"],
        ...["--permission", "sites:read"],
      ]),
    );
    const client = await appliance.superuser.connect();
    await client.query("alter table api_keys disable trigger user");
    await client.query("update api_keys set permissions = '{appliance:read,appliance:write}' where key_id = $1", [
      forged.apiKey.keyId,
    ]);
    await client.query("alter table api_keys enable trigger user");
    client.release(true);
    for (const { method, path } of here) {
      const url = path.replace(/:\w+/g, tenant.tenantId);
      const body = method === "post" || method === "patch" ? { name: "Mine" } : undefined;
      for (const answer of [
        await owner.call(method.toUpperCase(), url, body),
        await appliance.call(forged.key, method.toUpperCase(), url, body),
      ]) {
        assert.ok([403, 404].includes(answer.status), `${method} ${path}: ${answer.status} ${answer.body}`);
      }
    }
  });

  it("the role exists in his tenant alone, and no other role does there: the database says so", async () => {
    const give = (tenantId: string, userId: string, role: string) =>
      persons.inTenant(tenantId, (tx) =>
        tx.query(
          "insert into role_grants (tenant_id, user_id, builtin_role, granted_by) values (app.tenant(), $1, $2, 'test')",
          [userId, role],
        ),
      );
    await assert.rejects(give(operatorTenant, operator.userId, "owner"), /operator's tenant/);
    await assert.rejects(give(tenant.tenantId, owner.userId, OPERATOR_ROLE), /operator's tenant/);
    await assert.rejects(give(operatorTenant, operator.userId, OPERATOR_ROLE), /without a ledger row/);
  });
});
