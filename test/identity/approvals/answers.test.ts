import assert from "node:assert/strict";
import type { Principal } from "../../../src/audit/index.ts";
import { approve, type Decider } from "../../../src/identity/approvals/decide.ts";
import { askSecondPerson } from "../../../src/identity/approvals/request.ts";
import { getApproval } from "../../../src/identity/approvals/view.ts";
import { accessOf } from "../../../src/identity/index.ts";
import { type LocalWorld, localWorld, makeAccount, userPrincipal } from "../local/world.ts";

describe("approvals: what an act answered", () => {
  let world: LocalWorld;
  before(async () => {
    world = await localWorld();
  });
  after(() => world.stop());

  it("is shown and kept without its secrets, as what was asked is", async () => {
    const { deps } = world;
    const approvals = { pool: deps.pool, keyring: { seal: deps.seal, unseal: deps.unseal } };
    const [ada, ben] = [
      await makeAccount(world, "ada", { role: "owner", setPassword: false }),
      await makeAccount(world, "ben", { role: "owner", setPassword: false }),
    ];
    const principal = (userId: string): Principal => ({ ...userPrincipal(world, userId), sites: "all" });
    const route = { method: "post", path: "/api/v1/keys/data/rotate", permission: "keys:rotate" };
    const input = { params: {}, query: null, body: { bindPassword: "planted", host: "shown" } };
    const asked = await askSecondPerson(approvals, principal(ada.userId), { act: "keys.rotate", route, input });
    const by: Decider = {
      principal: principal(ben.userId),
      userId: ben.userId,
      access: await world.admin((tx) => accessOf(tx, ben.userId)),
    };
    const body = { host: "shown", settings: [{ clientSecret: "planted", accessToken: "planted" }] };
    const { answer } = await approve(approvals, by, asked!.approvalId, async () => ({ status: 200, body }));
    const kept = await world.admin((tx) => getApproval(approvals, tx, by, asked!.approvalId));
    for (const text of [answer, kept].map((each) => JSON.stringify(each))) {
      assert.ok(text.includes("shown") && !text.includes("planted"), text);
    }
    assert.deepEqual(kept.answer, answer);
  });
});
