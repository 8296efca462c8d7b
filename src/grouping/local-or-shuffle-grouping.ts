import type { Prng } from "../base/prng.ts";
import { SingleGrouping, type TargetLoad } from "./grouping.ts";
import { ShuffleGrouping } from "./shuffle-grouping.ts";

/**
 * Round-robin over the tasks of the producer's own worker, as long as they keep up. When the one whose turn it is has
 * `markRows` waiting, the tuple goes to any other task that has less; when none has, to all in turn.
 *
 * A worker is one thread here, not a whole process: one producer must be able to feed every core.
 */
export class LocalOrShuffleGrouping extends SingleGrouping {
  readonly #locals: readonly number[];
  readonly #targetCount: number;
  readonly #load: TargetLoad;
  readonly #markRows: number;
  readonly #shuffle: ShuffleGrouping;
  #nextLocal: number;
  #nextOther: number;

  constructor(isLocal: readonly boolean[], load: TargetLoad, markRows: number, prng: Prng) {
    super();
    this.#locals = isLocal.flatMap((local, target) => (local ? [target] : []));
    this.#targetCount = isLocal.length;
    this.#load = load;
    this.#markRows = markRows;
    this.#shuffle = new ShuffleGrouping(isLocal.length, prng);
    this.#nextLocal = prng.below(Math.max(1, this.#locals.length));
    this.#nextOther = prng.below(isLocal.length);
  }

  choose(): number {
    const localCount = this.#locals.length;
    if (localCount === 0) return this.#shuffle.choose();
    const turn = this.#nextLocal;
    this.#nextLocal = turn + 1 === localCount ? 0 : turn + 1;
    const local = this.#locals[turn]!;
    return this.#load.pendingTuples(local) < this.#markRows ? local : this.#chooseOther();
  }

  #chooseOther(): number {
    let target = this.#nextOther;
    for (let tried = 0; tried < this.#targetCount; tried++) {
      const following = target + 1 === this.#targetCount ? 0 : target + 1;
      if (this.#load.pendingTuples(target) < this.#markRows) {
        this.#nextOther = following;
        return target;
      }
      target = following;
    }
    return this.#shuffle.choose();
  }
}
