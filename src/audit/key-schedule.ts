import { toHex } from "../record/bytes.ts";
import type { RotationRow } from "./store-keys.ts";

/**
 * Which key signs which checkpoint: the old one up to and including the first checkpoint that covers the rotation's row,
 * then the new one. Checkpoints are asked about in ascending order.
 */
export class KeySchedule {
  readonly #rotations: RotationRow[];
  #key: string;

  /** `current`: the key that is in use now, hex of 32 bytes. */
  constructor(rotations: readonly RotationRow[], current: string) {
    this.#rotations = [...rotations];
    this.#key = rotations[0] ? toHex(rotations[0].oldKey) : current;
  }

  /** The key (hex) that must have signed the next checkpoint, of this size. */
  next(size: number): string {
    const key = this.#key;
    const rotation = this.#rotations[0];
    if (rotation && size >= rotation.seq) {
      this.#rotations.shift();
      this.#key = toHex(rotation.newKey);
    }
    return key;
  }
}

/** The key that signs the next checkpoint when the newest one covers `sealedSize` rows; undefined when no rotation tells. */
export function keyInUse(rotations: readonly RotationRow[], sealedSize: number): string | undefined {
  const covered = rotations.findLast((rotation) => rotation.seq <= sealedSize);
  if (covered) return toHex(covered.newKey);
  return rotations[0] ? toHex(rotations[0].oldKey) : undefined;
}

/** Keys that led to the given ones by rotations of this chain: a rotation counts when its new key is trusted already. */
export function trustedKeys(rotations: readonly RotationRow[], trusted: Iterable<Uint8Array>): Uint8Array[] {
  const keys = new Map([...trusted].map((key) => [toHex(key), key]));
  for (const rotation of rotations.toReversed()) {
    if (keys.has(toHex(rotation.newKey))) keys.set(toHex(rotation.oldKey), rotation.oldKey);
  }
  return [...keys.values()];
}
