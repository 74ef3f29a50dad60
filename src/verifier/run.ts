import type { SignedCheckpoint } from "../record/checkpoint.ts";
import type { Scope, Trust } from "../record/scope.ts";
import type { Chunks } from "./lines.ts";
import type { Report } from "./report.ts";
import type { BundleSource } from "./source.ts";

export type VerifyOptions = {
  /** keys that reached the auditor another way than the bundle */
  trust?: Trust;
  /** a checkpoint that the auditor kept from earlier */
  previous?: SignedCheckpoint;
  /** the epoch that the auditor accepts although rows were lost when it began */
  acceptEpoch?: number;
  /** nothing may be withheld */
  requireAll?: boolean;
};

export type Progress = { step: string; done: number; total: number };

/** A bag whose files are all there. */
export type Bag = {
  source: BundleSource;
  /** SHA-256 (hex) of each file's bytes as they are */
  hashes: Map<string, string>;
  scope: Scope;
  tagManifest: Uint8Array;
};

export type Run = {
  bag: Bag;
  report: Report;
  options: VerifyOptions;
  progress: (progress: Progress) => void;
};

export function openFile(run: Run, name: string): Chunks {
  return run.bag.source.open(name);
}
