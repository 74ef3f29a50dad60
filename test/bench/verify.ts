import { hash } from "node:crypto";
import { sealChain } from "../../src/audit/index.ts";
import { chainFixture } from "../audit/chain-fixture.ts";
import { stopPostgres } from "../support/postgres.ts";
import { report } from "./lib.ts";

// Verification of long chains: rows a second, and that memory does not follow the chain. Sizes as arguments: 100000 1000000 …
const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(100_000, 1_000_000);

/** Rows as the append function makes them, a hundred times as fast: one statement, no trigger. */
const fill = `
  create function pg_temp.fill(p_tenant uuid, p_rows bigint) returns void language plpgsql as $$
  declare head ledger.chain_heads; v_prev bytea; v_at timestamptz; v_hash bytea; id text; v_units text; n bigint;
  begin
    select * into head from ledger.chain_heads h where h.tenant_id = p_tenant;
    v_prev := head.hash; n := head.seq;
    while n < p_rows loop
      n := n + 1; v_at := clock_timestamp(); id := gen_random_uuid()::text;
      v_units := 'unit change ' || encode(v_prev, 'hex') || chr(10);
      v_hash := sha256(convert_to(ledger.row_lines(p_tenant, 1, n, v_prev, v_at, 'user', id, 'api', 'site.renamed', 'site', id, id::uuid,
        head.control, '', v_units), 'UTF8'));
      insert into ledger.rows values (p_tenant, 1, n, v_prev, v_at, 'user', id, 'api', 'site.renamed', 'site', id, id::uuid,
        head.control, '', v_units, v_hash);
      v_prev := v_hash;
    end loop;
    update ledger.chain_heads h set seq = n, hash = v_prev, at = v_at where h.tenant_id = p_tenant;
  end $$`;

/** What no verifier is spared: of each row its lines, its leaf and one node of the tree. */
function rawHashes(): number {
  const row = "x".repeat(450);
  const [leaf, node] = [Buffer.alloc(33), Buffer.alloc(65)];
  const began = performance.now();
  for (let i = 0; i < 200_000; i++) {
    hash("sha256", row + i);
    hash("sha256", leaf, "binary");
    hash("sha256", node, "binary");
  }
  return 200_000 / ((performance.now() - began) / 1000);
}

const fixture = await chainFixture();
try {
  const baseline = { name: "its three bare SHA-256", value: rawHashes() };
  const tenantId = await fixture.newTenant();
  let sealedRows = 0;
  for (const size of sizes.sort((a, b) => a - b)) {
    const superuser = await fixture.database.superuser.connect();
    await superuser.query(`${fill}; select pg_temp.fill('${tenantId}', ${size}); drop function pg_temp.fill`);
    await superuser.query("vacuum analyze ledger.rows");
    superuser.release();
    const sealedAt = performance.now();
    const sealed = await sealChain(fixture.deps, tenantId);
    if (!sealed.ok) throw new Error(JSON.stringify(sealed));
    const fresh = size - sealedRows;
    report({ name: `seal ${fresh} rows`, value: fresh / ((performance.now() - sealedAt) / 1000), unit: "rows/s" });
    sealedRows = size;
    globalThis.gc?.();
    const cpu = process.cpuUsage();
    let peak = 0;
    const onProgress = (): void => {
      peak = Math.max(peak, process.memoryUsage().rss);
    };
    const verified = await fixture.verify(tenantId, { openings: false, onProgress });
    if (!verified.ok) throw new Error(JSON.stringify(verified.faults[0]));
    const used = process.cpuUsage(cpu);
    const value = size / (verified.elapsedMs / 1000);
    report({ name: `verify the chain of ${size} rows`, value, unit: "rows/s", baseline, target: { value: 200_000 } });
    const perRow = (used.user + used.system) / size;
    process.stdout.write(`  node: ${perRow.toFixed(2)} µs of CPU a row, peak ${(peak / 1e6).toFixed(0)} MB\n`);
  }
} finally {
  await fixture.stop();
  await stopPostgres();
}
