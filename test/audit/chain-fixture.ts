import { generateKeyPairSync } from "node:crypto";
import { rm } from "node:fs/promises";
import pg from "pg";
import {
  commitWithRow,
  type NewRow,
  openChain,
  type Principal,
  type SealerDeps,
  signerFromPem,
  type VerifyOptions,
  type VerifyReport,
  verifyChain,
} from "../../src/audit/index.ts";
import { createPool, type Pool, withTransaction } from "../../src/platform/db.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { Ed25519Signer } from "../../src/record/ed25519.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { temporaryDirectory } from "../support/temporary.ts";

export function newSigner(): Ed25519Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  return signerFromPem(privateKey.export({ type: "pkcs8", format: "pem" }) as string);
}

export type ChainFixture = {
  database: TestDatabase;
  pool: Pool;
  witness: string;
  signer: Ed25519Signer;
  appliance: string;
  deps: SealerDeps;
  newTenant(): Promise<string>;
  /** Appends rows one by one, each with an opening `change`. */
  append(tenantId: string, count: number): Promise<void>;
  verify(tenantId: string, options?: Partial<VerifyOptions>): Promise<VerifyReport>;
  stop(): Promise<void>;
};

export function principalOf(tenantId: string): Principal {
  return {
    tenantId,
    actor: { type: "system", id: "test" },
    via: "cli",
    correlation: crypto.randomUUID(),
    sites: "all",
  };
}

export function changeRow(text = "{}"): NewRow {
  const units = [{ name: "change", content: text }];
  return { action: "site.renamed", entity: { type: "site", id: crypto.randomUUID() }, units };
}

export async function chainFixture(database?: TestDatabase): Promise<ChainFixture> {
  const db = database ?? (await testDatabase());
  const pool = await createPool(db.section as never, "app", { max: 8 });
  const witness = await temporaryDirectory("witness");
  const signer = newSigner();
  const appliance = crypto.randomUUID();
  const deps: SealerDeps = {
    pool,
    log: createLogger("test", "silent"),
    clock: () => Date.now(),
    appliance,
    signers: [signer],
    witnessDirectories: [witness],
    seconds: 60,
  };
  const fixture: ChainFixture = {
    database: db,
    pool,
    witness,
    signer,
    appliance,
    deps,
    async newTenant() {
      const tenantId = crypto.randomUUID();
      await withTransaction(fixture.pool, (tx) => openChain(tx, tenantId, "Tenant", crypto.randomUUID()));
      return tenantId;
    },
    async append(tenantId, count) {
      for (let i = 0; i < count; i++) {
        await commitWithRow(fixture.pool, principalOf(tenantId), async () => ({
          row: changeRow(`{"n":${i}}`),
          result: null,
        }));
      }
    },
    verify(tenantId, options = {}) {
      const publicKeys = [signer.publicKey];
      return verifyChain(fixture.pool, tenantId, {
        appliance,
        publicKeys,
        witnessDirectories: [fixture.witness],
        events: true,
        ...options,
      });
    },
    async stop() {
      await fixture.pool.end();
      await db.stop();
      await rm(fixture.witness, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** What a superuser can do and no grant stops: change the ledger with its triggers switched off. */
export async function tamper(database: TestDatabase, statements: string[]): Promise<void> {
  const client = new pg.Client(database.config("superuser"));
  await client.connect();
  try {
    const tables = ["rows", "openings", "checkpoints", "tiles", "chain_heads"];
    await client.query("begin");
    for (const table of tables) await client.query(`alter table ledger.${table} disable trigger user`);
    for (const statement of statements) await client.query(statement);
    for (const table of tables) await client.query(`alter table ledger.${table} enable trigger user`);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    await client.end();
  }
}

/** Links and hashes rows from `seq` on anew, and sets the head: what a forger with the database in hand would do. */
export const relinkFunction = `
  create or replace function pg_temp.relink(p_tenant uuid, p_from bigint) returns void language plpgsql as $$
  declare r ledger.rows; v_prev bytea; last_control bigint; n bigint := p_from;
  begin
    if p_from = 1 then v_prev := ledger.genesis(p_tenant); last_control := 0;
    else
      select x.row_hash, case when starts_with(x.action, 'ledger.') then x.seq else x.control end into v_prev, last_control
        from ledger.rows x where x.tenant_id = p_tenant and x.seq = p_from - 1;
    end if;
    for r in select * from ledger.rows x where x.tenant_id = p_tenant and x.seq >= p_from order by x.seq loop
      update ledger.openings o set seq = n where o.tenant_id = p_tenant and o.seq = r.seq and r.seq <> n;
      update ledger.rows x set seq = n, prev = v_prev, control = last_control,
             row_hash = sha256(convert_to(ledger.row_lines(r.tenant_id, r.epoch, n, v_prev, r.at, r.actor_type, r.actor_id, r.via,
               r.action, r.entity_type, r.entity_id, r.correlation, last_control, r.commits, r.units), 'UTF8'))
       where x.tenant_id = p_tenant and x.seq = r.seq
       returning x.row_hash into v_prev;
      if starts_with(r.action, 'ledger.') then last_control := n; end if;
      n := n + 1;
    end loop;
    update ledger.chain_heads h set seq = n - 1, hash = v_prev, control = last_control,
           at = (select x.at from ledger.rows x where x.tenant_id = p_tenant and x.seq = n - 1)
     where h.tenant_id = p_tenant;
  end $$`;
