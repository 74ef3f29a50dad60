import { appendRow, type Principal, withTenant } from "../audit/index.ts";
import { AppError } from "../platform/errors.ts";
import { openSealedPart } from "./deliver.ts";
import { type ExportDeps, requireExport } from "./request.ts";
import { exportDirectory, exportKeyContext } from "./run.ts";
import { type ByteSource, readChunks } from "./source.ts";
import { selectWrappedKey } from "./store.ts";

export type OpenExport = {
  /** For the receiver's disk. */
  fileName: string;
  mediaType: string;
  bytes: number;
  sha256: string;
  /** From the byte asked for; decrypts as it is read; to be read to its end or returned. */
  stream: AsyncGenerator<Buffer>;
};

/** A finished export for download, from byte `from` on: the ledger says who took it. Parts count from 1. */
export async function openExport(
  deps: ExportDeps & { directory: string },
  principal: Principal,
  exportId: string,
  { part = 1, from = 0 }: { part?: number; from?: number } = {},
): Promise<OpenExport> {
  const { found, key } = await withTenant(deps.pool, principal, async (tx) => {
    const row = await requireExport(tx, exportId);
    const wrapped = await selectWrappedKey(tx, exportId);
    if (!wrapped || !row.parts?.[part - 1]) {
      throw new AppError("not-found", `export ${exportId} cannot be downloaded`, {
        found: row.parts && !row.parts[part - 1] ? `${row.parts.length} parts` : `state ${row.state}`,
        expected: row.parts ? "a part that it has, before it expires" : "a finished export",
        remedy: "wait for it, or ask for another one",
      });
    }
    if (from >= row.parts[part - 1]!.bytes) {
      throw new AppError("range", "the download does not reach so far", {
        found: `a start at byte ${from}`,
        expected: `one before byte ${row.parts[part - 1]!.bytes}`,
      });
    }
    const unwrapped = await deps.keyring.unseal(tx, exportKeyContext(exportId), wrapped);
    const units = [{ name: "detail", content: JSON.stringify({ part, ...(from > 0 && { from }) }) }];
    await appendRow(tx, { action: "evidence.downloaded", entity: { type: "export", id: exportId }, units });
    return { found: row, key: unwrapped };
  });
  const open = () => openSealedPart(exportDirectory(deps, principal.tenantId, exportId), key, exportId, part);
  // A missing file shows now; the file itself is opened with the first read, since a stream nobody reads is never closed.
  await (await open()).close();
  const suffix = found.parts!.length > 1 ? `-part${part}` : "";
  const name = `ledgerstone-${found.createdAt.slice(0, 10)}-${exportId.slice(0, 8)}${suffix}.zip`;
  return {
    fileName: found.encrypted ? `${name}.age` : name,
    mediaType: found.encrypted ? "application/octet-stream" : "application/zip",
    ...found.parts![part - 1]!,
    stream: readAndClose(open, from),
  };
}

async function* readAndClose(open: () => Promise<ByteSource>, from: number): AsyncGenerator<Buffer> {
  const source = await open();
  try {
    yield* readChunks(source, from);
  } finally {
    await source.close();
  }
}
