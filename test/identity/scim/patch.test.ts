import assert from "node:assert/strict";
import { ENTERPRISE_URN, USER_URN, userType } from "../../../src/identity/scim/attributes.ts";
import { ScimError } from "../../../src/identity/scim/errors.ts";
import { applyOperations } from "../../../src/identity/scim/patch.ts";
import { PATCH_URN, readOperations } from "../../../src/identity/scim/patch-operations.ts";
import { checkResource, readResource, type Values } from "../../../src/identity/scim/values.ts";

const refused = (scimType: string) => (error: unknown) => error instanceof ScimError && error.scimType === scimType;
const id = "7f4bc1a3-285e-48ae-8202-5accb43efb0e";
const start: Values = { userName: "ada", active: true };
const patch = (values: Values, ...operations: object[]) =>
  applyOperations(userType, { id, values }, readOperations({ schemas: [PATCH_URN], Operations: operations }));
const read = (body: object) => {
  const values = readResource(userType, { schemas: [USER_URN], ...body });
  checkResource(userType, values);
  return values;
};

describe("SCIM: bodies of users", () => {
  it("names are compared without case, booleans may be texts, nothing is kept of what has no value", () => {
    assert.deepEqual(
      read({
        USERNAME: "ada",
        Active: "False",
        emails: [{ Value: "a@b", type: "work", primary: "True" }],
        name: { givenName: "Ada", familyName: null, middleName: "" },
        title: "",
        roles: [],
        phoneNumbers: [],
        groups: [{ value: "x" }],
        password: "secret",
        id: "ignored",
        meta: { resourceType: "User" },
        [ENTERPRISE_URN]: { Department: "R", manager: { value: "1", displayName: "ignored" } },
      }),
      {
        userName: "ada",
        active: false,
        emails: [{ value: "a@b", type: "work", primary: true }],
        name: { givenName: "Ada" },
        [ENTERPRISE_URN]: { department: "R", manager: { value: "1" } },
      },
    );
  });

  it("an attribute that is not kept is refused, never dropped in silence", () => {
    for (const [body, scimType] of [
      [{ userName: "a", shoeSize: 3 }, "invalidValue"],
      [{ userName: "a", roles: [{ value: "owner" }] }, "invalidValue"],
      [{ userName: "a", "urn:example:2.0:User": { tag: 1 } }, "invalidValue"],
      [{ userName: "a", name: "Ada" }, "invalidValue"],
      [{ userName: "a", name: { first: "Ada" } }, "invalidValue"],
      [{ userName: 5 }, "invalidValue"],
      [{ userName: "" }, "invalidValue"],
      [{}, "invalidValue"],
      [{ userName: "a", USERNAME: "b" }, "invalidSyntax"],
      [{ userName: "a\u0000" }, "invalidValue"],
      [{ userName: "\ud800" }, "invalidValue"],
      [{ userName: "a".repeat(257) }, "invalidValue"],
      [{ userName: "a", active: "yes" }, "invalidValue"],
      [{ userName: "a", emails: ["a@b"] }, "invalidValue"],
      [{ userName: "a", emails: [{ value: "no address" }] }, "invalidValue"],
      [
        {
          userName: "a",
          emails: [
            { value: "a@b", primary: true },
            { value: "c@d", primary: true },
          ],
        },
        "invalidValue",
      ],
      [{ userName: "a", phoneNumbers: Array(51).fill({ value: "1" }) }, "invalidValue"],
      [JSON.parse('{"userName":"a","__proto__":{"active":false}}'), "invalidValue"],
      [{ userName: "a", constructor: { prototype: 1 } }, "invalidValue"],
    ] as [object, string][]) {
      assert.throws(() => read(body), refused(scimType), JSON.stringify(body));
    }
    for (const body of [
      null,
      [],
      "x",
      {},
      { schemas: [] },
      { schemas: USER_URN },
      { schemas: [PATCH_URN], userName: "a" },
    ]) {
      assert.throws(() => readResource(userType, body), refused("invalidSyntax"), JSON.stringify(body));
    }
  });
});

describe("SCIM: PATCH of users", () => {
  it("Entra without the flag: capital operations, texts as booleans, one path each", () => {
    const changed = patch(
      start,
      { op: "Replace", path: "active", value: "False" },
      { op: "Add", path: 'emails[type eq "work"].value', value: "new@example.com" },
      { op: "Add", path: "name.givenName", value: "Ada" },
      { op: "Replace", path: "externalId", value: "e1" },
      { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+44 1" },
      { op: "Add", path: 'addresses[type eq "work"].streetAddress', value: "1 Road" },
      { op: "Add", path: `${ENTERPRISE_URN}:department`, value: "R" },
      { op: "Add", path: `${ENTERPRISE_URN}:manager`, value: "m1" },
    );
    assert.deepEqual(changed, {
      userName: "ada",
      active: false,
      emails: [{ type: "work", value: "new@example.com" }],
      name: { givenName: "Ada" },
      externalId: "e1",
      phoneNumbers: [{ type: "mobile", value: "+44 1" }],
      addresses: [{ type: "work", streetAddress: "1 Road" }],
      [ENTERPRISE_URN]: { department: "R", manager: { value: "m1" } },
    });
    const cleared = patch(
      changed,
      { op: "Remove", path: 'emails[type eq "work"].value' },
      { op: "Replace", path: `${ENTERPRISE_URN}:manager`, value: "" },
      { op: "Remove", path: `${ENTERPRISE_URN}:department` },
      { op: "Remove", path: "name" },
      { op: "Replace", path: 'addresses[type eq "work"].streetAddress', value: null },
    );
    assert.deepEqual(Object.keys(cleared).sort(), ["active", "addresses", "externalId", "phoneNumbers", "userName"]);
  });

  it("Entra with the flag, and Okta: no path, an object with dotted and URN keys", () => {
    const changed = patch(
      { ...start, name: { givenName: "Ada", familyName: "King" } },
      { op: "replace", path: 'emails[type eq "work"].value', value: "a@b" },
      {
        op: "replace",
        value: {
          displayName: "Ada L",
          "name.familyName": "Lovelace",
          [`${ENTERPRISE_URN}:employeeNumber`]: "42",
          [ENTERPRISE_URN]: { costCenter: "7" },
          id,
        },
      },
      { op: "replace", value: { active: false } },
    );
    assert.deepEqual(changed, {
      userName: "ada",
      active: false,
      name: { givenName: "Ada", familyName: "Lovelace" },
      displayName: "Ada L",
      emails: [{ type: "work", value: "a@b" }],
      [ENTERPRISE_URN]: { employeeNumber: "42", costCenter: "7" },
    });
  });

  it("values of several: added once, changed where chosen, one primary", () => {
    const two: Values = {
      ...start,
      emails: [
        { value: "a@b", type: "work", primary: true },
        { value: "c@d", type: "home" },
      ],
    };
    const same = patch(two, { op: "add", path: "emails", value: [{ value: "A@b", type: "work" }] });
    assert.equal((same.emails as Values[]).length, 2);
    const moved = patch(two, { op: "replace", path: 'emails[type eq "home"].primary', value: true });
    assert.deepEqual(moved.emails, [
      { value: "a@b", type: "work" },
      { value: "c@d", type: "home", primary: true },
    ]);
    const one = patch(two, { op: "remove", path: "emails", value: [{ value: "a@b" }] });
    assert.deepEqual(one.emails, [{ value: "c@d", type: "home" }]);
    assert.equal(patch(two, { op: "remove", path: "emails" }).emails, undefined);
    const primary = patch(two, { op: "replace", path: "emails[primary eq true].value", value: "x@y" });
    assert.deepEqual((primary.emails as Values[])[0], { value: "x@y", type: "work", primary: true });
    assert.deepEqual(patch(two, { op: "remove", path: 'emails[type eq "other"]' }), two);
    const whole = patch(two, { op: "replace", path: "name", value: { givenName: "A", middleName: "" } });
    assert.deepEqual(whole.name, { givenName: "A" });
  });

  it("leaves what it was given alone, and refuses all when one operation is refused", () => {
    const before = structuredClone(start);
    assert.throws(() =>
      patch(start, { op: "replace", path: "title", value: "x" }, { op: "add", path: "shoes", value: 1 }),
    );
    assert.deepEqual(start, before);
  });

  it("says what is wrong by scimType", () => {
    const cases: [object, string][] = [
      [{ op: "move", path: "title", value: "x" }, "invalidSyntax"],
      [{ op: "add", path: "title", value: "x", from: "y" }, "invalidSyntax"],
      [{ op: "add", value: "x" }, "invalidSyntax"],
      [{ op: "remove" }, "noTarget"],
      [{ op: "add", path: "shoeSize", value: 1 }, "invalidPath"],
      [{ op: "add", path: 7, value: 1 }, "invalidPath"],
      [{ op: "add", value: JSON.parse('{"__proto__":{"active":true}}') }, "invalidPath"],
      [{ op: "add", value: { constructor: 1 } }, "invalidPath"],
      [{ op: "add", path: "emails.value", value: "a@b" }, "invalidPath"],
      [{ op: "add", path: 'title[type eq "x"]', value: "a" }, "invalidPath"],
      [{ op: "add", path: 'emails[shoe eq "x"].value', value: "a@b" }, "invalidPath"],
      [{ op: "replace", path: 'emails[type co "x"].value', value: "a@b" }, "noTarget"],
      [{ op: "add", path: "title", value: { a: 1 } }, "invalidValue"],
      [{ op: "replace", path: "active", value: "perhaps" }, "invalidValue"],
      [{ op: "replace", path: "userName", value: "" }, "invalidValue"],
      [{ op: "add", path: "roles", value: [{ value: "owner" }] }, "invalidValue"],
      [{ op: "remove", path: "userName" }, "mutability"],
      [{ op: "replace", path: "id", value: "other" }, "mutability"],
      [{ op: "replace", path: "meta.version", value: "1" }, "mutability"],
      [{ op: "replace", path: "groups", value: [] }, "mutability"],
      [{ op: "replace", path: `${ENTERPRISE_URN}:manager.displayName`, value: "x" }, "mutability"],
    ];
    for (const [operation, scimType] of cases) {
      assert.throws(() => patch(start, operation), refused(scimType), JSON.stringify(operation));
    }
    for (const body of [
      {},
      { schemas: [USER_URN], Operations: [] },
      { schemas: [PATCH_URN] },
      { schemas: [PATCH_URN], Operations: [] },
      { schemas: [PATCH_URN], Operations: [3] },
      { schemas: [PATCH_URN], Operations: Array(1001).fill({ op: "remove", path: "title" }) },
      { schemas: [PATCH_URN], Operations: [], more: 1 },
    ]) {
      assert.throws(() => readOperations(body), refused("invalidSyntax"));
    }
  });
});
