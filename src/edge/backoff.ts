// Exponential with full jitter: a thousand edges that lost the same broker must not come back in the same second.
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(firstMs: number, longestMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#random = random;
  }

  // At least half of the first step, so that no loop runs hot.
  nextMs(): number {
    const ceiling = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return this.#firstMs / 2 + this.#random() * (ceiling - this.#firstMs / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
