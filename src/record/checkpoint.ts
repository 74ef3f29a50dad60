import { fromBase64, toBase64 } from "./bytes.ts";
import type { Ed25519Signer } from "./ed25519.ts";
import { formatNote, type Note, parseNote, signNote, verifyNote } from "./note.ts";
import { FormatError, formatNumber, lineValue, parseNumber, requireUuid, shown } from "./text.ts";
import { requireTimestamp, type Timestamp } from "./time.ts";

export type Checkpoint = {
  appliance: string;
  tenant: string;
  epoch: number;
  /** tree size = seq of the last row */
  size: number;
  /** 32 raw bytes */
  root: Uint8Array;
  sealed: Timestamp;
};

export type SignedCheckpoint = { checkpoint: Checkpoint; note: Note };

/** First line of a checkpoint and name of the key that signs it. */
export function checkpointOrigin(checkpoint: Pick<Checkpoint, "appliance" | "tenant" | "epoch">): string {
  const appliance = requireUuid(checkpoint.appliance, "appliance");
  const tenant = requireUuid(checkpoint.tenant, "tenant");
  return `ledgerstone.${appliance}/${tenant}/${formatNumber(checkpoint.epoch, "epoch")}`;
}

/** The signed text: origin, size, base64 root, `sealed <timestamp>`. */
export function checkpointText(checkpoint: Checkpoint): string {
  if (checkpoint.root.length !== 32)
    throw new FormatError(`found a root of ${checkpoint.root.length} bytes, expected 32`);
  if (checkpoint.size < 1 || checkpoint.epoch < 1) throw new FormatError("found size or epoch 0, expected at least 1");
  const size = formatNumber(checkpoint.size, "size");
  const sealed = requireTimestamp(checkpoint.sealed, "sealed");
  return `${checkpointOrigin(checkpoint)}\n${size}\n${toBase64(checkpoint.root)}\nsealed ${sealed}\n`;
}

export function signCheckpoint(checkpoint: Checkpoint, signer: Ed25519Signer): string {
  const text = checkpointText(checkpoint);
  return formatNote({ text, signatures: [signNote(text, checkpointOrigin(checkpoint), signer)] });
}

function parseRoot(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw new FormatError(`found ${shown(text)}, expected a base64 root`);
  }
}

/** Reads a checkpoint without judging its signatures. Throws FormatError. */
export function parseCheckpoint(text: string): SignedCheckpoint {
  const note = parseNote(text);
  const lines = note.text.slice(0, -1).split("\n");
  if (lines.length !== 4) throw new FormatError(`found ${lines.length} lines, expected 4 in a checkpoint`);
  const origin = /^ledgerstone\.([0-9a-f-]{36})\/([0-9a-f-]{36})\/([0-9]+)$/.exec(lines[0]!);
  if (!origin) throw new FormatError(`found ${shown(lines[0]!)}, expected ledgerstone.<appliance>/<tenant>/<epoch>`);
  const checkpoint: Checkpoint = {
    appliance: origin[1]!,
    tenant: origin[2]!,
    epoch: parseNumber(origin[3]!, "epoch"),
    size: parseNumber(lines[1]!, "size"),
    root: parseRoot(lines[2]!),
    sealed: lineValue(lines[3], "sealed", "checkpoint"),
  };
  if (checkpointText(checkpoint) !== note.text)
    throw new FormatError("found a checkpoint that is not in its only spelling");
  return { checkpoint, note };
}

/** Whether this Ed25519 key (32 raw bytes) signed the checkpoint under its own origin. */
export function isSignedBy(signed: SignedCheckpoint, publicKey: Uint8Array): boolean {
  return verifyNote(signed.note, checkpointOrigin(signed.checkpoint), publicKey);
}
