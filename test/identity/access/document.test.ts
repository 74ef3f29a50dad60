import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BUILTIN_ROLE_NAMES, BUILTIN_ROLES } from "../../../src/identity/access/roles.ts";
import { ACTS } from "../../../src/identity/approvals/acts.ts";
import { APPLIANCE_PERMISSIONS, PERMISSIONS } from "../../../src/identity/permissions.ts";

const lines = readFileSync(join(import.meta.dirname, "../../../docs/access.md"), "utf8").split("\n");
const rowsOf = (header: string): string[][] => {
  const from = lines.findIndex((line) => line.startsWith(header)) + 2;
  const until = lines.findIndex((line, at) => at >= from && !line.startsWith("|"));
  return lines.slice(from, until).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

describe("access: docs/access.md beside the code", () => {
  it("has the roles' permissions, all of them and no other", () => {
    const wanted = PERMISSIONS.map((permission) => [
      `\`${permission}\``,
      ...BUILTIN_ROLE_NAMES.map((role) => (BUILTIN_ROLES[role].has(permission) ? "yes" : "")),
    ]);
    assert.deepEqual(rowsOf("| permission |"), wanted);
  });

  it("has the acts of high stakes with their defaults", () => {
    const wanted = Object.entries(ACTS).map(([act, { title, secondPerson }]) => [`\`${act}\``, title, secondPerson]);
    assert.deepEqual(rowsOf("| act |"), wanted);
  });

  it("of the built-in roles owners alone decide: app.deciders() counts on it", () => {
    const deciding = BUILTIN_ROLE_NAMES.filter((role) => BUILTIN_ROLES[role].has("approvals:decide"));
    assert.deepEqual(deciding, ["owner"]);
  });

  it("no role of a tenant has a permission of the appliance", () => {
    for (const role of BUILTIN_ROLE_NAMES) {
      for (const permission of APPLIANCE_PERMISSIONS) assert.ok(!BUILTIN_ROLES[role].has(permission));
    }
  });
});
