import assert from "node:assert/strict";
import fc from "fast-check";
import { ScimError } from "../../../src/identity/scim/errors.ts";
import { type Condition, type Path, parseFilter, parsePath } from "../../../src/identity/scim/filter.ts";

const plain = (name: string, sub: string | null = null): Path => ({ schema: null, name, sub, where: null });
const refused = (scimType: string) => (error: unknown) => error instanceof ScimError && error.scimType === scimType;

describe("SCIM: filters", () => {
  it("reads what Entra and Okta send", () => {
    const eq = (path: Path, value: Condition["value"]): Condition => ({ path, op: "eq", value });
    const work = [eq(plain("type"), "work")];
    const cases: [string, Condition[]][] = [
      ['userName eq "ada@example.com"', [eq(plain("userName"), "ada@example.com")]],
      ['USERNAME Eq "a b"', [eq(plain("USERNAME"), "a b")]],
      ['externalId eq "1\\"2\\\\\\u00e9"', [eq(plain("externalId"), '1"2\\é')]],
      ["active eq True", [eq(plain("active"), true)]],
      ['emails.value eq "a@b"', [eq(plain("emails", "value"), "a@b")]],
      ['emails[type eq "work"].value eq "a@b"', [eq({ ...plain("emails", "value"), where: work }, "a@b")]],
      ['emails[type eq "work" and value eq "a@b"]', [eq({ ...plain("emails", "value"), where: work }, "a@b")]],
      ['members[value eq "1"]', [eq(plain("members", "value"), "1")]],
      ['id eq "1" and manager eq "2"', [eq(plain("id"), "1"), eq(plain("manager"), "2")]],
      [
        '(userName sw "a") and ((displayName co "b"))',
        [
          { path: plain("userName"), op: "sw", value: "a" },
          { path: plain("displayName"), op: "co", value: "b" },
        ],
      ],
      [
        'urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "x"',
        [eq({ ...plain("name", "givenName"), schema: "urn:ietf:params:scim:schemas:core:2.0:User" }, "x")],
      ],
    ];
    for (const [text, expected] of cases) assert.deepEqual(parseFilter(text), expected, text);
  });

  it("refuses what it does not support or cannot read, and says where", () => {
    for (const text of [
      "",
      " ",
      "userName",
      "userName eq",
      'eq "a"',
      "userName eq jyoung",
      'userName eq "a',
      'userName eq "a" and',
      'userName eq "a" or userName eq "b"',
      'not (userName eq "a")',
      "title pr",
      'userName ne "a"',
      "age gt 5",
      'userName like "a"',
      '(userName eq "a"',
      'userName eq "a")',
      'emails[type eq "work"',
      'emails[].value eq "a"',
      'emails.value[type eq "a"]',
      'emails[type eq "a"].value.more eq "b"',
      'a.b.c eq "d"',
      'urn:x eq "a"',
      "urn:ietf:params:scim:schemas:core:2.0:User eq",
      'userName eq "\u0000"',
      'userName eq "\\ud800"',
      "userName eq 'a'",
      'userName eq "a"; drop table users',
      `${"(".repeat(5000)}`,
      `userName eq "${"a".repeat(5000)}"`,
      `${"(".repeat(40)}userName eq "a"${")".repeat(40)}`,
      Array(30).fill('a eq "b"').join(" and "),
    ]) {
      assert.throws(() => parseFilter(text), refused("invalidFilter"), text.slice(0, 60));
    }
    assert.throws(() => parseFilter('userName eq "a" or active eq true'), /"or" at character 17 is not supported/);
  });

  it("a path is a name, a name with brackets, or a URN", () => {
    const urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert.deepEqual(parsePath(urn), { schema: urn, name: "", sub: null, where: null });
    assert.deepEqual(parsePath(`${urn}:manager`), { ...plain("manager"), schema: urn });
    assert.equal(parsePath('members[value eq "x"]').where?.length, 1);
    for (const text of ["", "a b", "a eq 1", ".a", "a.", "a[b]", 'a[b eq "c"] eq "d"', "__proto__", "a..b", "urn:a"]) {
      assert.throws(() => parsePath(text), refused("invalidPath"), text);
    }
  });

  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,12}$/).filter((each) => !/^urn$/i.test(each));
  const value = fc.oneof(
    fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !text.includes("\u0000")),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
  );
  const op = fc.constantFrom("eq" as const, "sw" as const, "co" as const);
  const flat = fc.record({ path: name.map((each) => plain(each)), op, value }, { noNullPrototype: true });
  const path = fc
    .record(
      {
        schema: fc.constantFrom(null, "urn:ietf:params:scim:schemas:core:2.0:User"),
        name,
        sub: fc.option(name),
        where: fc.option(fc.array(flat, { minLength: 1, maxLength: 3 })),
      },
      { noNullPrototype: true },
    )
    // Brackets without a sub-attribute are another spelling of one condition.
    .map((each) => (each.where && !each.sub ? { ...each, where: null } : each));
  const condition = fc.record({ path, op, value }, { noNullPrototype: true });

  const pathText = ({ schema, name: named, sub, where }: Path): string =>
    `${schema ? `${schema}:` : ""}${named}${where ? `[${filterText(where)}]` : ""}${sub ? `.${sub}` : ""}`;
  const filterText = (conditions: readonly Condition[]): string =>
    conditions.map((each) => `${pathText(each.path)} ${each.op} ${JSON.stringify(each.value)}`).join(" and ");

  it("every filter is read back as it was written", () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), fc.boolean(), (conditions, grouped) => {
        const text = filterText(conditions);
        fc.pre(text.length < 4000);
        assert.deepEqual(parseFilter(grouped ? `( ${text} )` : text), conditions);
      }),
    );
  });

  it("no text breaks the parser: it is read, or refused as a filter", () => {
    const pieces = fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      " ",
      "and",
      "eq",
      "or",
      '"a"',
      '"',
      "\\",
      "emails",
      ".value",
      "true",
      ":",
      "urn:a:2.0:B",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((list) => list.join(" ")),
      fc.array(pieces).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(text, (each) => {
        try {
          parseFilter(each);
        } catch (error) {
          if (!refused("invalidFilter")(error)) throw error;
        }
      }),
    );
  });
});
