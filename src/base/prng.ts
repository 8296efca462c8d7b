/**
 * A small seeded generator (splitmix32): the same seed gives the same sequence on every machine.
 * For choices that must replay, never for secrets.
 */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Uniform over 0 .. 2^32 - 1. */
  nextUint32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** Uniform over 0 .. limit - 1; `limit` from 1 to 2^32. */
  below(limit: number): number {
    return Math.floor((this.nextUint32() / 0x1_0000_0000) * limit);
  }

  /** Uniform over [0, 1), 32 bits of it. */
  nextFloat(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }
}
