import assert from "node:assert/strict";
import type pg from "pg";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { deletable } from "./catalogue-reviewed.ts";
import { plantTenants, type SyntheticTenant, type TenantTable, tenantTables } from "./synthetic-tenants.ts";

type Role = "app" | "executor" | "ops";
const roles: Role[] = ["app", "executor", "ops"];
const refused = "42501";
// A trigger that asks about the tenant, which it cannot see, comes before the row policy.
const unseen = "LS007";

describe("isolation: two tenants", () => {
  let database: TestDatabase;
  let tables: TenantTable[];
  let alder: SyntheticTenant;
  let birch: SyntheticTenant;
  before(async () => {
    database = await testDatabase();
    tables = await tenantTables(database.superuser);
    [alder, birch] = await plantTenants(database);
  });
  after(() => database.stop());

  /** Runs `work` as a role, bound to a tenant and perhaps some of its sites, and takes everything back. */
  async function bound<T>(
    { role, tenant, sites = null }: { role: Role; tenant?: SyntheticTenant; sites?: string[] | null },
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T> {
    const client = await database.pool(role).connect();
    try {
      await client.query("begin");
      if (tenant) await client.query("select app.bind($1, $2)", [tenant.id, sites]);
      return await work(client);
    } finally {
      await client.query("rollback");
      client.release();
    }
  }

  /** The roles that have a privilege on a table, or on one of its columns. */
  async function holders(table: TenantTable, privilege: "SELECT" | "INSERT" | "UPDATE"): Promise<Role[]> {
    const { rows } = await database.superuser.query<{ role: Role }>(
      "select role from unnest($1::text[]) role where has_any_column_privilege('ledgerstone_' || role, $2, $3)",
      [roles, table.name, privilege],
    );
    return rows.map((row) => row.role);
  }

  async function updatableColumn(role: Role, table: TenantTable): Promise<string> {
    const { rows } = await database.superuser.query<{ name: string }>(
      `select attname as name from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped
          and has_column_privilege('ledgerstone_' || $2, $1, attnum, 'UPDATE') limit 1`,
      [table.name, role],
    );
    return rows[0]!.name;
  }

  const count = async (client: pg.ClientBase, table: TenantTable, where: string, values: unknown[] = []) => {
    const { rows } = await client.query(`select count(*)::int as n from ${table.name} where ${where}`, values);
    return rows[0].n as number;
  };

  /** Runs one statement and returns its SQLSTATE, or the number of rows it touched. */
  const attempt = async (client: pg.ClientBase, statement: string, values: unknown[]): Promise<string | number> => {
    await client.query("savepoint attempt");
    try {
      const result = await client.query(statement, values);
      return result.rowCount ?? 0;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.query("rollback to savepoint attempt");
    }
  };

  /** Inserts a copy of one of Alder's rows, with another tenant or site written into it. */
  const copyWith = ({ name, columns }: TenantTable, set: string) =>
    `insert into ${name} (${columns}) select ${columns.map((each) => `(r).${each}`)}
       from (select jsonb_populate_record(null::${name}, to_jsonb(t) || ${set}) as r
               from ${name} t where tenant_id = $1 limit 1) one`;

  it("every tenant table has rows of both", async () => {
    for (const table of tables) {
      for (const tenant of [alder, birch]) {
        assert.ok((await count(database.superuser as never, table, "tenant_id = $1", [tenant.id])) > 0, table.name);
      }
    }
    assert.ok(tables.length > 25, `only ${tables.length} tables`);
  });

  it("each reads its own rows and none of the other's, in every table, by every role", async () => {
    let looked = 0;
    for (const table of tables) {
      for (const role of await holders(table, "SELECT")) {
        for (const [own, other] of [[alder, birch] as const, [birch, alder] as const]) {
          await bound({ role, tenant: own }, async (client) => {
            assert.ok((await count(client, table, "true")) > 0, `${role} sees its own in ${table.name}`);
            assert.equal(await count(client, table, "tenant_id <> $1", [own.id]), 0, `${role} in ${table.name}`);
            assert.equal(await count(client, table, "tenant_id = $1", [other.id]), 0, `${role} in ${table.name}`);
          });
          looked++;
        }
      }
    }
    assert.ok(looked > 100, `only ${looked} looks`);
  });

  it("unbound, nobody sees a row", async () => {
    for (const table of tables) {
      for (const role of await holders(table, "SELECT")) {
        await bound({ role }, async (client) =>
          assert.equal(await count(client, table, "true"), 0, `${role} in ${table.name}`),
        );
      }
    }
  });

  it("without row security the same reads reach the other tenant: the policies are what holds", async () => {
    for (const table of tables) {
      const client = await database.superuser.connect();
      try {
        await client.query("begin");
        await client.query(`alter table ${table.name} disable row level security`);
        await client.query(`grant select on ${table.name} to ledgerstone_app`);
        await client.query("set local role ledgerstone_app");
        await client.query("select app.bind($1, null)", [alder.id]);
        assert.ok((await count(client, table, "tenant_id = $1", [birch.id])) > 0, table.name);
      } finally {
        await client.query("rollback");
        client.release();
      }
    }
  });

  it("even the owner of the tables sees only the bound tenant, because the policies are forced", async () => {
    const look = async (table: TenantTable, forced: boolean) => {
      const client = await database.superuser.connect();
      try {
        await client.query("begin");
        if (!forced) await client.query(`alter table ${table.name} no force row level security`);
        await client.query("set local role ledgerstone_owner");
        await client.query("select app.bind($1, null)", [alder.id]);
        return await count(client, table, "tenant_id = $1", [birch.id]);
      } finally {
        await client.query("rollback");
        client.release();
      }
    };
    for (const table of tables) {
      assert.equal(await look(table, true), 0, table.name);
      assert.ok((await look(table, false)) > 0, `${table.name}, not forced`);
    }
  });

  it("no row is written for the other tenant, where the same row of one's own may be", async () => {
    for (const table of tables) {
      for (const role of await holders(table, "INSERT")) {
        await bound({ role, tenant: alder }, async (client) => {
          const insert = copyWith(table, "jsonb_build_object('tenant_id', $2::text)");
          const foreign = await attempt(client, insert, [alder.id, birch.id]);
          assert.ok(foreign === refused || foreign === unseen, `${role} in ${table.name}: ${foreign}`);
          const own = await attempt(client, insert, [alder.id, alder.id]);
          assert.notEqual(own, refused, `${role} in ${table.name}`);
        });
      }
    }
  });

  it("no row of the other tenant is changed, where one's own is", async () => {
    for (const table of tables) {
      for (const role of await holders(table, "UPDATE")) {
        const column = await updatableColumn(role, table);
        const update = `update ${table.name} set ${column} = ${column} where tenant_id = $1`;
        await bound({ role, tenant: alder }, async (client) => {
          assert.equal(await attempt(client, update, [birch.id]), 0, `${role} in ${table.name}`);
          const own = await attempt(client, update, [alder.id]);
          assert.ok(typeof own === "number" && own > 0, `${role} in ${table.name}: ${own}`);
        });
      }
    }
  });

  it("no row is handed to the other tenant", async () => {
    for (const table of tables) {
      for (const role of await holders(table, "UPDATE")) {
        await bound({ role, tenant: alder }, async (client) => {
          const move = `update ${table.name} set tenant_id = $2 where tenant_id = $1`;
          assert.equal(await attempt(client, move, [alder.id, birch.id]), refused, `${role} in ${table.name}`);
        });
      }
    }
  });

  it("nobody truncates, or deletes but where it was reviewed, and there one's own alone", async () => {
    for (const table of tables) {
      for (const role of roles) {
        await bound({ role, tenant: alder }, async (client) => {
          const foreign = await attempt(client, `delete from ${table.name} where tenant_id = $1`, [birch.id]);
          const reviewed = role === "app" && `${table.name} DELETE` in deletable;
          assert.equal(foreign, reviewed ? 0 : refused, `${role} in ${table.name}`);
          assert.equal(await attempt(client, `truncate ${table.name}`, []), refused, `${role} in ${table.name}`);
        });
      }
    }
  });

  it("who is limited to one site reads and writes nothing of another", async () => {
    const [here, there] = alder.sites;
    for (const table of tables.filter((each) => each.hasSite)) {
      for (const role of (await holders(table, "SELECT")).filter((each) => each !== "executor")) {
        await bound({ role, tenant: alder, sites: [here] }, async (client) => {
          assert.ok((await count(client, table, "site_id = $1", [here])) > 0, `${role} sees its site in ${table.name}`);
          assert.equal(await count(client, table, "site_id = $1", [there]), 0, `${role} in ${table.name}`);
          if (!(await holders(table, "INSERT")).includes(role)) return;
          const insert = copyWith(table, "jsonb_build_object('site_id', $2::text)");
          assert.equal(await attempt(client, insert, [alder.id, there]), refused, `${role} in ${table.name}`);
          assert.notEqual(await attempt(client, insert, [alder.id, here]), refused, `${role} in ${table.name}`);
        });
        await bound({ role, tenant: alder, sites: [] }, async (client) =>
          assert.equal(await count(client, table, "site_id is not null"), 0, `no site, nothing in ${table.name}`),
        );
      }
    }
  });

  it("the report role, without policies of its own, sees nothing", async () => {
    for (const table of tables) {
      await assert.rejects(database.pool("report").query(`select from ${table.name}`), { code: refused }, table.name);
    }
  });

  it("a bound transaction is not bound again, and set_config is the owner's alone", async () => {
    await bound({ role: "app", tenant: alder }, async (client) => {
      assert.equal(await attempt(client, "select app.bind($1, null)", [birch.id]), "LS001");
      assert.equal(await attempt(client, "select app.bind($1, null)", [alder.id]), 1);
      assert.equal(await attempt(client, "select set_config('app.tenant', $1, true)", [birch.id]), refused);
      assert.equal(await count(client, tables[0]!, "tenant_id = $1", [birch.id]), 0);
    });
  });

  it("a reference to the other tenant's row is refused, as one to a row that is not there", async () => {
    const insert = "insert into devices (tenant_id, site_id, name) values ($1, $2, 'gate')";
    await bound({ role: "app", tenant: alder }, async (client) => {
      assert.equal(await attempt(client, insert, [alder.id, birch.sites[0]]), "23503");
      assert.equal(await attempt(client, insert, [alder.id, crypto.randomUUID()]), "23503");
      assert.equal(await attempt(client, insert, [alder.id, alder.sites[0]]), 1);
    });
  });
});
