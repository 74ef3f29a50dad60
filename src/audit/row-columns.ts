import { actorTypes, channels } from "../record/row.ts";
import { timestampOf } from "./walked-row.ts";

/** A row as its columns print, before it is known to be in the grammar. */
export type Columns = {
  epoch: string;
  seq: string;
  at: string;
  middle: string;
  action: string;
  control: string;
  tail: string;
};

// One row of RowChunk.fields. Whatever fails here goes through record/'s parser, which says what is wrong.
const token = "[A-Za-z0-9._:@/+-]{1,128}";
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const number = "(?:0|[1-9][0-9]{0,15})";
export const rowGrammar =
  `epoch (${number})\\nseq (${number})\\n(\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d{1,6}))?\\+00\\n` +
  `(actor (?:${actorTypes.join("|")}) ${token}\\nvia (?:${channels.join("|")})\\naction (${token})\\n` +
  `entity ${token} ${token}\\ncorrelation ${uuid}\\ncontrol (${number})\\n)` +
  `((?:commit ${token} [0-9a-f]{64}\\n)*)\\|((?:unit ${token} [0-9a-f]{64}\\n)*)(?:\\||$)`;

export function columnsOf(match: RegExpExecArray): Columns {
  const [, epoch, seq, date, time, fraction, middle, action, control, commits, units] = match as string[];
  return {
    epoch: epoch!,
    seq: seq!,
    at: timestampOf(date!, time!, fraction ?? ""),
    middle: middle!,
    action: action!,
    control: control!,
    tail: commits === "" ? units! : commits! + units!,
  };
}

/** Of a text that is outside the grammar: what it would be if nothing but its characters were wrong. */
export function looseColumns(text: string): Columns {
  const lines = text.split("\n");
  const [epoch = "", seq = "", at = ""] = lines;
  const rest = lines.slice(3).join("\n");
  const separator = rest.lastIndexOf("|");
  const action = lines[5]?.slice("action ".length) ?? "";
  const middle = rest.slice(0, separator);
  return { epoch: epoch.slice(6), seq: seq.slice(4), at, middle, action, control: "", tail: rest.slice(separator + 1) };
}

/** Of lines that fit the grammar: whether the names of the commits, and of the units, strictly ascend. */
export function namesAscend(tail: string): boolean {
  // Most have one line: 71 characters and its name, too short for two.
  if (tail.length < 2 * 72 || tail.indexOf("\n") === tail.length - 1) return true;
  const lines = tail.slice(0, -1).split("\n");
  for (let i = 1; i < lines.length; i++) {
    const [kind, name] = lines[i]!.split(" ", 2) as [string, string];
    const [kindBefore, nameBefore] = lines[i - 1]!.split(" ", 2) as [string, string];
    if (kind === kindBefore && name <= nameBefore) return false;
  }
  return true;
}
