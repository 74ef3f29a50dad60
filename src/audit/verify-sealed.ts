import type { Queryable } from "../platform/db.ts";
import { toHex } from "../record/bytes.ts";
import { parseCheckpoint } from "../record/checkpoint.ts";
import { sha256Hex } from "../record/sha256.ts";
import { FormatError } from "../record/text.ts";
import { tileWidth } from "../record/tiles.ts";
import { KeySchedule, trustedKeys } from "./key-schedule.ts";
import { RowTree } from "./row-tree.ts";
import type { Fault } from "./row-walker.ts";
import { CheckpointKeys } from "./signing-key.ts";
import { checkpointsAfter, readTile, readTileDigests, type StoredCheckpoint } from "./store-chain.ts";
import { readRotations } from "./store-keys.ts";
import type { WalkedRow } from "./walked-row.ts";
import { readWitnessed, readWitnessTile, type WitnessedCheckpoint } from "./witness.ts";

export type SealedOptions = {
  appliance: string;
  publicKeys: readonly Uint8Array[];
  witnessDirectories: readonly string[];
};

const pageSize = 1000;

/** Everything that was sealed against the rows as they are: tiles, checkpoints, and what the witnesses keep. */
export class SealedCheck {
  checkpoints = 0;
  readonly tree = new RowTree();
  readonly #scope: { tx: Queryable; tenantId: string };
  readonly #options: SealedOptions;
  readonly #fault: (fault: Fault) => void;
  #keys = new CheckpointKeys([]);
  #schedule: KeySchedule | undefined;
  #page: StoredCheckpoint[] = [];
  #after = { epoch: 0, size: 0, sealed: "0001-01-01T00:00:00.000000Z" };
  #lastFetched = false;
  #latest: WitnessedCheckpoint[] = [];
  #witnessed: WitnessedCheckpoint[] = [];
  #full: { index: number; leaves: Buffer }[] = [];

  constructor(scope: { tx: Queryable; tenantId: string }, options: SealedOptions, onFault: (fault: Fault) => void) {
    this.#scope = scope;
    this.#options = options;
    this.#fault = onFault;
  }

  async begin(epoch: number): Promise<void> {
    const { tx, tenantId } = this.#scope;
    const rotations = await readRotations(tx, tenantId);
    const { publicKeys, witnessDirectories } = this.#options;
    this.#keys = new CheckpointKeys(trustedKeys(rotations, publicKeys));
    const current = publicKeys.at(-1);
    if (current) this.#schedule = new KeySchedule(rotations, toHex(current));
    for (const directory of witnessDirectories) {
      const witnessed = await readWitnessed(directory, tenantId);
      // Across epochs rows were lost on purpose, and the row that opened the epoch says which.
      if (witnessed && witnessed.checkpoint.epoch >= epoch) this.#witnessed.push(witnessed);
    }
    this.#latest = [...this.#witnessed];
    this.#witnessed.sort((a, b) => a.checkpoint.size - b.checkpoint.size);
    await this.fetchUntil(0);
  }

  /** Checkpoints of at most `size` rows are at hand when this resolves. */
  async fetchUntil(size: number): Promise<void> {
    const { tx, tenantId } = this.#scope;
    while (!this.#lastFetched && (this.#page.length === 0 || this.#page.at(-1)!.size <= size)) {
      const more = await checkpointsAfter(tx, tenantId, this.#after, pageSize);
      this.#lastFetched = more.length < pageSize;
      this.#page.push(...more);
      this.#after = more.at(-1) ?? this.#after;
    }
  }

  take({ hashes, hashAt }: WalkedRow): void {
    const { tree } = this;
    if (tree.add(hashes, hashAt))
      this.#full.push({ index: tree.size / tileWidth - 1, leaves: Buffer.from(tree.leaves) });
    while (this.#page[0] && this.#page[0].size <= this.tree.size) this.#checkpoint(this.#page.shift()!);
    while (this.#witnessed[0] && this.#witnessed[0].checkpoint.size <= this.tree.size)
      this.#witness(this.#witnessed.shift()!);
  }

  /** Full tiles since the last call, against the database's and each witness's. */
  async compareTiles(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    if (full.length === 0) return;
    const { tx, tenantId } = this.#scope;
    const digests = await readTileDigests(tx, tenantId, 0, { from: full[0]!.index, to: full.at(-1)!.index });
    for (const { index, leaves } of full) {
      const digest = digests.get(index);
      if (digest !== undefined && digest !== sha256Hex(leaves)) {
        this.#compareTile(index, leaves, await readTile(tx, tenantId, 0, index), "its tile in the database");
      }
    }
    await Promise.all(full.map(({ index, leaves }) => this.#compareWitnessTiles(index, leaves)));
  }

  async #compareWitnessTiles(index: number, leaves: Uint8Array): Promise<void> {
    for (const { directory, checkpoint } of this.#latest) {
      const width = Math.min(tileWidth, checkpoint.size - index * tileWidth);
      if (width < 1) continue;
      const kept = await readWitnessTile(directory, this.#scope.tenantId, { level: 0, index, width });
      this.#compareTile(index, leaves, kept?.subarray(0, leaves.length), `its tile in ${directory}`);
    }
  }

  #compareTile(index: number, leaves: Uint8Array, kept: Uint8Array | undefined, where: string): void {
    if (!kept || Buffer.compare(kept, leaves) === 0) return;
    for (let at = 0; at < kept.length; at += 32) {
      const [is, was] = [leaves.subarray(at, at + 32), kept.subarray(at, at + 32)];
      if (Buffer.compare(is, was) === 0) continue;
      const seq = index * tileWidth + at / 32 + 1;
      const expected = `${toHex(was)}, as in ${where}`;
      this.#fault({ seq, check: "sealed row", found: `leaf ${toHex(is)}`, expected });
      return;
    }
  }

  #checkpoint(stored: StoredCheckpoint): void {
    this.checkpoints++;
    const say = (found: string, expected: string): void =>
      this.#fault({ seq: stored.size, check: "checkpoint", found, expected });
    const root = toHex(this.tree.root());
    if (this.tree.size !== stored.size) {
      say(`a checkpoint of ${stored.size} rows out of order`, `one of ${this.tree.size}`);
      return;
    }
    try {
      const signed = parseCheckpoint(stored.note);
      const { checkpoint } = signed;
      const said = `${checkpoint.appliance} ${checkpoint.tenant} ${checkpoint.epoch} ${checkpoint.size} ${checkpoint.sealed} ${toHex(checkpoint.root)}`;
      const { appliance } = this.#options;
      const columns = `${appliance} ${this.#scope.tenantId} ${stored.epoch} ${stored.size} ${stored.sealed} ${toHex(stored.root)}`;
      if (said !== columns) say(`a note that says ${said}`, columns);
      if (toHex(checkpoint.root) !== root)
        say(`root ${root} over rows 1 to ${stored.size}`, `${toHex(checkpoint.root)}, as signed`);
      const expected = this.#schedule?.next(stored.size);
      const signer = this.#keys.signerOf(signed);
      if (expected && signer !== expected)
        say(
          signer ? `a signature by key ${signer}` : "no signature by a key of this appliance",
          `one by key ${expected}`,
        );
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      say(error.message, "a signed checkpoint");
    }
  }

  #witness({ checkpoint, note, directory }: WitnessedCheckpoint): void {
    const say = (found: string, expected: string): void =>
      this.#fault({ seq: checkpoint.size, check: "witness", found, expected: `${expected}, in ${directory}` });
    if (!this.#keys.signerOf({ checkpoint, note }))
      say("a witnessed checkpoint signed by no key of this appliance", "one of ours");
    const root = toHex(this.tree.root());
    if (root !== toHex(checkpoint.root)) say(`root ${root} over rows 1 to ${checkpoint.size}`, toHex(checkpoint.root));
  }

  /** Called last. Names the rows that are missing at the end, or that a partial witness tile shows to differ. */
  async finish(): Promise<void> {
    const size = this.tree.size;
    const beyond = this.#page[0];
    if (beyond) {
      this.#fault({
        seq: size + 1,
        check: "checkpoint",
        found: `${size} rows`,
        expected: `at least ${beyond.size}, which are sealed`,
      });
    }
    for (const { checkpoint, directory } of this.#witnessed) {
      this.#fault({
        seq: size + 1,
        check: "witness",
        found: `${size} rows`,
        expected: `${checkpoint.size}, as witnessed in ${directory}`,
      });
    }
    const rest = size % tileWidth;
    if (rest > 0) await this.#compareWitnessTiles((size - rest) / tileWidth, this.tree.leaves.subarray(0, rest * 32));
  }
}
