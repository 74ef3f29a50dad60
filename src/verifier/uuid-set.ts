const nil = "00000000-0000-0000-0000-000000000000";

/** A set of uuids at 16 bytes each: open addressing, grown at half full. */
export class UuidSet {
  #slots = new Uint32Array(4 * 1024);
  #size = 0;
  /** four zero words mark an empty slot, so the nil uuid is kept apart */
  #hasNil = false;

  /** False when it was there already. */
  add(uuid: string): boolean {
    if (uuid === nil) {
      const added = !this.#hasNil;
      this.#hasNil = true;
      return added;
    }
    const hex = uuid.replaceAll("-", "");
    const words = [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16));
    const added = this.#place(this.#slots, words);
    if (added && ++this.#size * 8 > this.#slots.length) this.#grow();
    return added;
  }

  #place(slots: Uint32Array, words: number[]): boolean {
    const mask = slots.length / 4 - 1;
    // The last words of a UUIDv7 are random; the others only help where they are not.
    let slot = Math.imul(words[3]! ^ Math.imul(words[2]!, 0x9e3779b1) ^ words[1]!, 0x85ebca6b) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const at = slot * 4;
      if (slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0) {
        slots.set(words, at);
        return true;
      }
      if (words.every((word, i) => slots[at + i] === word)) return false;
    }
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 4) {
      const words = Array.from(this.#slots.subarray(at, at + 4));
      if (words.some((word) => word !== 0)) this.#place(larger, words);
    }
    this.#slots = larger;
  }
}
