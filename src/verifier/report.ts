/** The eleven checks, in the order in which they are reported (docs/verify.md). */
export const checkTitles = [
  "Container and bag: complete, nothing extra",
  "CMS signature, and whom it names",
  "Rows match the grammar",
  "Rows linked; epochs and control pointers right",
  "Checkpoint's signature, and its root from the rows",
  "Consistent with the auditor's earlier checkpoint",
  "Openings match their units; structural ones all there",
  "Site roots, batches and events, each once",
  "Images match their events",
  "Absent is erased or withheld; tombstones complete and due",
  "Counts and tables recomputed",
] as const;

export type CheckNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;
export type CheckState = "passed" | "failed" | "not run";
export type CheckResult = {
  number: CheckNumber;
  title: string;
  state: CheckState;
  /** the first row or file at fault */
  place: string | null;
  detail: string;
  /** further places at fault in the same check */
  furtherFailures: number;
  notes: string[];
};

/** A fault that stops what was being read: nothing after it could be judged. */
export class CheckFailure extends Error {
  override name = "CheckFailure";
  readonly check: CheckNumber;
  readonly place: string;
  constructor(check: CheckNumber, place: string, message: string) {
    super(message);
    this.check = check;
    this.place = place;
  }
}

/** The verifier was not able to look: no such file, wrong passphrase, unreadable trust. */
export class CannotRun extends Error {
  override name = "CannotRun";
}

const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;

/** What is known so far. A check that nobody failed or skipped has passed. */
export class Report {
  readonly #results = new Map<CheckNumber, CheckResult>(
    numbers.map((number) => [
      number,
      {
        number,
        title: checkTitles[number - 1]!,
        state: "passed",
        place: null,
        detail: "",
        furtherFailures: 0,
        notes: [],
      },
    ]),
  );

  fail(check: CheckNumber, place: string, detail: string): void {
    const result = this.#results.get(check)!;
    if (result.state === "failed") result.furtherFailures++;
    else Object.assign(result, { state: "failed", place, detail });
  }

  caught(failure: CheckFailure): void {
    this.fail(failure.check, failure.place, failure.message);
  }

  /** Keeps an earlier failure. */
  notRun(check: CheckNumber, why: string): void {
    const result = this.#results.get(check)!;
    if (result.state !== "failed") Object.assign(result, { state: "not run", detail: why });
  }

  detail(check: CheckNumber, text: string): void {
    const result = this.#results.get(check)!;
    if (result.state === "passed") result.detail = text;
  }

  note(check: CheckNumber, text: string): void {
    this.#results.get(check)!.notes.push(text);
  }

  failed(check: CheckNumber): boolean {
    return this.#results.get(check)!.state === "failed";
  }

  get anyFailed(): boolean {
    return numbers.some((check) => this.failed(check));
  }

  results(): CheckResult[] {
    return numbers.map((check) => this.#results.get(check)!);
  }
}
