import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { appendRow, type Principal, sealChain, withTenant } from "../../src/audit/index.ts";
import type { Access } from "../../src/identity/index.ts";
import { subjectHash } from "../../src/keys/index.ts";
import { listActions, listCheckpoints, listRows, showRow } from "../../src/ledger/index.ts";
import { rowQuery } from "../../src/ledger/schema.ts";
import { parseCheckpoint } from "../../src/record/checkpoint.ts";
import { verifyInclusion } from "../../src/record/proof.ts";
import { leafHash } from "../../src/record/tree.ts";
import { requestErasure } from "../../src/retention/index.ts";
import { type ChainFixture, chainFixture, principalOf } from "../audit/chain-fixture.ts";
import { type Estate, startEstate } from "../retention/harness.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../support/seed.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const ledgerAlone: Access = new Map([["ledger:read", "all"]]);
const everything: Access = new Map(
  ["ledger:read", "access:read", "api-keys:read", "devices:read", "sites:read"].map((each) => [each, "all"]),
);

describe("reading the ledger", () => {
  let fixture: ChainFixture;
  let tenantId: string;
  let ada: Principal;

  before(async () => {
    fixture = await chainFixture();
    tenantId = await fixture.newTenant();
    ada = { ...principalOf(tenantId), actor: { type: "user", id: crypto.randomUUID() }, via: "web" };
    await makePerson(ada.actor.id, "ada", "Ada Lovelace");
    for (let n = 1; n <= 6; n++) await append(n % 2 === 0 ? ada : principalOf(tenantId), "site.renamed", n);
    await append(ada, "session.started", 7);
    await append(ada, "session.ended", 8);
  });
  after(() => fixture.stop());

  const append = (principal: Principal, action: string, n: number) =>
    withTenant(fixture.pool, principal, (tx) =>
      appendRow(tx, {
        action,
        entity: { type: "site", id: `site-${n}` },
        units: [{ name: "change", content: JSON.stringify({ before: { n: n - 1 }, after: { n } }) }],
      }),
    );

  async function makePerson(userId: string, userName: string, displayName: string): Promise<void> {
    await withTenant(fixture.pool, principalOf(tenantId), async (tx) => {
      await tx.query(
        `insert into users (tenant_id, user_id, user_name, display_name, source) values ($1, $2, $3, $4, 'local')`,
        [tenantId, userId, userName, displayName],
      );
      await appendRow(tx, { action: "user.created", entity: { type: "user", id: userId } });
    });
  }

  const list = (query: object = {}, access: Access = everything, principal = principalOf(tenantId)) =>
    listRows(fixture.pool, { principal, access }, rowQuery.parse(query));
  const seqs = async (query: object) => (await list(query)).rows.map(({ seq }) => seq);

  it("pages from the newest row down to the first, each once", async () => {
    const found: number[] = [];
    for (let after: number | null = null; ; ) {
      const { rows, next } = await list({ limit: 3, ...(after && { after }) });
      found.push(...rows.map(({ seq }) => seq));
      if (next === null) break;
      after = next;
    }
    assert.deepEqual(found, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("finds by actor, by a person's name, by action and its beginning, channel, entity, number and time", async () => {
    const { rows } = await list();
    const at = (seq: number) => rows.find((row) => row.seq === seq)!.at;
    const { id } = ada.actor;
    const cases: [object, number[]][] = [
      [{ actorType: "user", actorId: id }, [10, 9, 8, 6, 4]],
      [{ person: "lovelace" }, [10, 9, 8, 6, 4]],
      [{ person: "lovelace", action: "session.*" }, [10, 9]],
      [{ person: "nobody of that name" }, []],
      [{ action: "session.*" }, [10, 9]],
      [{ action: "session.ended" }, [10]],
      [{ action: "nothing.*" }, []],
      [{ via: "web" }, [10, 9, 8, 6, 4]],
      [{ via: "sql" }, []],
      [{ entityType: "site", entityId: "site-3" }, [5]],
      [{ entityType: "user" }, [2]],
      [{ fromSeq: 4, toSeq: 6, action: "site.*" }, [6, 5, 4]],
      [{ from: at(9) }, [10, 9]],
      [{ to: at(3) }, [2, 1]],
      [{ from: at(3), to: at(5), actorType: "system" }, [3]],
      [{ from: "2100-01-01T00:00:00Z" }, []],
      [{ to: "2000-01-01T00:00:00+01:00" }, []],
    ];
    for (const [query, expected] of cases) assert.deepEqual(await seqs(query), expected, JSON.stringify(query));
    assert.deepEqual(await listActions(fixture.pool, principalOf(tenantId)), [
      ...["ledger.opened", "session.ended", "session.started", "site.renamed", "user.created"],
    ]);
  });

  it("names people to those who may see them, and erased people to nobody", async () => {
    const name = async (access: Access) => (await list({ fromSeq: 10 }, access)).rows[0]!.actor.name;
    assert.equal(await name(everything), "Ada Lovelace");
    assert.equal(await name(ledgerAlone), null);
    await assert.rejects(list({ person: "ada" }, ledgerAlone), /access:read/);
    await withTenant(fixture.pool, principalOf(tenantId), async (tx) => {
      await tx.query("update users set erased_at = now(), active = false where user_id = $1", [ada.actor.id]);
      await appendRow(tx, { action: "user.changed", entity: { type: "user", id: ada.actor.id } });
    });
    assert.equal(await name(everything), null);
    assert.deepEqual(await seqs({ person: "ada" }), []);
    const { actor } = (await list({ fromSeq: 10, toSeq: 10 })).rows[0]!;
    assert.equal(actor.id, ada.actor.id, "the pseudonym stays");
  });

  it("names devices and sites only to who may see all of them", async () => {
    const seed = seedDeps(fixture.pool, await temporaryDirectory("objects"));
    const other = await seedTenant(seed);
    const device = { type: "device", id: other.sites[0]!.deviceId } as const;
    await withTenant(fixture.pool, { ...other.principal, actor: device }, (tx) =>
      appendRow(tx, { action: "image.stored", entity: { type: "site", id: other.sites[0]!.siteId } }),
    );
    const names = async (access: Access) => {
      const [row] = (await list({ limit: 1 }, access, other.principal)).rows;
      return [row!.actor.name, row!.entity.name];
    };
    assert.deepEqual(await names(everything), ["Gate of Werk Nord", "Werk Nord"]);
    const some: Access = new Map([...everything, ["devices:read", ["one"]], ["sites:read", ["one"]]]);
    assert.deepEqual(await names(some), [null, null]);
  });

  it("shows a row with its bytes, its content and a proof that leads to the checkpoint", async () => {
    const principal = principalOf(tenantId);
    assert.equal((await showRow(fixture.pool, { principal, access: everything }, 5)).proof, null, "not sealed yet");
    await sealChain(fixture.deps, tenantId);
    const row = await showRow(fixture.pool, { principal, access: everything }, 5);
    assert.equal(createHash("sha256").update(row.lines).digest("hex"), row.hash);
    const [unit] = row.units;
    assert.ok(unit?.state === "open");
    assert.deepEqual(JSON.parse(unit.content), { before: { n: 2 }, after: { n: 3 } });
    const opened = createHmac("sha256", Buffer.from(unit.salt, "hex"));
    assert.equal(opened.update(`ledgerstone/unit/v1\nchange\n${unit.content}`).digest("hex"), unit.hash);
    const { checkpoint } = parseCheckpoint(row.proof!.checkpoint);
    const path = row.proof!.path.map((hash) => new Uint8Array(Buffer.from(hash, "base64")));
    const claim = { index: 4, size: checkpoint.size, root: checkpoint.root };
    const leaf = leafHash(Buffer.from(row.hash, "hex"));
    assert.equal(verifyInclusion({ ...claim, leaf }, path), true);
    await assert.rejects(showRow(fixture.pool, { principal, access: everything }, 999), /not found/);
  });

  it("shows one's own row 1, whoever else has one", async () => {
    const other = await fixture.newTenant();
    for (const mine of [tenantId, other]) {
      const row = await showRow(fixture.pool, { principal: principalOf(mine), access: everything }, 1);
      assert.equal(row.entity.id, mine);
      const { rows } = await list({}, everything, principalOf(mine));
      assert.ok(rows.every(({ seq, entity }) => seq !== 1 || entity.id === mine));
    }
  });

  it("lists checkpoints from the newest, as signed notes", async () => {
    await append(principalOf(tenantId), "site.renamed", 9);
    await sealChain(fixture.deps, tenantId);
    const first = await listCheckpoints(fixture.pool, principalOf(tenantId), { limit: 1 });
    const second = await listCheckpoints(fixture.pool, principalOf(tenantId), { limit: 1, after: first.next! });
    assert.ok(first.checkpoints[0]!.size > second.checkpoints[0]!.size);
    assert.equal(parseCheckpoint(first.checkpoints[0]!.note).checkpoint.size, first.checkpoints[0]!.size);
    const whole = await listCheckpoints(fixture.pool, principalOf(tenantId), { limit: 100 });
    assert.deepEqual([whole.checkpoints.length, whole.next], [2, null]);
  });
});

describe("reading the ledger after an erasure", () => {
  let estate: Estate;
  let tenant: SeededTenant;
  const show = (seq: number) => showRow(estate.deps.app, { principal: tenant.principal, access: everything }, seq);
  const newest = async (action: string) => {
    const reader = { principal: tenant.principal, access: everything };
    return (await listRows(estate.deps.app, reader, rowQuery.parse({ action, limit: 1 }))).rows[0]!;
  };

  before(async () => {
    estate = await startEstate();
    tenant = await estate.tenant({ sites: ["Nord"] });
  });
  after(() => estate.stop());

  it("names the tombstone where content is gone, of openings and of whole batches", async () => {
    await estate.record(tenant, [{ subjects: ["plate:ZH 123"] }]);
    const batch = await newest("events.recorded");
    const whole = (await show(batch.seq)).units[0]!;
    assert.ok(whole.state === "open" && whole.name === "batch");
    assert.match(whole.content, new RegExp(`^received .*\nsite ${tenant.sites[0]!.siteId} 1 `));
    const { seq } = await withTenant(estate.deps.app, tenant.principal, async (tx) => {
      const subject = subjectHash(await estate.seeds.keyring.indexKey(tx), "plate:zh-123");
      const units = [
        { name: "context", content: "stays" },
        { name: "detail", content: "looked for ZH 123", subjects: [subject] },
      ];
      return appendRow(tx, { action: "search.made", entity: { type: "search", id: "1" }, units });
    });
    await requestErasure({ pool: estate.deps.app, keyring: estate.seeds.keyring }, tenant.principal, {
      ...{ subject: "plate:ZH123", reason: "art. 17" },
    });
    await estate.work(tenant);
    const [context, detail] = (await show(seq)).units;
    assert.equal(context!.state, "open");
    const [gone] = (await show(batch.seq)).units;
    for (const unit of [detail!, gone!]) {
      assert.ok(unit.state === "erased", unit.name);
      const [tombstone] = unit.tombstones;
      assert.equal(tombstone!.basis, "request");
      assert.equal((await show(tombstone!.seq)).action, "ledger.erased");
    }
    await estate.verify(tenant);
  });
});
