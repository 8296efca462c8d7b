import type { Prng } from "../base/prng.ts";
import { SingleGrouping } from "./grouping.ts";

/** Uniformly at random, tuple by tuple. */
export class NoneGrouping extends SingleGrouping {
  readonly #targetCount: number;
  readonly #prng: Prng;

  constructor(targetCount: number, prng: Prng) {
    super();
    this.#targetCount = targetCount;
    this.#prng = prng;
  }

  choose(): number {
    return this.#prng.below(this.#targetCount);
  }
}
