import assert from "node:assert/strict";
import { addMonths, dueOn, readClock } from "../../../src/retention/cases/clock.ts";

describe("retention: the clock of an erasure request", () => {
  it("a month ends on the same date, or on the month's last day where there is none", () => {
    const months: [from: string, months: number, to: string][] = [
      ["2026-11-21", 1, "2026-12-21"],
      ["2026-12-31", 1, "2027-01-31"],
      ["2026-01-31", 1, "2026-02-28"],
      ["2028-01-31", 1, "2028-02-29"],
      ["2027-01-30", 1, "2027-02-28"],
      ["2026-10-31", 1, "2026-11-30"],
      ["2026-11-30", 3, "2027-02-28"],
      ["2026-12-31", 2, "2027-02-28"],
      ["2027-11-30", 3, "2028-02-29"],
      ["2026-11-29", 12, "2027-11-29"],
    ];
    for (const [from, count, to] of months) assert.equal(addMonths(from, count), to, `${from} + ${count}`);
  });

  it("is one month and two further ones, or 45 days and 45 more", () => {
    assert.deepEqual(
      [dueOn("gdpr", "2026-01-31", false), dueOn("gdpr", "2026-01-31", true)],
      ["2026-02-28", "2026-04-30"],
    );
    assert.deepEqual(
      [dueOn("ccpa", "2026-01-31", false), dueOn("ccpa", "2026-01-31", true)],
      ["2026-03-17", "2026-05-01"],
    );
  });

  it("counts the last day as 0 and stands while it is paused", () => {
    const running = { dueOn: "2026-12-21", pausedOn: null };
    assert.deepEqual(
      ["2026-11-21", "2026-12-21", "2026-12-22"].map((today) => readClock(running, today).daysLeft),
      [30, 0, -1],
    );
    const paused = { dueOn: "2026-12-21", pausedOn: "2026-12-01" };
    assert.deepEqual(
      ["2026-12-01", "2026-12-05", "2027-03-01"].map((today) => readClock(paused, today)),
      [
        { dueOn: "2026-12-21", daysLeft: 20 },
        { dueOn: "2026-12-25", daysLeft: 20 },
        { dueOn: "2027-03-21", daysLeft: 20 },
      ],
    );
  });
});
