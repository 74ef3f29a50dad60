import type { Chunks } from "./lines.ts";

/** Bytes at random places: a file on disk, a Blob in a browser, or what age decrypts. */
export type RandomAccess = {
  size: number;
  /** exactly `length` bytes, in `into` if that is given and the source can; the caller stays within size */
  read(from: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
};

/** A bundle's files by name, however it came. */
export type BundleSource = {
  /** shown to people: the file's or folder's name */
  label: string;
  container: "zip" | "directory";
  encrypted: boolean;
  names: string[];
  sizeOf(name: string): number;
  /**
   * throws CheckFailure of check 1 when the container turns out broken. With `lend`, a chunk may be overwritten when the next
   * is asked for: for who only hashes gigabytes
   */
  open(name: string, lend?: boolean): Chunks;
};

export const chunkBytes = 262_144;

/** `lent`: a buffer of `chunkBytes` for all chunks; without it each has its own. */
export async function* chunksOf(access: RandomAccess, from: number, length: number, lent?: Uint8Array): Chunks {
  for (let at = from; at < from + length; at += chunkBytes) {
    const bytes = Math.min(chunkBytes, from + length - at);
    yield await access.read(at, bytes, lent?.subarray(0, bytes));
  }
}

export function blobAccess(blob: Blob): RandomAccess {
  return {
    size: blob.size,
    read: async (from, length) => new Uint8Array(await blob.slice(from, from + length).arrayBuffer()),
  };
}

/** The same source, whose `close` ends every stream that was left before its end. */
export function closing(source: BundleSource): { source: BundleSource; close: () => Promise<void> } {
  const open = new Set<AsyncIterator<Uint8Array>>();
  const tracked: BundleSource = {
    ...source,
    async *open(name, lend) {
      const stream = source.open(name, lend)[Symbol.asyncIterator]();
      open.add(stream);
      try {
        for (let next = await stream.next(); !next.done; next = await stream.next()) yield next.value;
      } finally {
        open.delete(stream);
        await stream.return?.();
      }
    },
  };
  return {
    source: tracked,
    async close() {
      for (const stream of open) await stream.return?.();
    },
  };
}
