import { toHex } from "../record/bytes.ts";
import { checkpointOrigin, isSignedBy, type SignedCheckpoint } from "../record/checkpoint.ts";
import { type Epoch, parseEpoch } from "../record/control.ts";
import { namedHash } from "../record/row.ts";
import { FormatError } from "../record/text.ts";
import type { Chain } from "./chain.ts";
import { isConsistent, type Sealed } from "./checkpoints.ts";
import type { Run } from "./run.ts";

export type LostRows = { epoch: number; from: number; to: number; reason: string };

type EpochStart = Epoch & { number: number; seq: number };

/** The rows ledger.epoch with what they own up to. Their own faults are failures of check 6. */
function readEpochs(run: Run, chain: Chain): EpochStart[] {
  const starts: EpochStart[] = [];
  for (const { row, contents } of chain.control) {
    if (row.action !== "ledger.epoch") continue;
    const place = `row ${row.seq}`;
    try {
      const epoch = parseEpoch(contents.get("epoch") ?? "");
      if (epoch.keptSize !== row.seq - 1)
        run.report.fail(6, place, `found kept-size ${epoch.keptSize}, expected ${row.seq - 1}`);
      if (epoch.oldRoot !== namedHash(row.commits, "lost"))
        run.report.fail(6, place, "found commit lost unlike old-root");
      if (epoch.oldSize < epoch.keptSize) run.report.fail(6, place, "found more rows kept than the old checkpoint had");
      starts.push({ ...epoch, number: row.epoch, seq: row.seq });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      run.report.fail(6, place, error.message);
    }
  }
  return starts;
}

/** Rows that the auditor's checkpoint had and the chain has no more. */
function judgeLost(run: Run, previous: SignedCheckpoint, starts: EpochStart[]): LostRows[] {
  const { report, options } = run;
  const { epoch, size, root } = previous.checkpoint;
  const lost: LostRows[] = [];
  for (const start of starts.filter(({ number }) => number > epoch)) {
    if (size <= start.keptSize) continue;
    lost.push({ epoch: start.number, from: start.keptSize + 1, to: size, reason: start.reason });
    report.note(
      6,
      `rows ${start.keptSize + 1} to ${size} were lost when epoch ${start.number} began (${start.reason})`,
    );
    if (start.number === epoch + 1 && size > start.oldSize) {
      report.fail(
        6,
        `row ${start.seq}`,
        `found old-size ${start.oldSize}, but the checkpoint you hold has ${size} rows`,
      );
    }
    if (start.number === epoch + 1 && size === start.oldSize && start.oldRoot !== toHex(root)) {
      report.fail(6, `row ${start.seq}`, "found old-root unlike the checkpoint you hold");
    }
    if ((options.acceptEpoch ?? 0) < start.number) {
      report.fail(6, `row ${start.seq}`, `found rows lost, expected none: accept with --accept-epoch ${start.number}`);
    }
  }
  return lost;
}

/** Check 6. */
export async function checkPrevious(run: Run, chain: Chain, sealed: Sealed): Promise<LostRows[]> {
  const { report, options } = run;
  const starts = readEpochs(run, chain);
  for (const start of starts) report.note(6, `epoch ${start.number} began with row ${start.seq} (${start.reason})`);
  const { previous } = options;
  if (!previous) {
    report.notRun(6, "no earlier checkpoint was given (--previous)");
    return [];
  }
  const { checkpoint } = previous;
  const main = sealed.main.checkpoint;
  const place = `checkpoint ${checkpoint.epoch}-${checkpoint.size}`;
  if (checkpoint.appliance !== main.appliance || checkpoint.tenant !== main.tenant) {
    report.fail(6, place, `found ${checkpointOrigin(checkpoint)}, expected ${checkpointOrigin(main)}`);
    return [];
  }
  if (!sealed.acceptedKeys.some((key) => isSignedBy(previous, key))) {
    report.fail(6, place, "found no signature of a trusted key on the earlier checkpoint");
  }
  if (checkpoint.epoch > main.epoch)
    report.fail(6, place, `found a later epoch than the bundle's ${main.epoch}: it was rewound`);
  const lost = judgeLost(run, previous, starts);
  if (lost.length > 0 || checkpoint.epoch > main.epoch) return lost;
  if (checkpoint.size > main.size) {
    report.fail(6, place, `found ${checkpoint.size} rows then and ${main.size} now: rows are missing at the end`);
  } else if (!(await isConsistent(run, previous, sealed.main))) {
    const wanted = `data/ledger/consistency-${checkpoint.size}-${main.size}.txt`;
    report.fail(
      6,
      place,
      `found no proof that it is a prefix: either it was rewritten, or export again with ${wanted}`,
    );
  } else report.detail(6, `the ${checkpoint.size} rows of ${checkpoint.sealed} are still there, unchanged`);
  return lost;
}
