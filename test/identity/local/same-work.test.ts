import assert from "node:assert/strict";
import type pg from "pg";
import { systemPrincipal, withTenant } from "../../../src/audit/index.ts";
import {
  createApiKey,
  createApiKeyVerifier,
  newApiKey,
  newApiKeySchema,
  watchSignIns,
} from "../../../src/identity/index.ts";
import { signInByPassword } from "../../../src/identity/local/sign-in.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { isCode, type LocalWorld, localWorld, makeAccount, password } from "./world.ts";

const pepper = "a pepper of the tests";
const rounds = 5;

describe("identity: who is not there costs the same work as who is", () => {
  let world: LocalWorld;
  let queries = 0;
  /** Statements outside a transaction. */
  let reads = 0;
  let hashes = 0;
  before(async () => {
    world = await localWorld();
    const { hashSubject, passwords } = world.deps;
    const log = createLogger("test", "silent");
    world.deps.watch = watchSignIns({ hashSubject, publicUrl: "https://ledgerstone.example", log });
    world.deps.passwords = {
      hash: passwords.hash,
      verify: (hash, given) => {
        hashes++;
        return passwords.verify(hash, given);
      },
    };
    await makeAccount(world, "anna");
    await makeAccount(world, "unset", { setPassword: false });
    const { userId } = await makeAccount(world, "gone");
    await world.database.superuser.query("update users set active = false where user_id = $1", [userId]);
    counting(world.deps.pool);
  });
  after(() => world.stop());

  /** Every statement of every connection, those that are sent together too. */
  function counting(pool: pg.Pool): void {
    const connect = pool.connect.bind(pool) as (told?: unknown) => Promise<pg.PoolClient>;
    const ask = pool.query.bind(pool) as (...given: unknown[]) => unknown;
    const counted = new WeakSet<object>();
    Object.assign(pool, {
      query(...given: unknown[]) {
        reads++;
        return ask(...given);
      },
      // The pool's own query asks for its connection by a callback.
      async connect(told?: unknown) {
        if (told) return connect(told);
        const client = await connect();
        if (!counted.has(client)) {
          counted.add(client);
          const query = client.query.bind(client) as (...given: unknown[]) => unknown;
          Object.assign(client, {
            query(...given: unknown[]) {
              queries++;
              return query(...given);
            },
          });
        }
        return client;
      },
    });
  }

  type Cost = { queries: number; hashes: number; ms: number };
  async function costOf(work: () => Promise<unknown>): Promise<Cost> {
    const before = { queries, hashes, at: performance.now() };
    await work();
    return { queries: queries - before.queries, hashes: hashes - before.hashes, ms: performance.now() - before.at };
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  /** Interleaved, so that what else the machine does falls on all alike; printed, and asserted of nothing but work done. */
  async function compare(cases: Record<string, () => Promise<unknown>>): Promise<Map<string, Cost[]>> {
    const costs = new Map<string, Cost[]>();
    for (let round = 0; round < rounds + 1; round++) {
      for (const [name, work] of Object.entries(cases)) {
        const cost = await costOf(work);
        // The first of each fills caches.
        if (round > 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
    const told = [...costs].map(([name, each]) => {
      const ms = each.map((cost) => cost.ms);
      const middle = median(ms);
      const spread = median(ms.map((value) => Math.abs(value - middle)));
      return `${name} ${middle.toFixed(1)} ±${spread.toFixed(1)} ms`;
    });
    process.stdout.write(`      medians: ${told.join(", ")}\n`);
    return costs;
  }

  it("a password is hashed once and as many statements run, whoever has the name", async () => {
    const cases = Object.fromEntries(
      ["anna", "nobody", "unset", "gone"].map((userName) => [
        userName,
        async () => {
          await world.database.superuser.query("delete from sign_in_tries");
          const device = "A".repeat(43);
          const given = { userName, password: "wrong wrong wrong" };
          await assert.rejects(
            signInByPassword(world.deps, { ...world.knock, device }, given),
            isCode("sign-in-refused"),
          );
        },
      ]),
    );
    const costs = await compare(cases);
    const [anna] = costs.get("anna")!;
    assert.ok(anna!.queries > 5);
    for (const [name, each] of costs) {
      for (const { hashes: run, queries: sent } of each) assert.deepEqual([run, sent], [1, anna!.queries], name);
    }
  });

  it("a key that nobody has, and one of a known prefix: one statement each, and no argon2", async () => {
    const wanted = newApiKeySchema.parse({ name: "x", permissions: ["sites:read"] });
    const { key } = await withTenant(world.deps.pool, systemPrincipal(world.tenant.tenantId, "test", "cli"), (tx) =>
      createApiKey(tx, pepper, wanted),
    );
    const verifier = createApiKeyVerifier({ pool: world.deps.pool, pepper });
    const from = { address: "10.1.2.3", correlation: crypto.randomUUID() };
    let sibling: string;
    // The same prefix, another secret, a checksum that is right.
    const forge = () => {
      const { crc32 } = process.getBuiltinModule("node:zlib");
      const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
      const body = `${key.slice(0, 21)}_${newApiKey("live").key.slice(22, 54)}`;
      let sum = "";
      for (let rest = crc32(body), n = 0; n < 6; n++, rest = Math.floor(rest / 62)) sum = alphabet[rest % 62] + sum;
      return body + sum;
    };
    const cases = {
      "no such key": () => verifier.verify(newApiKey("live").key, from),
      "a known prefix": () => {
        sibling = forge();
        return verifier.verify(sibling, from);
      },
    };
    assert.equal((await verifier.verify(key, from)).ok, true);
    const before = reads;
    const costs = await compare(cases);
    assert.equal(sibling!.slice(0, 21), key.slice(0, 21));
    assert.deepEqual(await verifier.verify(sibling!, from), { ok: false, reason: "unknown" });
    assert.equal(costs.size, 2);
    assert.equal(reads - before, 2 * (rounds + 1) + 1, "one each");
  });

  it("the right password goes on where a wrong one ends: that alone tells", async () => {
    await world.database.superuser.query("delete from sign_in_tries");
    const entered = await signInByPassword(world.deps, world.knock, { userName: "anna", password });
    assert.equal(entered.state, "signed-in");
  });
});
