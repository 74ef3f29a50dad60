import type { LedgerRowDetail } from "../../api/types.ts";

// The same formats as docs/ledger.md, computed here: a server that lies about a row must lie about what this browser computes.

export type RowCheck = {
  /** SHA-256 of the bytes is the row's hash. */
  hash: boolean;
  /** Names of the open units whose content does not give the hash that stands in the row. */
  wrongUnits: string[];
  /** The proof leads from the row to the root that the checkpoint's note holds; null: no checkpoint covers the row yet. */
  inclusion: boolean | null;
};

type Bytes = Uint8Array<ArrayBuffer>;

export async function checkRow(row: LedgerRowDetail): Promise<RowCheck> {
  const hash = hex(await sha256(utf8(row.lines)));
  const wrongUnits: string[] = [];
  for (const unit of row.units) {
    const isNamed = row.lines.includes(`\nunit ${unit.name} ${unit.hash}\n`);
    if (!isNamed || (unit.state === "open" && (await unitHash(unit)) !== unit.hash)) wrongUnits.push(unit.name);
  }
  return { hash: hash === row.hash, wrongUnits, inclusion: row.proof && (await isIncluded(row, row.proof)) };
}

async function unitHash({ name, salt, content }: { name: string; salt: string; content: string }): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", fromHex(salt), algorithm, false, ["sign"]);
  const message = utf8(`ledgerstone/unit/v1\n${name}\n${content}`);
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, message)));
}

/** RFC 9162 section 2.1.3.2, over hashes of RFC 6962. */
async function isIncluded(
  { seq, hash }: LedgerRowDetail,
  { path, checkpoint }: NonNullable<LedgerRowDetail["proof"]>,
): Promise<boolean> {
  const [, size, root] = checkpoint.split("\n");
  let at = seq - 1;
  let last = Number(size) - 1;
  if (at > last) return false;
  let node = await sha256(Uint8Array.of(0, ...fromHex(hash)));
  for (const other of path.map(fromBase64)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = await sha256(Uint8Array.of(1, ...other, ...node));
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else node = await sha256(Uint8Array.of(1, ...node, ...other));
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hex(node) === hex(fromBase64(root ?? ""));
}

const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;
const hex = (bytes: Bytes): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) as Bytes;
const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) as Bytes;
