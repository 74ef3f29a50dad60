import { estatePages } from "./console/estate.ts";
import { ledgerPages } from "./console/ledger.ts";
import { listPages } from "./console/lists.ts";
import { overviewPages } from "./console/overview.ts";
import { peoplePages } from "./console/people.ts";
import { retentionPages } from "./console/retention.ts";
import { stepUpDialogs } from "./console/step-up.ts";
import { systemsPages } from "./console/systems.ts";
import { openWorld, type World } from "./console/world.ts";

// One appliance and one browser for all areas: each adds to the world what it needs, under names of its own.
describe("journey: the console", function () {
  this.timeout(120_000);
  let world: World;

  before(async function () {
    this.timeout(180_000);
    world = await openWorld();
  });
  after(() => world?.stop());

  describe("estate", () => estatePages(() => world));
  describe("people", () => peoplePages(() => world));
  describe("lists", () => listPages(() => world));
  describe("ledger", () => ledgerPages(() => world));
  describe("systems", () => systemsPages(() => world));
  describe("step-up", () => stepUpDialogs(() => world));
  describe("overview", () => overviewPages(() => world));
  describe("retention", () => retentionPages(() => world));
});
