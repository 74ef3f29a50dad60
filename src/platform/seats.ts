import { AppError } from "./errors.ts";

export type Seats = {
  /** Takes one of `who`'s until what it returns is called. @throws AppError `too-many`. */
  take(who: string): () => void;
};

/** How many of something that lasts each may have at once, in this process. `what` is its plural. */
export function createSeats(what: string, most: number): Seats {
  const taken = new Map<string, number>();
  return {
    take(who) {
      const before = taken.get(who) ?? 0;
      if (before >= most) {
        throw new AppError("too-many", `too many ${what} at once`, {
          found: `${before} of yours`,
          expected: `at most ${most}`,
          remedy: "wait for one to end, or end one",
        });
      }
      taken.set(who, before + 1);
      return () => {
        const left = taken.get(who)! - 1;
        if (left === 0) taken.delete(who);
        else taken.set(who, left);
      };
    },
  };
}
