import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cliReference } from "../../appliance/cli-reference.ts";
import { createProgram, everyCommand, pathOf } from "../../src/cli/program.ts";
import { type RouteShape, RouteVerb } from "../../src/cli/route-commands.ts";
import { routeTable } from "../../src/http/api-routes.ts";
import { reviewed } from "./reviewed-routes.ts";

const nameOf = ({ method, path }: RouteShape): string => `${method} ${path}`;
const shapes = routeTable();
const noCall = () => Promise.reject(new Error("nothing is called here"));
const program = createProgram(() => "/none", { shapes, call: noCall });
const commands = everyCommand(program).filter(({ commands: inner }) => inner.length === 0);
const withRoutes = commands.filter((command) => command instanceof RouteVerb);

/** What is wrong between a table of routes and the commands: one line each. */
function gapsOf(routes: readonly RouteShape[], reasons: typeof reviewed): string[] {
  const served = new Set(withRoutes.map(({ route }) => nameOf(route)));
  const paths = new Set(commands.map(pathOf));
  const gaps = routes
    .map(nameOf)
    .filter((name) => !served.has(name) && !(name in reasons))
    .map((name) => `${name}: no command, and no reason in test/cli/reviewed-routes.ts`);
  for (const { route } of withRoutes) {
    const same = withRoutes.filter((other) => nameOf(other.route) === nameOf(route));
    if (same.length > 1) gaps.push(`${nameOf(route)}: ${same.map(pathOf).join(" and ")} do the same`);
  }
  for (const [name, review] of Object.entries(reasons)) {
    if (!routes.some((route) => nameOf(route) === name)) gaps.push(`${name}: reviewed, and no route`);
    if (served.has(name)) gaps.push(`${name}: reviewed, and has a command`);
    if ("command" in review && !paths.has(`ledgerstone ${review.command}`)) {
      gaps.push(`${name}: reviewed as '${review.command}', which is no command`);
    }
  }
  return gaps;
}

describe("cli: the commands beside the table of routes", () => {
  it("every route has a command, or a reviewed reason why it has none", () => {
    assert.deepEqual(gapsOf(shapes, reviewed), []);
    assert.ok(withRoutes.length > 80, `${withRoutes.length} commands`);
  });

  it("a route without either, and a reason that is out of date, are found", () => {
    const extra: RouteShape = { method: "post", path: "/api/v1/locks", summary: "Locks." };
    const planted = (routes: readonly RouteShape[], reasons: typeof reviewed) =>
      gapsOf(routes, reasons).filter((gap) => !gapsOf(shapes, reviewed).includes(gap));
    assert.match(planted([...shapes, extra], reviewed).join(), /^post \/api\/v1\/locks: no command/);
    const stale = { ...reviewed, "get /api/v1/none": { reason: "gone" }, "get /api/v1/sites": { reason: "had none" } };
    assert.match(
      gapsOf(shapes, stale).join("\n"),
      /none: reviewed, and no route\n.*sites: reviewed, and has a command/,
    );
    const wrong = { ...reviewed, "post /api/v1/api-keys": { command: "api-key mint" } };
    assert.match(planted(shapes, wrong).join(), /no command$/);
  });

  it("no two options of a command have one name, and none shadows one that all commands have", () => {
    for (const command of commands) {
      const flags = command.options.map(({ long }) => long);
      assert.deepEqual(flags, [...new Set(flags)], pathOf(command));
      for (const common of ["--config", "--help"]) assert.ok(!flags.includes(common), pathOf(command));
    }
  });

  it("no secret is given on the command line, where a list of processes shows it", () => {
    const telling = commands.flatMap((command) =>
      command.options
        .filter(({ long, flags }) => /password|passphrase|secret|pepper/.test(long ?? "") && !/<file>/.test(flags))
        .map(({ long }) => `${pathOf(command)} ${long}`),
    );
    assert.deepEqual(telling, []);
  });

  it("what is of a tenant asks which, says what it does, and answers as JSON when asked", () => {
    for (const command of withRoutes) {
      const flags = command.options.map(({ long }) => long);
      const isOperators = command.route.path.startsWith("/api/v1/appliance/");
      assert.equal(flags.includes("--tenant"), !isOperators, pathOf(command));
      assert.ok(flags.includes("--json"), pathOf(command));
    }
    for (const command of everyCommand(program)) assert.ok(command.description().length > 5, pathOf(command));
  });

  it("docs/cli.md is what the commands say", () => {
    const written = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
    assert.equal(written, cliReference(program), "run: node appliance/cli-reference.ts");
  });
});
