import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readChainState } from "../../src/audit/chain-state.ts";
import { sealChain } from "../../src/audit/index.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { type ChainFixture, chainFixture, principalOf } from "./chain-fixture.ts";

describe("audit: the state of a chain", () => {
  let fixture: ChainFixture;
  let empty: string;
  before(async () => {
    fixture = await chainFixture();
    empty = await temporaryDirectory("witness");
  });
  after(async () => {
    await fixture?.stop();
    await removeDirectory(empty);
  });

  it("says where it ends, how far it is sealed, and what each witness has", async () => {
    const tenantId = await fixture.newTenant();
    const directories = [fixture.witness, empty, join(empty, "unmounted")];
    const read = () => readChainState(fixture.pool, principalOf(tenantId), directories);
    const states = async () => (await read()).witnesses.map(({ state }) => state);
    assert.equal((await read()).sealed, null);
    await fixture.append(tenantId, 3);
    await sealChain(fixture.deps, tenantId);
    await fixture.append(tenantId, 1);
    const { last, sealed, witnesses } = await read();
    assert.deepEqual(
      [last.seq, sealed?.size, witnesses[0]],
      [5, 4, { state: "agrees", size: 4, sealedAt: sealed!.at }],
    );
    assert.deepEqual(await states(), ["agrees", "empty", "empty"]);

    const latest = join(fixture.witness, tenantId, "latest");
    const earlier = await readFile(latest, "utf8");
    await sealChain(fixture.deps, tenantId);
    const newest = await readFile(latest, "utf8");
    await writeFile(latest, earlier);
    assert.equal((await states())[0], "behind");
    await writeFile(latest, "no checkpoint\n");
    assert.equal((await states())[0], "unreadable");

    // The witness saw a checkpoint that the database lost: rewound.
    await writeFile(latest, newest);
    const { superuser } = fixture.database;
    await superuser.query(
      `alter table ledger.checkpoints disable trigger all; delete from ledger.checkpoints where size = 5`,
    );
    assert.equal((await states())[0], "differs");
    await rm(join(fixture.witness, tenantId), { recursive: true });
  });
});
