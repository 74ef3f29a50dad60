import type { Task } from "../api/types.ts";

const works: Readonly<Record<string, string>> = {
  "devices.revocation": "Telling the broker of a revocation",
  "evidence.export": "Evidence export",
  "images.thumbnail": "Making a thumbnail",
  "ledger.verify": "Verifying the ledger",
  "retention.erase": "Erasing what is due",
  "retention.request": "Erasing for a request",
  "retention.files": "Removing erased files",
  "retention.journal": "Writing the erasure journal",
  "retention.letters": "Erasing undeliverable messages",
};

/** What a task does, in words; its kind where there are none. */
export const workOf = ({ kind }: Pick<Task, "kind">): string => works[kind] ?? kind;

export const STATE_WORDS: Readonly<Record<Task["state"], string>> = {
  ready: "Queued",
  running: "Running",
  waiting: "Waiting",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};
