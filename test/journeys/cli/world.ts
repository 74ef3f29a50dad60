import type { Appliance } from "../../support/appliance.ts";

/** What the parts of the command line's journey share: one appliance. */
export type CliWorld = {
  appliance: Appliance;
  /** `ledgerstone <args>` in this process; what it says. */
  here(...args: string[]): Promise<string>;
  /** In a process of its own, which ends with this code; what it says. */
  ends(code: number, ...args: string[]): Promise<string>;
};

/** A tenant's commands; it is named as its pages are. */
export function tenantLine(world: () => CliWorld, slug: string) {
  return {
    /** The answer, from JSON. */
    run: async <T = Record<string, string>>(...args: string[]): Promise<T> =>
      JSON.parse(await world().here(...args, "--tenant", slug, "--json")),
    /** What people read. */
    show: (...args: string[]): Promise<string> => world().here(...args, "--tenant", slug),
  };
}
