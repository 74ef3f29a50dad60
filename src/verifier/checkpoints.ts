import { checkpointName, consistencyName, names } from "../record/bag.ts";
import { decodeUtf8, equalBytes, fromBase64, fromHex, toBase64, toHex } from "../record/bytes.ts";
import { isSignedBy, parseCheckpoint, type SignedCheckpoint } from "../record/checkpoint.ts";
import { parseKeyContent } from "../record/control.ts";
import { rebuildRoot } from "../record/outside.ts";
import { verifyConsistency } from "../record/proof.ts";
import { parseTrust, type Trust } from "../record/scope.ts";
import { FormatError, requireHash } from "../record/text.ts";
import { leafHash } from "../record/tree.ts";
import type { Chain } from "./chain.ts";
import { Cursor, readWhole } from "./lines.ts";
import { CheckFailure } from "./report.ts";
import { openFile, type Run } from "./run.ts";

export type Sealed = { main: SignedCheckpoint; acceptedKeys: Uint8Array[]; signedBy: string | undefined };

const checkpointFile = /^data\/ledger\/checkpoints\/(\d+)-(\d+)\.txt$/;
const maxCheckpoints = 10_000;

/** A parser's refusal as a failure of check 5, named by file. */
async function reading<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FormatError || error instanceof TypeError) throw new CheckFailure(5, name, error.message);
    throw error;
  }
}

async function readCheckpoints(run: Run): Promise<Map<string, SignedCheckpoint>> {
  const found = new Map<string, SignedCheckpoint>();
  const files = run.bag.source.names.filter((name) => checkpointFile.test(name));
  if (files.length > maxCheckpoints) throw new CheckFailure(5, files[0]!, `found ${files.length} checkpoints`);
  for (const name of files) {
    const signed = await reading(name, async () =>
      parseCheckpoint(decodeUtf8(await readWhole(openFile(run, name), 65_536))),
    );
    const { epoch, size, tenant } = signed.checkpoint;
    if (name !== checkpointName(epoch, size))
      throw new CheckFailure(5, name, `found a checkpoint of epoch ${epoch}, size ${size}`);
    if (tenant !== run.bag.scope.tenant)
      throw new CheckFailure(5, name, `found tenant ${tenant}, expected ${run.bag.scope.tenant}`);
    found.set(name, signed);
  }
  return found;
}

async function rebuild(run: Run, chain: Chain, size: number): Promise<Uint8Array> {
  const outside: Uint8Array[] = [];
  const lines = await Cursor.open(openFile(run, names.outside), {
    check: 5,
    file: names.outside,
    separator: "\n",
    encoding: "ascii",
    maxLength: 64,
    parse: (line) => fromHex(requireHash(line, "hash")),
  });
  for (let hash = await lines.take(); hash; hash = await lines.take()) outside.push(hash);
  let row = 0;
  let used = 0;
  const rebuilt = rebuildRoot(size, {
    peekCarried: () => (row < chain.seqs.length ? chain.seqs[row]! - 1 : undefined),
    takeCarried: () => leafHash(chain.rowHashAt(row++)),
    takeOutside: () => outside[used++],
  });
  if (!rebuilt.ok) throw new CheckFailure(5, names.outside, rebuilt.reason);
  return rebuilt.root;
}

/** The proof of data/ledger/consistency-<a>-<b>.txt; undefined when the bundle has none. */
export async function readConsistency(run: Run, oldSize: number, newSize: number): Promise<Uint8Array[] | undefined> {
  const name = consistencyName(oldSize, newSize);
  if (!run.bag.source.names.includes(name)) return undefined;
  return reading(name, async () => {
    const text = decodeUtf8(await readWhole(openFile(run, name), 8192));
    if (text !== "" && !text.endsWith("\n")) throw new FormatError("found no LF at the end");
    return text.split("\n").slice(0, -1).map(proofHash);
  });
}

function proofHash(line: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(line)) throw new FormatError("found a line that is no base64 of 32 bytes");
  const hash = fromBase64(line);
  if (toBase64(hash) !== line) throw new FormatError("found base64 with stray bits");
  return hash;
}

/** Whether the bundle proves that the older checkpoint's tree is a prefix of the newer one's. */
export async function isConsistent(run: Run, older: SignedCheckpoint, newer: SignedCheckpoint): Promise<boolean> {
  const { size: oldSize, root: oldRoot } = older.checkpoint;
  const { size: newSize, root: newRoot } = newer.checkpoint;
  if (oldSize === newSize) return equalBytes(oldRoot, newRoot);
  const proof = await readConsistency(run, oldSize, newSize);
  return proof !== undefined && verifyConsistency({ oldSize, newSize, oldRoot, newRoot }, proof);
}

/** Trusted keys, and those that rows ledger.key.rotated lead to, each covered by a checkpoint of the key before. */
async function followRotations(
  run: Run,
  chain: Chain,
  trusted: Uint8Array[],
  checkpoints: SignedCheckpoint[],
): Promise<Uint8Array[]> {
  const accepted = [...trusted];
  const main = checkpoints.find(({ checkpoint }) => checkpoint.size === run.bag.scope.checkpoint.size);
  for (const { row, contents } of chain.control) {
    const content = contents.get("key");
    if (row.action !== "ledger.key.rotated" || content === undefined || !main) continue;
    const { oldKey, newKey } = await reading(`row ${row.seq}`, async () => parseKeyContent(content));
    if (!accepted.some((key) => equalBytes(key, oldKey))) continue;
    for (const covering of checkpoints) {
      if (covering.checkpoint.size < row.seq || !isSignedBy(covering, oldKey)) continue;
      if (await isConsistent(run, covering, main)) accepted.push(newKey);
    }
  }
  return accepted;
}

async function readBundleTrust(run: Run): Promise<Trust> {
  return reading(names.trust, async () => parseTrust(await readWhole(openFile(run, names.trust), 1_048_576)));
}

/** Check 5. Throws CheckFailure when the checkpoint cannot be judged. */
export async function checkCheckpoints(run: Run, chain: Chain): Promise<Sealed> {
  const { report, options, bag } = run;
  const { epoch, size } = bag.scope.checkpoint;
  const name = checkpointName(epoch, size);
  const inside = await readBundleTrust(run);
  const all = await readCheckpoints(run);
  const main = all.get(name);
  if (!main) throw new CheckFailure(5, name, "found it missing, expected the checkpoint that scope.json names");
  const trust = options.trust ?? inside;
  for (const [file, { checkpoint }] of all) {
    if (checkpoint.appliance !== trust.appliance)
      report.fail(5, file, `found appliance ${checkpoint.appliance}, expected ${trust.appliance}`);
  }
  const root = await rebuild(run, chain, size);
  if (!equalBytes(root, main.checkpoint.root)) {
    report.fail(5, name, `found root ${toHex(main.checkpoint.root)}, but the rows give ${toHex(root)}`);
  }
  const epochs = 1 + chain.control.filter(({ row }) => row.action === "ledger.epoch").length;
  if (epoch !== epochs) report.fail(5, name, `found epoch ${epoch}, expected ${epochs} by the rows ledger.epoch`);
  const acceptedKeys = await followRotations(run, chain, trust.ed25519, [...all.values()]);
  for (const [file, signed] of all) {
    if (!acceptedKeys.some((key) => isSignedBy(signed, key)))
      report.fail(5, file, "found no signature of a trusted key");
    if (!(await isConsistent(run, signed, main)))
      report.fail(5, file, `found no proof that it is a prefix of size ${size}`);
  }
  const key = acceptedKeys.find((candidate) => isSignedBy(main, candidate));
  const signedBy = key && toBase64(key);
  report.detail(
    5,
    `size ${size}, root ${toHex(main.checkpoint.root)}, sealed ${main.checkpoint.sealed}, key ${signedBy}`,
  );
  return { main, acceptedKeys, signedBy };
}
