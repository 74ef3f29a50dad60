import { type Hold, parseHoldPlaced, parseHoldReleased, parsePolicy } from "../record/control.ts";
import { holdHasDay, holdHasInstant, isDayDue, type PolicyRow, policyInForce } from "../record/due.ts";
import { FormatError } from "../record/text.ts";
import { dayOf, type Timestamp } from "../record/time.ts";
import type { TombstoneLine } from "../record/tombstone.ts";
import type { Chain } from "./chain.ts";
import { type Erasures, type Mark, placeOf, type Tombstone } from "./erasures.ts";
import type { Run } from "./run.ts";

type HoldRow = Hold & { placed: number; released: number };

/** Whether tombstones were allowed: due under the policies, met no hold, had their request. Failures of check 10. */
export class Rules {
  readonly #run: Run;
  readonly #chain: Chain;
  readonly #policies = new Map<string, PolicyRow[]>();
  readonly #holds: HoldRow[] = [];
  /** lines of which it could not be told whether a hold met them */
  undecided = 0;
  discretionary = 0;

  constructor(run: Run, chain: Chain) {
    this.#run = run;
    this.#chain = chain;
    for (const control of chain.control) {
      try {
        this.#read(control);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        run.report.fail(10, `row ${control.row.seq}`, error.message);
      }
    }
  }

  #read({ row, contents }: Chain["control"][number]): void {
    if (row.action === "ledger.policy") {
      const policy = { ...parsePolicy(contents.get("policy") ?? ""), seq: row.seq };
      if (policy.effective < row.at)
        throw new FormatError(`found a policy effective ${policy.effective}, before its row`);
      const list = this.#policies.get(policy.site) ?? [];
      const expected = (list.at(-1)?.version ?? 0) + 1;
      if (policy.version !== expected)
        throw new FormatError(`found policy version ${policy.version}, expected ${expected}`);
      list.push(policy);
      this.#policies.set(policy.site, list);
    } else if (row.action === "ledger.hold.placed") {
      const hold = parseHoldPlaced(contents.get("hold") ?? "");
      if (row.entity.id !== hold.hold) throw new FormatError("found a hold other than the row's entity");
      this.#holds.push({ ...hold, placed: row.seq, released: Number.POSITIVE_INFINITY });
    } else if (row.action === "ledger.hold.released") {
      const id = parseHoldReleased(contents.get("hold") ?? "");
      const hold = this.#holds.findLast((candidate) => candidate.hold === id && candidate.released > row.seq);
      if (!hold || row.entity.id !== id) throw new FormatError("found a release of a hold that was not placed");
      hold.released = row.seq;
    }
  }

  #fail(by: Tombstone, message: string): void {
    this.#run.report.fail(10, placeOf(by), message);
  }

  /** Of each tombstone: its request, and every day that it names. Single events and images follow when their batch was seen. */
  judge(erasures: Erasures): void {
    for (const by of erasures.tombstones) {
      const { reason, row } = by;
      if (!reason) continue;
      if (reason.basis !== "retention") this.discretionary++;
      this.#judgeRequest(by);
      for (const line of by.lines) {
        if (line.kind === "site-day" || line.kind === "image-day") {
          this.#judgeDue(by, line, line.day);
          this.#judgeDayHolds(by, line);
        }
        if ((line.kind === "opening" || line.kind === "openings") && reason.basis === "retention") {
          this.#fail(by, "found openings of rows erased on basis retention, which no policy covers");
        }
      }
      if (row.entity.type !== "erasure") this.#fail(by, `found entity ${row.entity.type}, expected erasure`);
    }
  }

  #judgeRequest(by: Tombstone): void {
    const { basis, request, policies } = by.reason!;
    if (basis === "retention") {
      if (request !== undefined) this.#fail(by, "found a request on basis retention");
      return;
    }
    if (request === undefined) {
      if (basis !== "hold-release" || policies.length === 0) this.#fail(by, `found basis ${basis} without request`);
      return;
    }
    const requested = this.#chain.requests.get(request);
    if (requested === undefined && !this.#chain.covers(1, by.row.seq - 1)) this.undecided++;
    else if (requested === undefined || requested > by.row.seq) {
      this.#fail(by, `found no earlier row erasure.requested for request ${request}`);
    }
  }

  #judgeDue(by: Tombstone, line: Extract<TombstoneLine, { site: string }>, day: string): void {
    const reason = by.reason!;
    if (reason.basis !== "retention" && (reason.basis !== "hold-release" || reason.request !== undefined)) return;
    const { seq, at } = by.row;
    const policy = policyInForce(this.#policies.get(line.site) ?? [], line.site, { at, beforeSeq: seq });
    const named = reason.policies.find(({ site }) => site === line.site);
    if (!policy || named?.version !== policy.version) {
      this.#fail(
        by,
        `found policy version ${named?.version ?? "none"} for site ${line.site}, expected ${policy?.version ?? "one"}`,
      );
      return;
    }
    const days = line.kind === "image-day" || line.kind === "image" ? policy.imageDays : policy.eventDays;
    if (!isDayDue(day, at, days))
      this.#fail(by, `found ${line.kind} of ${day} erased at ${at}, not due under ${days} days`);
  }

  #activeHolds(by: Tombstone, site: string): HoldRow[] {
    const { seq } = by.row;
    return this.#holds.filter(
      (hold) => hold.placed < seq && hold.released > seq && (hold.site === undefined || hold.site === site),
    );
  }

  #judgeDayHolds(by: Tombstone, line: Extract<TombstoneLine, { day: string }>): void {
    for (const hold of this.#activeHolds(by, line.site)) {
      if (!holdHasDay(hold, line.day)) continue;
      if (hold.narrowed || hold.kind !== undefined) this.undecided++;
      else this.#fail(by, `found ${line.kind} of ${line.day} erased under hold ${hold.hold}`);
    }
  }

  /** A site-day or single event whose batch is known: received inside an open hold on all kinds. */
  judgeReceived(by: Tombstone, site: string, received: Timestamp): void {
    for (const hold of this.#activeHolds(by, site)) {
      if (!holdHasInstant(hold, received)) continue;
      if (hold.narrowed || hold.kind !== undefined) this.undecided++;
      else this.#fail(by, `found an event of site ${site}, received ${received}, erased under hold ${hold.hold}`);
    }
  }

  /** An erased image whose event is visible: everything but `narrowed` can be told. */
  judgeVisible(
    by: Tombstone,
    event: { site: string; kind: string; occurred: Timestamp; received: Timestamp; event: string },
  ): void {
    for (const hold of this.#activeHolds(by, event.site)) {
      if (hold.kind !== undefined && hold.kind !== event.kind) continue;
      if (!holdHasInstant(hold, event.received) && !holdHasInstant(hold, event.occurred)) continue;
      if (hold.narrowed) this.undecided++;
      else this.#fail(by, `found an image of event ${event.event} erased under hold ${hold.hold}`);
    }
  }

  /** Single events and images, once the batches that they name were seen. */
  judgeSingles(erasures: Erasures, batchAt: ReadonlyMap<number, Timestamp>): void {
    for (const { line, by } of erasures.singleMarks() as Generator<Mark<"event"> | Mark<"image">>) {
      const at = batchAt.get(line.batch);
      if (!by.reason) continue;
      if (at === undefined) this.undecided++;
      else this.#judgeDue(by, line, dayOf(at));
    }
  }
}
