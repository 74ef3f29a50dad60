import assert from "node:assert/strict";
import { buildDocument } from "../../../src/http/openapi/document.ts";
import { compiler, pointerTo, tables } from "../../http/openapi-document.ts";
import type { Appliance } from "../../support/appliance.ts";
import { scimClient, scimToken } from "../../support/scim.ts";
import { CORE, ENTERPRISE, fields, filtered, group, type Lab, ok, openScimLab, patch, refused, user } from "./lab.ts";

export function scimServer(appliance: () => Appliance): void {
  describe("SCIM: rules of the server", function () {
    this.timeout(120_000);
    let lab: Lab;
    let send: Lab["alder"]["scim"]["send"];
    before(async () => {
      lab = await openScimLab(appliance());
      ({ send } = lab.alder.scim);
    });
    after(() => lab?.stop());

    const make = async (userName: string, more: object = {}) =>
      ok(await send("POST", "/Users", user({ userName, ...more })), 201);
    const title = (value: string) => patch({ op: "replace", path: "title", value });

    it("tells what it can do, as it does it", async () => {
      const config = ok(await send("GET", "/ServiceProviderConfig"));
      for (const [what, supported] of [
        ["patch", true],
        ["filter", true],
        ["etag", true],
        ["bulk", false],
        ["sort", false],
        ["changePassword", false],
      ] as const) {
        assert.equal(fields(fields(config)[what] as never).supported, supported, what);
      }
      const types = ok(await send("GET", "/ResourceTypes"));
      assert.deepEqual(
        [...types.Resources!].map(({ id }) => id),
        ["User", "Group"],
      );
      assert.deepEqual(ok(await send("GET", "/ResourceTypes/User")), types.Resources![0]);
      refused(await send("GET", "/ResourceTypes/Robot"), 404);
      refused(await send("GET", `/Schemas/${CORE}:Robot`), 404);
      for (const path of ["/Me", "/Bulk"]) refused(await send("POST", path, {}), 501);
      refused(await send("GET", "/Robots"), 404);
      refused(await send("POST", "/Schemas", {}), 404);
    });

    it("an ETag changes with each change, and If-Match of an older one is refused with 412", async () => {
      const { id } = await make("tagged");
      const first = await send("GET", `/Users/${id}`);
      const etag = first.headers.etag!;
      assert.match(etag, /^W\/"\d+"$/);
      assert.equal(first.json<{ meta: { version: string } }>().meta.version, etag);
      assert.equal((await send("GET", `/Users/${id}`, undefined, { "if-none-match": etag })).status, 304);
      const changed = await send("PATCH", `/Users/${id}`, title("a"), { "if-match": etag });
      ok(changed);
      assert.notEqual(changed.headers.etag, etag);
      for (const [method, body] of [
        ["PATCH", title("b")],
        ["PUT", user({ userName: "tagged" })],
        ["DELETE", undefined],
      ] as const) {
        refused(await send(method, `/Users/${id}`, body, { "if-match": etag }), 412, undefined, method);
      }
      assert.equal(ok(await send("GET", `/Users/${id}`)).title, "a");
      ok(await send("PATCH", `/Users/${id}`, title("c"), { "if-match": `W/"0", ${changed.headers.etag}` }));
      ok(await send("PATCH", `/Users/${id}`, title("d"), { "if-match": "*" }));
      const same = await send("PATCH", `/Users/${id}`, title("d"));
      const again = await send("PATCH", `/Users/${id}`, title("d"), { "if-match": same.headers.etag! });
      assert.equal(again.headers.etag, same.headers.etag, "what changes nothing keeps its version");
      const groupId = ok(await send("POST", "/Groups", group({ displayName: "tagged" })), 201).id;
      const old = (await send("GET", `/Groups/${groupId}`)).headers.etag!;
      ok(await send("PATCH", `/Groups/${groupId}`, patch({ op: "add", path: "members", value: [{ value: id }] })), 204);
      for (const [method, body] of [
        ["PATCH", patch({ op: "remove", path: "members" })],
        ["PUT", group({ displayName: "x" })],
        ["DELETE", undefined],
      ] as const) {
        refused(await send(method, `/Groups/${groupId}`, body, { "if-match": old }), 412, undefined, method);
      }
    });

    it("of changes at once with one ETag one wins; without, none is lost", async () => {
      const { id } = await make("raced");
      const etag = (await send("GET", `/Users/${id}`)).headers.etag!;
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, n) => send("PATCH", `/Users/${id}`, title(`t${n}`), { "if-match": etag })),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412, 412, 412]);
      const names = ["title", "nickName", "locale", "timezone", "userType"];
      const all = await Promise.all(
        names.map((path) => send("PATCH", `/Users/${id}`, patch({ op: "replace", path, value: path }))),
      );
      for (const answer of all) ok(answer);
      const after = ok(await send("GET", `/Users/${id}`));
      for (const name of names) assert.equal(after[name], name);
      const twice = await Promise.all(
        Array.from({ length: 4 }, () => send("POST", "/Users", user({ userName: "born once" }))),
      );
      assert.deepEqual(twice.map(({ status }) => status).sort(), [201, 409, 409, 409]);
      for (const answer of twice.filter(({ status }) => status === 409)) refused(answer, 409, "uniqueness");
    });

    it("groups change while their people change and go, and nothing is stuck", async () => {
      const people = await Promise.all(Array.from({ length: 6 }, (_, n) => make(`busy ${n}`)));
      const groups = await Promise.all([1, 2].map((n) => send("POST", "/Groups", group({ displayName: `busy ${n}` }))));
      const ids = groups.map((answer) => ok(answer, 201).id);
      const work = people.flatMap(({ id }, n) => [
        ...ids.map((groupId) =>
          send("PATCH", `/Groups/${groupId}`, patch({ op: "add", path: "members", value: [{ value: id }] })),
        ),
        send("PATCH", `/Users/${id}`, title(String(n))),
        ...(n % 2 === 0
          ? [send("DELETE", `/Users/${id}`)]
          : [send("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }))]),
      ]);
      const answers = await Promise.all(work);
      for (const { status, body } of answers) assert.ok([200, 204, 400, 404].includes(status), `${status} ${body}`);
      for (const groupId of ids) {
        const members = [...ok(await send("GET", `/Groups/${groupId}`)).members!].map(({ value }) => value);
        const gone = people.filter((_, n) => n % 2 === 0).map(({ id }) => id);
        assert.ok(members.every((member) => !gone.includes(member as never)));
      }
    });

    it("answers only the attributes that are asked for, always with id and schemas", async () => {
      const { id } = await make("shown", {
        name: { givenName: "A", familyName: "B" },
        emails: [{ value: "a@b", type: "work" }],
        [ENTERPRISE]: { department: "D", employeeNumber: "1" },
      });
      const get = async (query: string) => fields(ok(await send("GET", `/Users/${id}?${query}`)));
      const { schemas: _, ...some } = await get(
        `attributes=USERNAME,name.givenName,emails.value,${ENTERPRISE}:department`,
      );
      assert.deepEqual(some, {
        id,
        userName: "shown",
        name: { givenName: "A" },
        emails: [{ value: "a@b" }],
        [ENTERPRISE]: { department: "D" },
      });
      const without = await get(`excludedAttributes=id,schemas,meta,name.familyName,emails,${ENTERPRISE}`);
      assert.deepEqual(Object.keys(without).sort(), ["active", "id", "name", "schemas", "userName"]);
      assert.deepEqual(without.name, { givenName: "A" });
      assert.deepEqual(Object.keys(await get("attributes=id")).sort(), ["id", "schemas"]);
      const list = ok(await send("GET", `/Users${filtered(`id eq "${id}"`, "&attributes=userName")}`));
      assert.deepEqual(Object.keys(list.Resources![0]!).sort(), ["id", "schemas", "userName"]);
      const posted = ok(await send("POST", "/Users?attributes=id", user({ userName: "short answer" })), 201);
      assert.deepEqual(Object.keys(posted).sort(), ["id", "schemas"]);
      refused(await send("GET", `/Users/${id}?attributes=a&excludedAttributes=b`), 400, "invalidValue");
      refused(await send("GET", `/Users/${id}?attributes=shoeSize`), 400, "invalidValue");
    });

    it("finds by eq, sw and co, with wildcards of SQL taken as they stand", async () => {
      for (const [userName, displayName] of [
        ["find_1%x", "Ünal Ö"],
        ["find_2", "find me"],
        ["FIND\\3", "other"],
      ]) {
        await make(userName!, {
          displayName,
          externalId: `ext-${userName}`,
          emails: [{ value: `${userName!.length}@find.example`, type: "home" }],
        });
      }
      const names = async (filter: string) =>
        [...ok(await send("GET", `/Users${filtered(filter)}`)).Resources!].map(({ userName }) => userName as string);
      assert.deepEqual(await names('userName sw "find"'), ["find_1%x", "find_2", "FIND\\3"]);
      assert.deepEqual(await names('userName sw "find_"'), ["find_1%x", "find_2"]);
      assert.deepEqual(await names('userName co "%"'), ["find_1%x"]);
      assert.deepEqual(await names('userName co "\\\\"'), ["FIND\\3"]);
      assert.deepEqual(await names('userName eq "find%"'), []);
      assert.deepEqual(await names('displayName eq "ünal ö"'), ["find_1%x"]);
      assert.deepEqual(await names('externalId sw "ext-find_2"'), ["find_2"]);
      assert.deepEqual(await names('externalId sw "EXT"'), []);
      assert.deepEqual(await names('emails.value co "@find.example" and displayName co "find"'), ["find_2"]);
      assert.deepEqual(await names('emails[type eq "work"].value co "@find.example"'), []);
      assert.deepEqual(await names('emails[type eq "home"].value sw "6@"'), ["find_2", "FIND\\3"]);
      assert.deepEqual(await names('userName sw "find" and userName co "2"'), ["find_2"]);
      assert.deepEqual(await names('active eq "False" and userName sw "find"'), []);
      for (const filter of [
        'title eq "x"',
        'name.givenName eq "x"',
        "userName pr",
        'userName eq "a" or userName eq "b"',
        "userName eq true",
        'id co "a"',
        'active sw "t"',
        'active eq "perhaps"',
        'shoe eq "x"',
        'emails[value eq "x"].type eq "y"',
        "meta.created gt 1",
        'schemas eq "x"',
        `${ENTERPRISE} eq "x"`,
      ]) {
        refused(await send("GET", `/Users${filtered(filter)}`), 400, "invalidFilter", filter);
      }
      for (const filter of ['members.value co "a"', 'userName eq "x"']) {
        refused(await send("GET", `/Groups${filtered(filter)}`), 400, "invalidFilter", filter);
      }
      for (const query of ["sortBy=userName", "count=many", "startIndex=1.5", "count=1&count=2", "filter="]) {
        refused(
          await send("GET", `/Users?${query}`),
          400,
          query === "filter=" ? "invalidFilter" : "invalidSyntax",
          query,
        );
      }
    });

    it("takes SCIM's media type and JSON's, and no other", async () => {
      const body = JSON.stringify(user({ userName: "typed" }));
      for (const type of ["application/scim+json", "application/json", "application/scim+json; charset=UTF-8"]) {
        const { id } = ok(await send("POST", "/Users", body, { "content-type": type }), 201);
        ok(await send("DELETE", `/Users/${id}`), 204);
      }
      for (const type of ["text/plain", "application/x-www-form-urlencoded", undefined]) {
        refused(await send("POST", "/Users", body, { "content-type": type }), 415, undefined, type);
      }
    });

    it("a token is a key for SCIM alone: other keys and sessions get in nowhere, and it gets in nowhere else", async () => {
      const { appliance, alder } = lab;
      const made = async (more: object) =>
        appliance.call(alder.apiKey, "POST", "/api/v1/api-keys", { name: "x", ...more });
      const both = { permissions: ["scim:provision", "sites:read"] };
      const { siteId } = (await appliance.call(alder.apiKey, "POST", "/api/v1/sites", { name: "Gate" })).json<{
        siteId: string;
      }>();
      for (const wrong of [both, { permissions: ["scim:provision"], siteIds: [siteId] }]) {
        const answer = await made(wrong);
        assert.equal(answer.status, 400, answer.body);
        assert.match(answer.body, /scim:provision stands alone/);
      }
      const person = await lab.localUser(alder, "curious");
      const cookie = await lab.signIn(alder, person.userId);
      assert.equal(await lab.ask("/scim/v2/Users", { cookie }), 403);
      const other = scimClient(appliance, alder.apiKey);
      refused(await other.send("GET", "/Users"), 403);
      refused(await other.send("GET", "/Users", undefined, { authorization: undefined }), 401);
      await other.close();
      assert.equal((await appliance.call(alder.token, "GET", "/api/v1/sites")).status, 403);
      // A key that was widened behind the API's back is refused too.
      const { token, keyId } = await scimToken(appliance, alder.apiKey);
      const wide = scimClient(appliance, token);
      ok(await wide.send("GET", "/Users?count=0"));
      await appliance.superuser.query("update api_keys set permissions = $2 where key_id = $1", [
        keyId,
        both.permissions,
      ]);
      const refusal = await wide.send("GET", "/Users?count=0");
      refused(refusal, 403);
      assert.match(refusal.body, /one permission is scim:provision/);
      await wide.close();
    });

    it("a token is made on the appliance too, and a filter may come with plus signs", async () => {
      const { appliance, alder } = lab;
      const create = [
        "api-key",
        "create",
        "--tenant",
        alder.tenantId,
        "--name",
        "Entra",
        "--permission",
        "scim:provision",
      ];
      const made = scimClient(appliance, (await appliance.cli(create)).trim());
      const { id } = await make("plus@example.com");
      const found = ok(await made.send("GET", "/Users?filter=userName+eq+%22PLUS%40example.com%22"));
      assert.deepEqual(
        [...found.Resources!].map((one) => one.id),
        [id],
      );
      await made.close();
    });

    it("a token can be limited to networks, and ends when it is revoked", async () => {
      const { appliance, alder } = lab;
      const far = await scimToken(appliance, alder.apiKey, { ipAllowlist: ["192.0.2.0/24"] });
      const near = await scimToken(appliance, alder.apiKey, { ipAllowlist: ["127.0.0.0/8", "::1/128"] });
      const [away, here] = [scimClient(appliance, far.token), scimClient(appliance, near.token)];
      const answer = await away.send("GET", "/Users");
      refused(answer, 401);
      assert.match(answer.headers["www-authenticate"]!, /^Bearer/);
      ok(await here.send("GET", "/Users?count=0"));
      const revoked = await appliance.call(alder.apiKey, "DELETE", `/api/v1/api-keys/${near.keyId}`);
      assert.equal(revoked.status, 204);
      refused(await here.send("GET", "/Users?count=0"), 401);
      await away.close();
      await here.close();
    });

    it("answers as the OpenAPI document says", async () => {
      const document = buildDocument(tables as never, "0.0.0");
      const compile = compiler(document);
      const { id } = await make("documented", { [ENTERPRISE]: { department: "D" } });
      const groupId = ok(
        await send("POST", "/Groups", group({ displayName: "documented", members: [{ value: id }] })),
        201,
      ).id;
      const cases: [string, string, string, unknown?][] = [
        ["get", "/Users", ""],
        ["get", "/Groups", ""],
        ["get", "/Users/{scimUserId}", id],
        ["get", "/Groups/{scimGroupId}", groupId],
        ["get", "/ServiceProviderConfig", ""],
        ["get", "/ResourceTypes", ""],
        ["get", "/ResourceTypes/{typeName}", "User"],
        ["get", "/Schemas", ""],
        ["get", "/Schemas/{schemaUrn}", ENTERPRISE],
        ["patch", "/Users/{scimUserId}", id, title("x")],
        ["patch", "/Groups/{scimGroupId}", groupId, patch({ op: "remove", path: "members" })],
        ["put", "/Users/{scimUserId}", id, user({ userName: "documented" })],
        ["put", "/Groups/{scimGroupId}", groupId, group({ displayName: "documented" })],
        ["post", "/Users", "", user({ userName: "documented 2" })],
        ["post", "/Groups", "", group({ displayName: "documented 2" })],
        ["delete", "/Users/{scimUserId}", id],
        ["delete", "/Groups/{scimGroupId}", groupId],
        ["get", "/Users/{scimUserId}", id],
        ["post", "/Users", "", {}],
      ];
      for (const [method, path, param, body] of cases) {
        const name = `${method} ${path}`;
        const answer = await send(method.toUpperCase(), path.replace(/\{\w+\}/, param), body);
        const told = document.paths[`/scim/v2${path}`]![method]!.responses[String(answer.status)];
        assert.ok(told, `${name}: ${answer.status} ${answer.body}`);
        if (answer.body === "") continue;
        const base =
          "$ref" in told
            ? told.$ref.slice(1)
            : pointerTo("paths", `/scim/v2${path}`, method, "responses", String(answer.status));
        const fits = compile(`${base}${pointerTo("content", "application/scim+json", "schema")}`);
        assert.ok(fits(answer.json()), `${name}: ${JSON.stringify(fits.errors)} in ${answer.body}`);
      }
    });

    it("the chains verify, and no failure stands in the log", async () => {
      await lab.verify();
      assert.doesNotMatch(lab.appliance.app.output(), /request failed/);
    });
  });
}
