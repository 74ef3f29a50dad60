import { hash } from "node:crypto";
import { sealChain, verifyChain } from "../../src/audit/index.ts";
import { createPool } from "../../src/platform/db.ts";
import { type ChainFixture, chainFixture } from "../audit/chain-fixture.ts";
import { stopPostgres } from "../support/postgres.ts";
import { report, runForked } from "./lib.ts";

// Verification of long chains: rows a second, and that memory does not follow the chain. Each in a process of its own, as the
// command is. Sizes as arguments: 100000 1000000 …

type Settings = { section: object; tenantId: string; appliance: string; publicKey: string; witness: string };
type Outcome = { rows: number; elapsedMs: number; cpuSeconds: number; atRestMegabytes: number; peakMegabytes: number };

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

if (process.env.BENCH_VERIFY) await child(JSON.parse(process.env.BENCH_VERIFY) as Settings);
else await main(process.argv.slice(2).map(Number));

async function main(sizes: number[]): Promise<void> {
  if (sizes.length === 0) sizes.push(100_000, 1_000_000);
  const fixture = await chainFixture();
  try {
    const baseline = { name: "its three bare SHA-256", value: rawHashes() };
    const tenantId = await fixture.newTenant();
    let sealedRows = 0;
    for (const size of sizes.sort((a, b) => a - b)) {
      await fillChain(fixture, tenantId, size);
      const sealedAt = performance.now();
      const sealed = await sealChain(fixture.deps, tenantId);
      if (!sealed.ok) throw new Error(JSON.stringify(sealed));
      const fresh = size - sealedRows;
      report({ name: `seal ${fresh} rows`, value: fresh / ((performance.now() - sealedAt) / 1000), unit: "rows/s" });
      sealedRows = size;
      const { rows, elapsedMs, cpuSeconds, atRestMegabytes, peakMegabytes } = await runChild(fixture, tenantId);
      const value = rows / (elapsedMs / 1000);
      report({ name: `verify the chain of ${rows} rows`, value, unit: "rows/s", baseline, target: { value: 200_000 } });
      const perRow = ((cpuSeconds * 1e6) / rows).toFixed(2);
      const memory = `peak ${peakMegabytes.toFixed(0)} MB, ${atRestMegabytes.toFixed(0)} before the first row`;
      process.stdout.write(`  node: ${perRow} µs of CPU a row, ${memory}\n`);
    }
  } finally {
    await fixture.stop();
    await stopPostgres();
  }
}

async function fillChain(fixture: ChainFixture, tenantId: string, size: number): Promise<void> {
  const superuser = await fixture.database.superuser.connect();
  await superuser.query(`${fill}; select pg_temp.fill('${tenantId}', ${size}); drop function pg_temp.fill`);
  await superuser.query("vacuum analyze ledger.rows");
  superuser.release();
}

function runChild({ database, appliance, signer, witness }: ChainFixture, tenantId: string): Promise<Outcome> {
  const publicKey = Buffer.from(signer.publicKey).toString("base64");
  const settings: Settings = { section: database.section, tenantId, appliance, publicKey, witness };
  return runForked<Outcome>(import.meta.filename, "BENCH_VERIFY", settings);
}

async function child({ section, tenantId, appliance, publicKey, witness }: Settings): Promise<void> {
  const pool = await createPool(section as never, "app", { max: 2 });
  const atRestMegabytes = process.memoryUsage().rss / 1e6;
  const before = process.cpuUsage();
  const publicKeys = [new Uint8Array(Buffer.from(publicKey, "base64"))];
  const verified = await verifyChain(pool, tenantId, {
    appliance,
    publicKeys,
    witnessDirectories: [witness],
    openings: false,
  });
  if (!verified.ok) throw new Error(JSON.stringify(verified.faults[0]));
  const { user, system } = process.cpuUsage(before);
  await pool.end();
  const { rows, elapsedMs } = verified;
  const peakMegabytes = process.resourceUsage().maxRSS / 1000;
  process.send!({
    rows,
    elapsedMs,
    cpuSeconds: (user + system) / 1e6,
    atRestMegabytes,
    peakMegabytes,
  } satisfies Outcome);
  process.disconnect();
}
