import { AppError } from "../platform/errors.ts";
import type { Trust } from "../record/scope.ts";
import { openZip } from "../verifier/zip.ts";
import type { Packed } from "./deliver.ts";

export type VerifiedBundle = { checks: number };

export async function checkBundle(
  packed: Packed[],
  _trust: Trust,
  progress: (done: number, total: number) => void,
): Promise<VerifiedBundle> {
  for (const each of packed) {
    if (!each.open) continue;
    const source = await each.open();
    try {
      const zip = await openZip(source, { label: each.path, encrypted: false });
      for (const [i, name] of zip.names.entries()) {
        for await (const _ of zip.open(name));
        progress(i + 1, zip.names.length);
      }
    } finally {
      await source.close();
    }
  }
  if (packed.length === 0) throw new AppError("export-empty", "nothing was packed");
  return { checks: 1 };
}
