import assert from "node:assert/strict";
import type { Appliance } from "../../support/appliance.ts";
import {
  CORE,
  ENTERPRISE,
  fields,
  filtered,
  type Json,
  type Lab,
  LIST,
  ok,
  openScimLab,
  patch,
  refused,
  user,
} from "./lab.ts";

// In the order and the shapes of Microsoft's description of its provisioning service, and of its validator.

export function scimEntra(appliance: () => Appliance): void {
  describe("SCIM: Microsoft Entra", function () {
    this.timeout(120_000);
    let lab: Lab;
    let send: Lab["alder"]["scim"]["send"];
    before(async () => {
      lab = await openScimLab(appliance());
      ({ send } = lab.alder.scim);
    });
    after(() => lab?.stop());

    const objectId = "f2e1c0aa-0001-4000-8000-00000000a001";
    const grace = user({
      schemas: [`${CORE}:User`, ENTERPRISE],
      externalId: objectId,
      userName: "Grace.Hopper@example.com",
      active: true,
      displayName: "Grace Hopper",
      emails: [{ primary: true, type: "work", value: "Grace.Hopper@example.com" }],
      meta: { resourceType: "User" },
      name: { formatted: "Grace Hopper", familyName: "Hopper", givenName: "Grace" },
      roles: [],
      [ENTERPRISE]: { department: "Compilers", employeeNumber: "42" },
    });
    let id: string;
    const read = async (): Promise<Json> => ok(await send("GET", `/Users/${id}`));

    it("tests the connection: a filter that finds nobody is an empty list, not an error", async () => {
      const probe = ok(await send("GET", `/Users${filtered('userName eq "d9c3d1f0-no-such-user"')}`));
      assert.deepEqual(probe, { schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] });
      assert.equal(
        ok(await send("GET", `/Groups${filtered('displayName eq "nobody"', "&excludedAttributes=members")}`))
          .totalResults,
        0,
      );
    });

    it("discovers the schemas: every attribute says all of its characteristics", async () => {
      const { Resources, totalResults } = ok(await send("GET", "/Schemas"));
      assert.equal(totalResults, 3);
      assert.deepEqual(
        [...Resources!].map(({ id: urn }) => urn),
        [`${CORE}:User`, `${CORE}:Group`, ENTERPRISE],
      );
      const text = JSON.stringify(Resources);
      for (const word of ["null", "undefined"]) assert.ok(!text.includes(`:${word}`));
      for (const name of ["userName", "externalId", "emails", "active", "manager", "members", "department"]) {
        assert.ok(text.includes(`"name":"${name}"`), name);
      }
      const one = ok(await send("GET", `/Schemas/${CORE}:user`));
      assert.deepEqual(one, Resources![0]);
    });

    it("creates a user, and finds it by each attribute that can be the matching one", async () => {
      const answer = await send("POST", "/Users", grace);
      const made = ok(answer, 201);
      id = made.id;
      const { meta: _meta, ...rest } = fields(made);
      assert.ok(!("groups" in rest));
      const { roles: _, meta: __, ...sent } = grace;
      assert.deepEqual(rest, { ...sent, id });
      assert.equal(made.meta!.resourceType, "User");
      assert.equal(answer.headers.location, `${lab.appliance.apiUrl}/scim/v2/Users/${id}`);
      assert.equal(answer.headers.etag, made.meta!.version);
      for (const filter of [
        'userName eq "grace.hopper@EXAMPLE.com"',
        `externalId eq "${objectId}"`,
        'emails[type eq "work"].value eq "grace.hopper@example.com"',
        'emails[type eq "work" and value eq "grace.hopper@example.com"]',
        'emails.value eq "Grace.Hopper@example.com"',
        `id eq "${id}" and userName eq "grace.hopper@example.com"`,
        'displayName eq "grace hopper"',
        `userName eq "Grace.Hopper@example.com" and active eq true`,
      ]) {
        const found = ok(await send("GET", `/Users${filtered(filter)}`));
        assert.equal(found.totalResults, 1, filter);
        assert.deepEqual(found.Resources![0], made);
      }
      for (const filter of [
        `externalId eq "${objectId.toUpperCase()}"`,
        'emails[type eq "home"].value eq "grace.hopper@example.com"',
        `id eq "${id}" and active eq false`,
        'userName eq "a" and userName eq "b"',
        'id eq "not-an-id"',
        'userName eq "Grace%"',
      ]) {
        assert.equal(ok(await send("GET", `/Users${filtered(filter)}`)).totalResults, 0, filter);
      }
    });

    it("refuses the same user again with 409 uniqueness", async () => {
      refused(await send("POST", "/Users", grace), 409, "uniqueness");
      refused(await send("POST", "/Users", { ...grace, userName: "other", externalId: objectId }), 409, "uniqueness");
      refused(
        await send("POST", "/Users", { ...grace, userName: "GRACE.hopper@example.com", externalId: "x" }),
        409,
        "uniqueness",
      );
    });

    it("updates attributes, one operation each, without the flag", async () => {
      const answer = await send(
        "PATCH",
        `/Users/${id}`,
        patch(
          { op: "Replace", path: "displayName", value: "G. Hopper" },
          { op: "Replace", path: 'emails[type eq "work"].value', value: "grace@example.com" },
          { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "555 0100" },
          { op: "Add", path: 'addresses[type eq "work"].streetAddress', value: "1 Navy Yard" },
          { op: "Replace", path: "name.givenName", value: "Grace B." },
          { op: "Replace", path: `${ENTERPRISE}:department`, value: "Languages" },
        ),
      );
      const changed = ok(answer);
      assert.deepEqual(changed, await read());
      assert.deepEqual(changed.emails, [{ primary: true, type: "work", value: "grace@example.com" }]);
      assert.deepEqual(changed.phoneNumbers, [{ type: "mobile", value: "555 0100" }]);
      assert.deepEqual(changed.addresses, [{ type: "work", streetAddress: "1 Navy Yard" }]);
      assert.deepEqual(changed.name, { formatted: "Grace Hopper", familyName: "Hopper", givenName: "Grace B." });
      assert.deepEqual(changed[ENTERPRISE], { department: "Languages", employeeNumber: "42" });
      const kept = await lab.inside(lab.alder, (tx) =>
        tx.query("select display_name, email from users where user_id = $1", [id]),
      );
      assert.deepEqual(kept.rows, [{ display_name: "G. Hopper", email: "grace@example.com" }]);
    });

    it("updates attributes in one object with dotted and URN keys, with the flag in the address", async () => {
      const answer = await send(
        "PATCH",
        `/Users/${id}?aadOptscim062020`,
        patch(
          { op: "replace", path: 'emails[type eq "work"].value', value: "hopper@example.com" },
          {
            op: "replace",
            value: {
              displayName: "Grace Hopper",
              "name.givenName": "Grace",
              title: "Rear admiral",
              [`${ENTERPRISE}:employeeNumber`]: "43",
            },
          },
        ),
      );
      const changed = ok(answer);
      assert.equal(changed.title, "Rear admiral");
      assert.equal(changed.name!.givenName, "Grace");
      assert.equal(changed[ENTERPRISE]!.employeeNumber, "43");
      assert.equal(
        ok(
          await send(
            "GET",
            `/Users${filtered('emails[type eq "work"].value eq "hopper@example.com"', "&aadOptscim062020=")}`,
          ),
        ).totalResults,
        1,
      );
    });

    it("makes an address that was not there, and clears attributes by empty texts, null and Remove", async () => {
      ok(await send("PATCH", `/Users/${id}`, patch({ op: "Remove", path: 'emails[type eq "work"].value' })));
      assert.equal((await read()).emails, undefined);
      ok(
        await send(
          "PATCH",
          `/Users/${id}`,
          patch({ op: "Add", path: 'emails[type eq "work"].value', value: "grace@example.com" }),
        ),
      );
      assert.deepEqual((await read()).emails, [{ type: "work", value: "grace@example.com" }]);
      ok(
        await send(
          "PATCH",
          `/Users/${id}`,
          patch(
            { op: "replace", value: { title: "", displayName: "", "name.givenName": null } },
            { op: "Replace", path: `${ENTERPRISE}:department`, value: "" },
            { op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: null },
          ),
        ),
      );
      const cleared = await read();
      for (const name of ["title", "displayName", "phoneNumbers"]) assert.equal(cleared[name], undefined, name);
      assert.deepEqual(cleared.name, { formatted: "Grace Hopper", familyName: "Hopper" });
      assert.deepEqual(cleared[ENTERPRISE], { employeeNumber: "43" });
    });

    it("sets, changes and clears a manager, as an id alone, an object or a list", async () => {
      const path = `${ENTERPRISE}:manager`;
      const boss = ok(await send("POST", "/Users", user({ userName: "boss@example.com", externalId: "boss" })), 201).id;
      const set = async (op: string, value?: unknown) =>
        ok(await send("PATCH", `/Users/${id}`, patch({ op, path, value })))[ENTERPRISE]?.manager;
      assert.deepEqual(await set("Add", boss), { value: boss });
      assert.deepEqual(await set("Replace", { value: id }), { value: id });
      assert.deepEqual(await set("Replace", [{ $ref: null, value: boss }]), { value: boss });
      const asked = filtered(`id eq "${id}" and manager eq "${boss}"`, "&attributes=id");
      assert.equal(ok(await send("GET", `/Users${asked}`)).totalResults, 1);
      assert.equal(await set("Replace", ""), undefined);
      assert.deepEqual(await set("Add", boss), { value: boss });
      assert.equal(await set("Remove"), undefined);
    });

    it("disables and enables by texts", async () => {
      const off = ok(await send("PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "False" })));
      assert.equal(off.active, false);
      const found = ok(await send("GET", `/Users${filtered('userName eq "Grace.Hopper@example.com"')}`));
      assert.equal(found.Resources![0]!.active, false);
      assert.equal(
        ok(await send("PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "True" }))).active,
        true,
      );
    });

    describe("groups", () => {
      let groupId: string;
      const members = async () =>
        [...(ok(await send("GET", `/Groups/${groupId}`)).members ?? [])].map(({ value }) => value).sort();

      it("creates one with a schema of Microsoft's besides, finds it by name, and refuses it twice", async () => {
        const body = {
          schemas: [`${CORE}:Group`, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
          externalId: "f2e1c0aa-0001-4000-8000-00000000b001",
          displayName: "Gate keepers",
          meta: { resourceType: "Group" },
        };
        const made = ok(await send("POST", "/Groups", body), 201);
        groupId = made.id;
        assert.deepEqual(made.members, []);
        refused(await send("POST", "/Groups", body), 409, "uniqueness");
        const found = ok(
          await send("GET", `/Groups${filtered('displayName eq "gate KEEPERS"', "&excludedAttributes=members")}`),
        );
        assert.equal(found.totalResults, 1);
        assert.equal(found.Resources![0]!.id, groupId);
        assert.ok(!("members" in found.Resources![0]!));
        const one = ok(await send("GET", `/Groups/${groupId}?excludedAttributes=members`));
        assert.ok(!("members" in one));
      });

      it("adds and removes members by a list of values, and by brackets; each answers 204", async () => {
        const others = [];
        for (const name of ["m1", "m2"])
          others.push(ok(await send("POST", "/Users", user({ userName: name })), 201).id);
        const change = async (...operations: object[]) => {
          const answer = await send("PATCH", `/Groups/${groupId}`, patch(...operations));
          assert.deepEqual(ok(answer, 204), {});
          assert.match(answer.headers.etag!, /^W\/"\d+"$/);
        };
        await change({
          op: "Add",
          path: "members",
          value: [
            { $ref: null, value: id },
            { $ref: null, value: others[0] },
          ],
        });
        await change({ op: "Add", path: "members", value: [{ value: others[1] }] });
        assert.deepEqual(await members(), [id, ...others].sort());
        await change({ op: "Remove", path: "members", value: [{ $ref: null, value: others[0] }] });
        await change({ op: "remove", path: `members[value eq "${others[1]}"]` });
        assert.deepEqual(await members(), [id]);
        await change({ op: "remove", path: `members[value eq "${others[1]}"]` });
        await change({ op: "Replace", path: "displayName", value: "Gate and yard keepers" });
        assert.equal(ok(await send("GET", `/Groups/${groupId}`)).displayName, "Gate and yard keepers");
      });

      it("asks whether somebody is a member", async () => {
        const ask = async (filter: string) =>
          ok(await send("GET", `/Groups${filtered(filter, "&attributes=id")}`)).totalResults;
        assert.equal(await ask(`id eq "${groupId}" and members eq "${id}"`), 1);
        assert.equal(await ask(`members[value eq "${id}"]`), 1);
        assert.equal(await ask(`members.value eq "${crypto.randomUUID()}"`), 0);
        assert.deepEqual((await read()).groups, [
          {
            value: groupId,
            $ref: `${lab.appliance.apiUrl}/scim/v2/Groups/${groupId}`,
            display: "Gate and yard keepers",
            type: "direct",
          },
        ]);
      });

      it("deletes it, once", async () => {
        ok(await send("DELETE", `/Groups/${groupId}`), 204);
        refused(await send("DELETE", `/Groups/${groupId}`), 404);
        refused(await send("GET", `/Groups/${groupId}`), 404);
        assert.equal((await read()).groups, undefined);
      });
    });

    describe("the end", () => {
      it("deletes a user, once, and restores the same person under the same id", async () => {
        ok(await send("DELETE", `/Users/${id}`), 204);
        refused(await send("DELETE", `/Users/${id}`), 404);
        refused(await send("GET", `/Users/${id}`), 404);
        for (const filter of [
          `externalId eq "${objectId}"`,
          'userName eq "Grace.Hopper@example.com"',
          `id eq "${id}"`,
        ]) {
          assert.equal(ok(await send("GET", `/Users${filtered(filter)}`)).totalResults, 0, filter);
        }
        const back = ok(await send("POST", "/Users", grace), 201);
        assert.equal(back.id, id);
        assert.equal(back.active, true);
        assert.equal(back.displayName, "Grace Hopper");
        ok(await send("DELETE", `/Users/${id}`), 204);
        const other = ok(
          await send("POST", "/Users", { ...grace, externalId: "f2e1c0aa-0001-4000-8000-00000000a002" }),
          201,
        );
        assert.notEqual(other.id, id, "another person with the same name is another account");
      });

      it("the chains verify, and no failure stands in the log", async () => {
        await lab.verify();
        assert.doesNotMatch(lab.appliance.app.output(), /request failed/);
      });
    });
  });
}
