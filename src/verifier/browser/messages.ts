import type { Progress } from "../run.ts";
import type { Verdict } from "../verify.ts";
import type { FolderFile } from "./browser-source.ts";

/** From the page to its worker: what was dropped, pasted and typed. */
export type Request = {
  label: string;
  bundle: { file: Blob } | { folder: FolderFile[] };
  trust: string;
  previous: string;
  acceptEpoch: string;
  requireAll: boolean;
  passphrase: string;
  identities: string;
};

/** From the worker to the page. */
export type Reply =
  | { kind: "progress"; progress: Progress }
  | { kind: "verdict"; verdict: Verdict }
  | { kind: "could not run"; message: string };
