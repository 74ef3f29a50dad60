import assert from "node:assert/strict";
import { password } from "../../identity/local/world.ts";
import { visitor } from "../../support/visitor.ts";
import { type CliWorld, tenantLine } from "./world.ts";

/** In Elm, where the identity provider is enforced (signing-on.ts), with Redis away. */
export function lockedOut(world: () => CliWorld): void {
  const { run, show } = tenantLine(world, "elm");
  const tries = async (work: (by: ReturnType<typeof visitor>) => Promise<number>): Promise<number> => {
    const by = visitor(world().appliance);
    return work(by).finally(() => by.close());
  };
  const signIn = (userName: string, given = password) =>
    tries(async (by) => (await by.send("POST", "/api/v1/sign-in/elm/password", { userName, password: given })).status);
  const follow = (url: string) =>
    tries(
      async (by) => (await by.send("POST", "/api/v1/sign-in/elm/link", { token: url.split("#")[1], password })).status,
    );

  describe("admin create, unlock and recover, while SAML is enforced and Redis is away", () => {
    before(async () => {
      await world().appliance.redis.kill();
    });
    after(async () => {
      await world().appliance.redis.start();
    });

    it("create makes an owner who gets in beside the provider", async () => {
      const made = ["admin", "create", "--tenant", "elm", "--user-name", "paul", "--name", "Paul", "--json"];
      const { url } = JSON.parse(await world().appliance.cli(made));
      assert.equal(await follow(url), 200);
      assert.equal(await signIn("paul"), 200);
      assert.match(await show("admin", "list"), /paul\tPaul\towner, 0 second factors/);
    });

    it("unlock ends a lock at once", async () => {
      for (let tried = 0; tried < 12; tried++) await signIn("paul", "wrong wrong wrong");
      assert.equal(await signIn("paul"), 429);
      assert.match(await show("admin", "unlock", "--user-name", "paul"), /paul may try again/);
      assert.equal(await signIn("paul"), 200);
    });

    it("recover gives a new password by a link that works once, and tells who does not exist", async () => {
      const { url } = await run("admin", "recover", "--user-name", "paul", "--reset-factors");
      assert.equal(await follow(url!), 200);
      assert.notEqual(await follow(url!), 200);
      assert.equal(await signIn("paul"), 200);
      await assert.rejects(show("admin", "recover", "--user-name", "nobody"), /no account nobody/);
    });

    it("whom the provider lets in gets no password past it", async () => {
      const { url } = await run("admin", "create", "--user-name", "vera", "--name", "Vera", "--role", "viewer");
      const by = visitor(world().appliance);
      const body = { token: url!.split("#")[1], password };
      const answer = await by.send("POST", "/api/v1/sign-in/elm/link", body).finally(() => by.close());
      assert.equal(answer.status, 401);
      assert.match(answer.body, /identity provider/);
    });

    it("with two owners nobody on the box switches the provider off alone", async () => {
      const told = await world().ends(75, "saml", "unenforce", "--tenant", "elm");
      assert.match(told, /this waits for a second person until .*: request [0-9a-f-]{36}/);
    });
  });
}
