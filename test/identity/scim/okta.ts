import assert from "node:assert/strict";
import type { Appliance } from "../../support/appliance.ts";
import {
  CORE,
  ERROR,
  fields,
  filtered,
  group,
  type Json,
  type Lab,
  LIST,
  ok,
  openScimLab,
  patch,
  refused,
  user,
} from "./lab.ts";

// Okta's specification test for SCIM 2.0 (the suite that runs on BlazeMeter, before Runscope), then what its provisioning sends.

const asOkta = {
  accept: "application/scim+json",
  "accept-charset": "utf-8",
  "user-agent": "OKTA SCIM Integration",
};

export function scimOkta(appliance: () => Appliance): void {
  describe("SCIM: Okta", function () {
    this.timeout(120_000);
    let lab: Lab;
    let send: Lab["alder"]["scim"]["send"];
    before(async () => {
      lab = await openScimLab(appliance());
      const { scim } = lab.alder;
      send = (method, path, body, headers) => scim.send(method, path, body, { ...asOkta, ...headers });
      // The suite wants somebody to be there.
      ok(await send("POST", "/Users", okta("first@example.com", "Fay", "First")), 201);
    });
    after(() => lab?.stop());

    const okta = (address: string, givenName: string, familyName: string, more: object = {}) =>
      user({
        userName: address,
        name: { givenName, familyName },
        emails: [{ primary: true, value: address, type: "work" }],
        displayName: `${givenName} ${familyName}`,
        active: true,
        ...more,
      });
    const find = async (userName: string): Promise<Json> =>
      ok(await send("GET", `/Users${filtered(`userName eq "${userName}"`, "&startIndex=1&count=100")}`));

    describe("the specification test", () => {
      let first: string;
      let made: string;

      it("Users: a page of one, with integers", async () => {
        const page = ok(await send("GET", "/Users?count=1&startIndex=1"));
        assert.deepEqual(page.schemas, [LIST]);
        for (const name of ["itemsPerPage", "startIndex", "totalResults"])
          assert.equal(typeof page[name], "number", name);
        const [one] = page.Resources!;
        first = one!.id;
        assert.ok(one!.name!.familyName && one!.name!.givenName && one!.userName);
        assert.equal(one!.active, true);
        assert.ok(one!.emails![0]!.value);
      });

      it("Users/{id}", async () => {
        const one = ok(await send("GET", `/Users/${first}`));
        assert.equal(one.id, first);
        assert.ok(one.name!.familyName && one.name!.givenName && one.userName && one.emails![0]!.value);
      });

      it("nobody by a name, and nobody by an id", async () => {
        assert.equal((await find("abcdefgh@atko.com")).totalResults, 0);
        const missing = await send("GET", "/Users/010101001010101011001010101011");
        refused(missing, 404);
        assert.deepEqual(missing.json<Json>().schemas, [ERROR]);
      });

      it("a random user is not there, is made with application/json, and is there", async () => {
        const address = "Runscope300Okta@atko.com";
        assert.equal((await find(address)).totalResults, 0);
        const body = okta(address, "Rune", "Scope");
        const answer = await send("POST", "/Users", body, { "content-type": "application/json" });
        const one = ok(answer, 201);
        made = one.id;
        assert.equal(one.active, true);
        assert.equal(one.userName, address);
        assert.ok([...one.schemas!].includes(`${CORE}:User` as never));
        const read = ok(await send("GET", `/Users/${made}`));
        assert.deepEqual(read.name, { givenName: "Rune", familyName: "Scope" });
        refused(await send("POST", "/Users", body, { "content-type": "application/json" }), 409, "uniqueness");
        assert.equal((await find(address.toUpperCase())).totalResults, 1);
      });

      it("Groups answers", async () => {
        const page = ok(await send("GET", "/Groups"));
        assert.ok(Array.isArray(page.Resources));
      });

      it("401 for a token that is none, and 404 for an id that is none, in SCIM's shape", async () => {
        const unknown = await send("GET", `/Users${filtered('userName eq "X"')}`, undefined, {
          authorization: "non-token",
        });
        refused(unknown, 401);
        refused(await send("GET", "/Users/00919288221112222"), 404);
      });
    });

    describe("provisioning", () => {
      let id: string;

      it("looks for the user, then makes one with a password, which is kept nowhere", async () => {
        assert.equal((await find("test.user@okta.local")).totalResults, 0);
        const body = okta("test.user@okta.local", "Test", "User", {
          locale: "en-US",
          externalId: "00ujl29u0le5T6Aj10h7",
          groups: [],
          password: "1mz050nq-S3cret",
        });
        const made = ok(await send("POST", "/Users", body), 201);
        id = made.id;
        assert.equal(made.locale, "en-US");
        assert.equal(made.externalId, "00ujl29u0le5T6Aj10h7");
        assert.ok(!("password" in made));
        const { rows } = await lab.appliance.superuser.query<{ text: string }>(
          `select (select string_agg(u::text, '') from users u) || (select string_agg(s::text, '') from scim_users s)
             || (select string_agg(o.content, '') from ledger.openings o) as text`,
        );
        assert.ok(rows[0]!.text.includes("test.user@okta.local"));
        assert.ok(!rows[0]!.text.includes("1mz050nq"));
      });

      it("reads the user and puts it back whole, with what it read in it", async () => {
        const read = ok(await send("GET", `/Users/${id}`));
        const body = { ...fields(read), name: { ...fields(read.name), middleName: "Excited" }, title: "Tester" };
        const changed = ok(await send("PUT", `/Users/${id}`, body));
        assert.deepEqual(changed.name, { givenName: "Test", middleName: "Excited", familyName: "User" });
        const without = { ...body, name: { givenName: "Test", middleName: "", familyName: "User" }, title: undefined };
        const cleared = ok(await send("PUT", `/Users/${id}`, without));
        assert.deepEqual(cleared.name, { givenName: "Test", familyName: "User" });
        assert.ok(!("title" in cleared), "what a PUT leaves out goes");
        assert.equal(cleared.externalId, "00ujl29u0le5T6Aj10h7");
      });

      it("deactivates by PATCH without a path, and by PUT", async () => {
        assert.equal(
          ok(await send("PATCH", `/Users/${id}`, patch({ op: "replace", value: { active: false } }))).active,
          false,
        );
        assert.equal(
          ok(await send("PATCH", `/Users/${id}`, patch({ op: "replace", value: { active: true } }))).active,
          true,
        );
        const { active: _, ...read } = fields(ok(await send("GET", `/Users/${id}`)));
        assert.equal(ok(await send("PUT", `/Users/${id}`, { ...read, active: false })).active, false);
        assert.equal(ok(await send("PUT", `/Users/${id}`, read)).active, false, "silence brings nobody back");
        assert.equal(ok(await send("PUT", `/Users/${id}`, { ...read, active: true })).active, true);
      });

      it("syncs a password, which changes nothing", async () => {
        const before = ok(await send("GET", `/Users/${id}`));
        const after = ok(
          await send("PATCH", `/Users/${id}`, patch({ op: "replace", value: { password: "n3w-S3cret" } })),
        );
        assert.deepEqual(after, before);
      });

      it("pushes a group: made empty, named with its id, filled by replace, changed by remove and add", async () => {
        const other = ok(await send("POST", "/Users", okta("other@okta.local", "Other", "User")), 201).id;
        const made = ok(await send("POST", "/Groups", group({ displayName: "Test SCIMv2", members: [] })), 201);
        const groupId = made.id;
        assert.deepEqual(made.members, []);
        const path = `/Groups/${groupId}`;
        const values = async () => [...(ok(await send("GET", path)).members ?? [])].map(({ value }) => value).sort();
        ok(
          await send("PATCH", path, patch({ op: "replace", value: { id: groupId, displayName: "Test SCIMv20" } })),
          204,
        );
        assert.equal(ok(await send("GET", path)).displayName, "Test SCIMv20");
        const all = [
          { value: id, display: "test.user@okta.local" },
          { value: other, display: "other@okta.local" },
        ];
        ok(await send("PATCH", path, patch({ op: "replace", path: "members", value: all })), 204);
        assert.deepEqual(await values(), [id, other].sort());
        ok(
          await send(
            "PATCH",
            path,
            patch(
              { op: "remove", path: `members[value eq "${id}"]` },
              { op: "add", path: "members", value: [{ value: other, display: "other@okta.local" }] },
            ),
          ),
          204,
        );
        assert.deepEqual(await values(), [other]);
        const put = group({ id: groupId, displayName: "Put", members: [{ value: id, display: null }] });
        assert.equal(ok(await send("PUT", path, put)).displayName, "Put");
        assert.deepEqual(await values(), [id]);
        ok(await send("PUT", path, group({ id: groupId, displayName: "Put again" })));
        assert.deepEqual(await values(), [id], "silence takes nobody out");
        ok(await send("PATCH", path, patch({ op: "replace", path: "members", value: [] })), 204);
        assert.deepEqual(await values(), []);
        ok(await send("DELETE", path), 204);
      });

      it("imports page by page, in one order, each once", async () => {
        for (let n = 0; n < 11; n++)
          ok(await send("POST", "/Users", okta(`page${n}@okta.local`, "Page", String(n))), 201);
        const seen: string[] = [];
        let total = Number.POSITIVE_INFINITY;
        for (let startIndex = 1; startIndex <= total; startIndex += 4) {
          const page = ok(await send("GET", `/Users?startIndex=${startIndex}&count=4`));
          total = Number(page.totalResults);
          assert.equal(page.startIndex, startIndex);
          assert.equal(page.itemsPerPage, page.Resources!.length);
          seen.push(...[...page.Resources!].map((one) => one.id));
          // A change between two pages moves nobody.
          ok(await send("PATCH", `/Users/${seen[0]}`, patch({ op: "replace", value: { title: `t${startIndex}` } })));
        }
        assert.equal(seen.length, total);
        assert.equal(new Set(seen).size, total);
        const none = ok(await send("GET", "/Users?count=0"));
        assert.deepEqual([none.totalResults, none.itemsPerPage, none.Resources], [total, 0, []]);
        const past = ok(await send("GET", `/Users?startIndex=${total + 1}`));
        assert.deepEqual([past.totalResults, past.Resources], [total, []]);
        const odd = ok(await send("GET", "/Users?startIndex=-3&count=2"));
        assert.deepEqual([odd.startIndex, odd.itemsPerPage], [1, 2]);
        assert.equal(ok(await send("GET", "/Users?count=-1")).itemsPerPage, 0);
      });

      it("the chains verify, and no failure stands in the log", async () => {
        await lab.verify();
        assert.doesNotMatch(lab.appliance.app.output(), /request failed/);
      });
    });
  });
}
