import type { Prng } from "../base/prng.ts";
import { SingleGrouping } from "./grouping.ts";

/** Strict round-robin: after any number of tuples, no two targets differ by more than one. */
export class ShuffleGrouping extends SingleGrouping {
  readonly #targetCount: number;
  #next: number;

  /** Starts anywhere, so that many producers do not begin with the same task. */
  constructor(targetCount: number, prng: Prng) {
    super();
    this.#targetCount = targetCount;
    this.#next = prng.below(targetCount);
  }

  choose(): number {
    const chosen = this.#next;
    this.#next = chosen + 1 === this.#targetCount ? 0 : chosen + 1;
    return chosen;
  }
}
