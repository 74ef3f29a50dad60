import assert from "node:assert/strict";
import { createLink, setPasswordByLink } from "../../../src/identity/local/links.ts";
import { requireUser } from "../../../src/identity/people/users.ts";
import { type LocalWorld, localWorld, makeAccount, password } from "./world.ts";

describe("local: links where the identity provider is enforced", function () {
  this.timeout(60_000);
  let world: LocalWorld;
  let isEnforced = false;
  before(async () => {
    world = await localWorld({ isSsoEnforced: async () => isEnforced });
  });
  after(() => world?.stop());

  const reset = async (userId: string): Promise<string> => {
    const link = await world.admin(async (tx) => createLink(world.deps, tx, await requireUser(tx, userId), "reset"));
    return link.url.split("#")[1]!;
  };

  it("a link is no way round the provider: it lets a local owner in, and nobody else", async () => {
    const owner = await makeAccount(world, "anna", { role: "owner" });
    const viewer = await makeAccount(world, "viewer");
    isEnforced = true;
    const token = await reset(viewer.userId);
    await assert.rejects(setPasswordByLink(world.deps, world.knock, { token, password }), /identity provider/);
    assert.equal((await world.actions()).at(-1), "sign-in.refused");
    assert.equal((await world.unit("sign-in.refused")).reason, "sso-enforced");
    const entered = await setPasswordByLink(world.deps, world.knock, { token: await reset(owner.userId), password });
    assert.equal(entered.state, "signed-in");
    assert.equal((await world.actions()).at(-1), "session.break-glass");
  });
});
