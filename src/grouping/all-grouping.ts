import { MultiGrouping } from "./grouping.ts";

/** Every task receives every tuple. */
export class AllGrouping extends MultiGrouping {
  readonly #targetCount: number;

  constructor(targetCount: number) {
    super();
    this.#targetCount = targetCount;
  }

  choose(_values: readonly unknown[], out: number[]): number {
    for (let target = 0; target < this.#targetCount; target++) out[target] = target;
    return this.#targetCount;
  }
}
