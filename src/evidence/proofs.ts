import { consistencyFile, outsideLines, type TenantTx } from "../audit/index.ts";
import { checkpointName, consistencyName, names } from "../record/bag.ts";
import type { Frame } from "./plan.ts";
import { type FinishedPart, openTextPart } from "./text-part.ts";
import type { Workplace } from "./workplace.ts";

/** outside.txt, the checkpoint, and a consistency proof from each earlier size that the auditor holds. */
export async function writeProofs(
  tx: TenantTx,
  workplace: Workplace,
  { frame, carried, previous }: { frame: Frame; carried: number[]; previous: number[] },
): Promise<FinishedPart[]> {
  const { epoch, size, note } = frame.checkpoint;
  const outside = await openTextPart(workplace, names.outside);
  for await (const line of outsideLines(tx, size, carried)) await outside.write(line);
  const checkpoint = await openTextPart(workplace, checkpointName(epoch, size));
  await checkpoint.write(note);
  const parts = [await outside.finish(), await checkpoint.finish()];
  for (const old of [...new Set(previous)].filter((each) => each < size)) {
    const part = await openTextPart(workplace, consistencyName(old, size));
    await part.write(await consistencyFile(tx, old, size));
    parts.push(await part.finish());
  }
  return parts;
}
