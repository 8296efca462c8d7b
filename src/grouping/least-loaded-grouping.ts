import type { Prng } from "../base/prng.ts";
import { SingleGrouping, type TargetLoad } from "./grouping.ts";

/** The task with the fewest tuples waiting, as far as the producer knows; equals take turns. Looks at every task. */
export class LeastLoadedGrouping extends SingleGrouping {
  readonly #targetCount: number;
  readonly #load: TargetLoad;
  #next: number;

  constructor(targetCount: number, load: TargetLoad, prng: Prng) {
    super();
    this.#targetCount = targetCount;
    this.#load = load;
    this.#next = prng.below(targetCount);
  }

  choose(): number {
    let chosen = this.#next;
    let fewest = this.#load.pendingTuples(chosen);
    let target = chosen;
    for (let tried = 1; tried < this.#targetCount && fewest > 0; tried++) {
      target = target + 1 === this.#targetCount ? 0 : target + 1;
      const pending = this.#load.pendingTuples(target);
      if (pending < fewest) {
        fewest = pending;
        chosen = target;
      }
    }
    this.#next = chosen + 1 === this.#targetCount ? 0 : chosen + 1;
    return chosen;
  }
}
