import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type pg from "pg";
import { batchCommit, parseBatchContent, siteRoot } from "../../src/record/batch.ts";
import { eventLeaf, eventLines, imageContent } from "../../src/record/event.ts";
import { genesisHash, unitHash } from "../../src/record/unit.ts";

const text = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * Recomputes a tenant's chain, batches, roots and leaves from what is stored, as a superuser sees it.
 * Returns how many events it saw. Sound only while nothing is erased.
 */
export async function recomputeTenant(superuser: pg.Pool, tenantId: string): Promise<{ rows: number; events: number }> {
  const { rows } = await superuser.query(
    `select r.seq::int, r.prev, r.row_hash as hash, r.action, r.commits, r.units,
            ledger.row_lines(r.tenant_id, r.epoch, r.seq, r.prev, r.at, r.actor_type, r.actor_id, r.via, r.action, r.entity_type,
                             r.entity_id, r.correlation, r.control, r.commits, r.units) as lines
       from ledger.rows r where tenant_id = $1 order by seq`,
    [tenantId],
  );
  let prev = genesisHash(tenantId);
  for (const [at, row] of rows.entries()) {
    assert.equal(row.seq, at + 1, "seq has a gap");
    assert.equal(row.prev.toString("hex"), prev, `row ${row.seq} is not linked`);
    assert.equal(createHash("sha256").update(row.lines).digest("hex"), row.hash.toString("hex"), `row ${row.seq}`);
    prev = row.hash.toString("hex");
  }
  const recorded = new Map(rows.filter((row) => row.action === "events.recorded").map((row) => [row.seq, row]));
  const batches = await superuser.query(
    "select batch_id, batch_seq::int as seq, salt, unit_hash, content from batches where tenant_id = $1 order by batch_seq",
    [tenantId],
  );
  assert.equal(batches.rows.length, recorded.size, "batches and events.recorded rows differ in number");
  let events = 0;
  for (const batch of batches.rows) {
    const row = recorded.get(batch.seq);
    assert.ok(row, `batch ${batch.seq} has no row`);
    assert.equal(unitHash("batch", batch.salt, batch.content), batch.unit_hash.toString("hex"));
    assert.ok(row.units.includes(`unit batch ${batch.unit_hash.toString("hex")}\n`));
    const { sites } = parseBatchContent(batch.content);
    assert.equal(row.commits, `commit events ${batchCommit(sites)}\n`);
    for (const site of sites) {
      const leaves = await leavesOf(superuser, tenantId, batch.batch_id, site.site);
      assert.equal(leaves.length, site.count);
      assert.equal(siteRoot(leaves), site.root, `batch ${batch.seq} site ${site.site}`);
      events += leaves.length;
    }
  }
  const { rows: counted } = await superuser.query("select count(*)::int as n from events where tenant_id = $1", [
    tenantId,
  ]);
  assert.equal(counted[0].n, events, "events outside any batch");
  return { rows: rows.length, events };
}

async function leavesOf(superuser: pg.Pool, tenantId: string, batchId: string, siteId: string): Promise<Uint8Array[]> {
  const { rows } = await superuser.query(
    `select e.event_id, e.index, e.source_type, e.source_id, e.kind, ${text("e.occurred")} as occurred, ${text("e.received")} as received,
            e.body, e.body_salt, e.image_units
       from events e where e.tenant_id = $1 and e.batch_id = $2 and e.site_id = $3 order by e.index`,
    [tenantId, batchId, siteId],
  );
  const images = await superuser.query(
    "select event_id, n, sha256, bytes::int as bytes, media_type, salt, unit_hash from images where tenant_id = $1 and batch_id = $2",
    [tenantId, batchId],
  );
  const stored = await superuser.query(
    "select leaves from batch_sites where tenant_id = $1 and batch_id = $2 and site_id = $3",
    [tenantId, batchId, siteId],
  );
  const leaves = rows.map((row, at) => {
    assert.equal(row.index, at);
    const units = [{ name: "body", hash: unitHash("body", row.body_salt, row.body) }];
    for (let n = 0; n * 32 < row.image_units.length; n++) {
      const hash = row.image_units.subarray(n * 32, n * 32 + 32).toString("hex");
      const image = images.rows.find((each) => each.event_id === row.event_id && each.n === n);
      assert.ok(image, "an image unit has its row");
      const content = imageContent({
        sha256: image.sha256.toString("hex"),
        bytes: image.bytes,
        type: image.media_type,
      });
      assert.equal(unitHash(`image.${n}`, image.salt, content), hash);
      units.push({ name: `image.${n}`, hash });
    }
    return eventLeaf(
      eventLines({
        tenant: tenantId,
        site: siteId,
        source: { type: row.source_type, id: row.source_id },
        event: row.event_id,
        kind: row.kind,
        occurred: row.occurred,
        received: row.received,
        units,
      }),
    );
  });
  assert.equal(Buffer.concat(leaves).toString("hex"), stored.rows[0].leaves.toString("hex"));
  return leaves;
}
