import assert from "node:assert/strict";
import { appendRow } from "../../../src/audit/index.ts";
import type { Appliance } from "../../support/appliance.ts";
import { CORE, ENTERPRISE, filtered, group, type Lab, ok, openScimLab, PATCH, patch, refused, user } from "./lab.ts";

export function scimHostile(appliance: () => Appliance): void {
  describe("SCIM: hostile and huge requests", function () {
    this.timeout(180_000);
    let lab: Lab;
    let send: Lab["alder"]["scim"]["send"];
    let id: string;
    let groupId: string;
    before(async () => {
      lab = await openScimLab(appliance());
      ({ send } = lab.alder.scim);
      id = ok(await send("POST", "/Users", user({ userName: "target" })), 201).id;
      groupId = ok(await send("POST", "/Groups", group({ displayName: "target" })), 201).id;
    });
    after(() => lab?.stop());

    it("ten thousand people join a group in one request, are found, and leave in one", async () => {
      const userIds = Array.from({ length: 10_000 }, () => crypto.randomUUID());
      // Made inside: ten thousand requests are no part of what this shows.
      await lab.inside(lab.alder, async (tx) => {
        await tx.query(
          `insert into users (tenant_id, user_id, user_name, display_name, source)
         select app.tenant(), u, 'bulk ' || u, 'Bulk', 'scim' from unnest($1::uuid[]) u`,
          [userIds],
        );

        await appendRow(tx, { action: "test.users", entity: { type: "tenant", id: lab.alder.tenantId } });
      });
      const values = userIds.map((value) => ({ value }));
      ok(await send("PATCH", `/Groups/${groupId}`, patch({ op: "add", path: "members", value: values })), 204);
      // Duplicates, among themselves and with who is there, are one member each.
      const doubled = values.slice(0, 5_000).flatMap((each) => [each, { value: each.value.toUpperCase() }]);
      ok(await send("PATCH", `/Groups/${groupId}`, patch({ op: "add", path: "members", value: doubled })), 204);
      const whole = ok(await send("GET", `/Groups/${groupId}`));
      assert.equal(whole.members!.length, 10_000);
      const asked = filtered(`id eq "${groupId}" and members eq "${userIds[7_777]}"`, "&excludedAttributes=members");
      assert.equal(ok(await send("GET", `/Groups${asked}`)).totalResults, 1);
      ok(
        await send("PATCH", `/Groups/${groupId}`, patch({ op: "remove", path: `members[value eq "${userIds[0]}"]` })),
        204,
      );
      assert.equal(ok(await send("GET", `/Users${filtered(`userName eq "BULK ${userIds[5]}"`)}`)).totalResults, 1);
      assert.equal(ok(await send("GET", "/Users?startIndex=9000&count=50")).itemsPerPage, 50);
      const unknown = [...values.slice(0, 10), { value: crypto.randomUUID() }];
      refused(
        await send("PATCH", `/Groups/${groupId}`, patch({ op: "replace", path: "members", value: unknown })),
        400,
        "invalidValue",
      );
      assert.equal(ok(await send("GET", `/Groups/${groupId}`)).members!.length, 9_999, "all or nothing");
      ok(await send("PATCH", `/Groups/${groupId}`, patch({ op: "replace", path: "members", value: [] })), 204);
      assert.deepEqual(ok(await send("GET", `/Groups/${groupId}`)).members, []);
    });

    it("a page of groups ends before it holds more members than an answer should", async () => {
      const ids = await lab.inside(lab.alder, async (tx) => {
        const { rows } = await tx.query<{ groupId: string }>(
          `with made as (insert into groups (tenant_id, name, source)
                       select app.tenant(), 'big ' || n, 'scim' from generate_series(1, 4) n returning group_id),
              joined as (insert into group_members (tenant_id, group_id, user_id)
                         select app.tenant(), group_id, user_id from made, users where user_name like 'bulk %')
         select group_id as "groupId" from made`,
        );

        await appendRow(tx, { action: "test.groups", entity: { type: "tenant", id: lab.alder.tenantId } });
        return rows.map(({ groupId: each }) => each);
      });
      const seen: string[] = [];
      let total = Number.POSITIVE_INFINITY;
      for (let startIndex = 1; startIndex <= total; ) {
        const page = ok(await send("GET", `/Groups?startIndex=${startIndex}&count=100`));
        total = Number(page.totalResults);
        assert.ok([...page.Resources!].reduce((sum, { members }) => sum + members!.length, 0) <= 20_000);
        seen.push(...[...page.Resources!].map((each) => each.id));
        startIndex += Number(page.itemsPerPage);
      }
      assert.equal(new Set(seen).size, total);
      assert.ok(ids.every((each) => seen.includes(each)));
      assert.equal(ok(await send("GET", "/Groups?count=100&excludedAttributes=members")).itemsPerPage, total);
    });

    it("bodies that are too large, too deep, or no JSON at all are refused at once", async () => {
      const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
      const list = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
      const cases: [string, string | Buffer, number, string | undefined][] = [
        ["too large", JSON.stringify(user({ userName: "a", title: "x".repeat(1_100_000) })), 413, undefined],
        ["cut off", '{"schemas":', 400, "invalidSyntax"],
        ["no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, "invalidSyntax"],
        ["a list", "[]", 400, "invalidSyntax"],
        ["a number", "1", 400, "invalidSyntax"],
        ["deep object", deep, 400, "invalidSyntax"],
        ["deep list", list, 400, "invalidSyntax"],
        ["deep value", `{"schemas":["${CORE}:User"],"userName":${list}}`, 400, "invalidValue"],
        ["deep unknown", `{"schemas":["${CORE}:User"],"userName":"a","x":${deep}}`, 400, "invalidValue"],
        ["deep extension", `{"schemas":["${CORE}:User"],"userName":"a","${ENTERPRISE}":${deep}}`, 400, "invalidValue"],
        ["deep schemas", `{"schemas":${list},"userName":"a"}`, 400, "invalidSyntax"],
      ];
      for (const [what, body, status, scimType] of cases) {
        refused(await send("POST", "/Users", body), status, scimType, what);
        refused(await send("PUT", `/Users/${id}`, body), status, scimType, what);
      }
      const operation = (value: string) =>
        `{"schemas":["${PATCH}"],"Operations":[{"op":"add","path":"title","value":${value}}]}`;
      for (const value of [deep, list])
        refused(await send("PATCH", `/Users/${id}`, operation(value)), 400, "invalidValue");
      const bare = `{"schemas":["${PATCH}"],"Operations":[{"op":"add","value":${deep}}]}`;
      refused(await send("PATCH", `/Users/${id}`, bare), 400, "invalidPath");
      refused(await send("PATCH", `/Groups/${groupId}`, operation(deep)), 400, "invalidPath");
    });

    it("keys of objects' prototypes are names like others, and unknown", async () => {
      for (const key of ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf"]) {
        const body = `{"schemas":["${CORE}:User"],"userName":"p","${key}":{"active":false,"polluted":true}}`;
        refused(await send("POST", "/Users", body), 400, "invalidValue", key);
        const inner = `{"schemas":["${CORE}:User"],"userName":"p","name":{"${key}":"x"}}`;
        refused(await send("POST", "/Users", inner), 400, "invalidValue", key);
        const operation = `{"schemas":["${PATCH}"],"Operations":[{"op":"add","value":{"${key}":{"polluted":true}}}]}`;
        refused(await send("PATCH", `/Users/${id}`, operation), 400, "invalidPath", key);
        refused(
          await send("PATCH", `/Users/${id}`, patch({ op: "add", path: key, value: "x" })),
          400,
          "invalidPath",
          key,
        );
        refused(
          await send("PATCH", `/Users/${id}`, patch({ op: "add", path: `name.${key}`, value: "x" })),
          400,
          "invalidPath",
          key,
        );
        refused(
          await send("PATCH", `/Users/${id}`, patch({ op: "add", path: `emails[${key} eq "x"].value`, value: "a@b" })),
          400,
          "invalidPath",
          key,
        );
        refused(await send("GET", `/Users${filtered(`${key} eq "x"`)}`), 400, "invalidFilter", key);
        refused(
          await send("GET", `/Users/${id}?attributes=${key}`),
          400,
          key === "__proto__" ? "invalidPath" : "invalidValue",
          key,
        );
        const field = `{"schemas":["${PATCH}"],"Operations":[{"op":"add","path":"title","value":"x","${key}":1}]}`;
        refused(await send("PATCH", `/Users/${id}`, field), 400, "invalidSyntax", key);
        const member = `{"schemas":["${CORE}:Group"],"displayName":"p","members":[{"value":"${id}","${key}":1}]}`;
        refused(await send("POST", "/Groups", member), 400, "invalidValue", key);
      }
      assert.equal(ok(await send("GET", `/Users/${id}`)).active, true);
    });

    it("unknown operations, shapes and members are refused with their reason, never a silent 200", async () => {
      const before = ok(await send("GET", `/Users/${id}`));
      const cases: [object, string][] = [
        [{ op: "move", path: "title", value: "x" }, "invalidSyntax"],
        [{ op: "test", path: "title", value: "x" }, "invalidSyntax"],
        [{ op: ["add"], path: "title", value: "x" }, "invalidSyntax"],
        [{ path: "title", value: "x" }, "invalidSyntax"],
        [{ op: "add", path: { title: 1 }, value: "x" }, "invalidPath"],
        [{ op: "add", path: "title'; drop table users; --", value: "x" }, "invalidPath"],
        [{ op: "add", path: "shoeSize", value: 42 }, "invalidPath"],
        [{ op: "add", path: "urn:example:2.0:User:tag", value: "x" }, "invalidPath"],
        [{ op: "add", path: "title", value: 42 }, "invalidValue"],
        [{ op: "add", path: "title", value: "\u0000" }, "invalidValue"],
        [{ op: "add", path: "title", value: "x".repeat(257) }, "invalidValue"],
        [
          {
            op: "add",
            path: "emails",
            value: Array(60)
              .fill({ value: "a@b", type: "x" })
              .map((each, n) => ({ ...each, type: `t${n}` })),
          },
          "invalidValue",
        ],
        [{ op: "replace", path: "active", value: { $ne: null } }, "invalidValue"],
        [{ op: "replace", path: "id", value: groupId }, "mutability"],
        [{ op: "remove", path: "userName" }, "mutability"],
        [{ op: "remove" }, "noTarget"],
      ];
      for (const [operation, scimType] of cases) {
        refused(
          await send("PATCH", `/Users/${id}`, patch(operation)),
          400,
          scimType,
          JSON.stringify(operation).slice(0, 80),
        );
      }
      const many = Array(1_001).fill({ op: "add", path: "title", value: "x" });
      refused(await send("PATCH", `/Users/${id}`, patch(...many)), 400, "invalidSyntax");
      assert.deepEqual(ok(await send("GET", `/Users/${id}`)), before);
      const members: [unknown, string][] = [
        [["x"], "invalidValue"],
        [[{ value: "x" }], "invalidValue"],
        [[{ display: "nobody" }], "invalidValue"],
        [[{ value: { value: id } }], "invalidValue"],
        [[{ value: groupId, type: "Group" }], "invalidValue"],
        [[{ value: groupId }], "invalidValue"],
        ["everyone", "invalidValue"],
      ];
      for (const [value, scimType] of members) {
        const what = JSON.stringify(value);
        refused(
          await send("PATCH", `/Groups/${groupId}`, patch({ op: "add", path: "members", value })),
          400,
          scimType,
          what,
        );
        refused(
          await send("PUT", `/Groups/${groupId}`, group({ displayName: "x", members: value })),
          400,
          scimType,
          what,
        );
      }
      for (const path of [
        `members[value sw "${id}"]`,
        `members[display eq "x"]`,
        `members[value eq "${id}"].display`,
        "members.value",
        "members[value eq 1]",
      ]) {
        refused(await send("PATCH", `/Groups/${groupId}`, patch({ op: "remove", path })), 400, "invalidPath", path);
      }
    });

    it("filters that nest, repeat or inject are refused or find nobody, in no time", async () => {
      for (const filter of [
        "(".repeat(3_000),
        `${"(".repeat(100)}userName eq "a"${")".repeat(100)}`,
        Array(200).fill('userName eq "a"').join(" and "),
        `userName eq "${"\\\\".repeat(1_500)}`,
        `emails[${"emails[".repeat(100)}`,
        `userName eq "a" and `.repeat(100),
        "userName eq 'a' or 1=1",
        'userName eq "a"); drop table users; --',
        `urn:${"a:".repeat(1_000)}`,
        `urn:${":1.1".repeat(900)}:x eq "a"`,
      ]) {
        refused(await send("GET", `/Users${filtered(filter)}`), 400, "invalidFilter", filter.slice(0, 40));
      }
      for (const value of ["' or '1'='1", "%", "_", "\\\\", "*", "$1", "\\u202e"]) {
        assert.equal(ok(await send("GET", `/Users${filtered(`userName eq "${value}"`)}`)).totalResults, 0, value);
      }
    });

    it("the chains verify, and no failure stands in the log", async () => {
      await lab.verify();
      assert.doesNotMatch(lab.appliance.app.output(), /request failed/);
    });
  });
}
