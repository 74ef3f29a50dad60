import type { Queryable } from "../platform/db.ts";
import {
  type Hold,
  parseHoldPlaced,
  parseHoldReleased,
  parsePolicy,
  parseReason,
  type Reason,
} from "../record/control.ts";
import { holdHasDay, isDayDue, type PolicyRow, policyInForce } from "../record/due.ts";
import { FormatError } from "../record/text.ts";
import type { TombstoneLine } from "../record/tombstone.ts";
import type { Fault } from "./row-walker.ts";
import { readPoliciesAndHolds, type StoredControl, type StoredTombstone, wasRequested } from "./store-openings.ts";

type PlacedHold = Hold & { seq: number; releasedSeq: number };

/** Whether each tombstone was allowed: its basis, the policies in force, the requests before it, the holds open at the time. */
export class TombstoneRules {
  readonly #tx: Queryable;
  readonly #tenantId: string;
  readonly #policies: PolicyRow[] = [];
  readonly #holds: PlacedHold[] = [];
  readonly #fault: (fault: Fault) => void;

  constructor(tx: Queryable, tenantId: string, onFault: (fault: Fault) => void) {
    this.#tx = tx;
    this.#tenantId = tenantId;
    this.#fault = onFault;
  }

  async load(): Promise<void> {
    for (const row of await readPoliciesAndHolds(this.#tx, this.#tenantId)) {
      try {
        this.#learn(row);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.#fault({ seq: row.seq, check: "control", found: error.message, expected: "the content of its unit" });
      }
    }
  }

  #learn({ seq, action, content }: StoredControl): void {
    if (action === "ledger.policy") this.#policies.push({ ...parsePolicy(content), seq });
    else if (action === "ledger.hold.placed") {
      this.#holds.push({ ...parseHoldPlaced(content), seq, releasedSeq: Number.POSITIVE_INFINITY });
    } else {
      const hold = parseHoldReleased(content);
      const placed = this.#holds.findLast((each) => each.hold === hold);
      if (placed) placed.releasedSeq = seq;
    }
  }

  async check(tombstone: StoredTombstone, lines: TombstoneLine[]): Promise<void> {
    // A missing reason is reported where its row is walked.
    if (tombstone.reason === null) return;
    const { seq, at } = tombstone;
    const say = (found: string, expected: string): void => this.#fault({ seq, check: "tombstone", found, expected });
    let reason: Reason;
    try {
      reason = parseReason(tombstone.reason);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return say(error.message, "a basis with its policies or request");
    }
    if (reason.basis === "retention") this.#checkDue(lines, { seq, at }, reason, say);
    else if (reason.basis !== "hold-release" && reason.request === undefined)
      say("no request", `the request of basis ${reason.basis}`);
    if (reason.request && !(await wasRequested(this.#tx, this.#tenantId, reason.request, seq))) {
      say(`no row erasure.requested for ${reason.request}`, "the request's row before the tombstone");
    }
    for (const line of lines) {
      if (line.kind !== "site-day" && line.kind !== "image-day") continue;
      const hold = this.#holds.find(
        (each) =>
          !each.narrowed &&
          each.kind === undefined &&
          each.seq < seq &&
          each.releasedSeq > seq &&
          (each.site === undefined || each.site === line.site) &&
          holdHasDay(each, line.day),
      );
      if (hold) say(`${line.kind} ${line.site} ${line.day} under hold ${hold.hold}`, "nothing erased while it is held");
    }
  }

  #checkDue(
    lines: TombstoneLine[],
    moment: { seq: number; at: string },
    reason: Reason,
    say: (found: string, expected: string) => void,
  ): void {
    for (const line of lines) {
      if (line.kind === "opening" || line.kind === "openings") {
        say(`a line '${line.kind}' on basis retention`, "a request: no policy covers openings");
        continue;
      }
      const policy = policyInForce(this.#policies, line.site, { at: moment.at, beforeSeq: moment.seq });
      const named = reason.policies.find(({ site }) => site === line.site)?.version;
      if (!policy || named !== policy.version) {
        say(
          `policy version ${named ?? "(none)"} of site ${line.site}`,
          `version ${policy?.version ?? "(none)"}, in force then`,
        );
      } else if (line.kind === "site-day" || line.kind === "image-day") {
        const days = line.kind === "site-day" ? policy.eventDays : policy.imageDays;
        if (!isDayDue(line.day, moment.at, days))
          say(`${line.kind} ${line.day}, not due`, `a day older than ${days} days at ${moment.at}`);
      }
    }
  }
}
