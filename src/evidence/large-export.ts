import type { TenantTx } from "../audit/index.ts";
import { isUnusuallyLarge, type NoticeDeps, reportAnomaly } from "../identity/index.ts";
import { selectEarlierExports } from "./store-sizes.ts";

/** Before anybody can download it: an export that is large here is told to the owners. */
export async function reportIfLarge(
  notices: NoticeDeps,
  tx: TenantTx,
  exportId: string,
  size: { events: number; images: number; bytes: number },
): Promise<void> {
  const { earlier, madeBy } = await selectEarlierExports(tx, exportId);
  if (!isUnusuallyLarge(size, earlier)) return;
  const entity = { type: "export", id: exportId };
  await reportAnomaly(notices, tx, {
    kind: "large-export",
    entity,
    ...(madeBy.type === "user" && { userId: madeBy.id }),
    data: size,
  });
}
