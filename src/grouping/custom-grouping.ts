import { EngineError } from "../base/engine-error.ts";
import { MultiGrouping } from "./grouping.ts";
import type { CustomGrouper, CustomGroupingContext, CustomGroupingFactory } from "./grouping-spec.ts";

/** The user's own function, whose every choice is checked: a wrong index would reach a task that is not there. */
export class CustomGrouping extends MultiGrouping {
  readonly #grouper: CustomGrouper;
  readonly #context: CustomGroupingContext;
  /** By target: number of the tuple that last chose it, so that choosing a task twice is seen without a search. */
  readonly #lastChosenBy: Float64Array;
  #tupleNumber = 0;

  /** @throws EngineError GROUPING_BAD_FACTORY, or whatever the factory throws */
  constructor(factory: CustomGroupingFactory, context: CustomGroupingContext) {
    super();
    this.#context = context;
    this.#lastChosenBy = new Float64Array(context.targetTasks.length);
    const grouper: Partial<CustomGrouper> | null | undefined = factory(context);
    if (typeof grouper?.chooseTasks !== "function") {
      throw new EngineError("GROUPING_BAD_FACTORY", {
        problem: `the factory of a custom grouping on stream "${context.stream}" makes no object with chooseTasks`,
        facts: { source: context.sourceComponent, returned: grouper === null ? "null" : typeof grouper },
        remedy: "return { chooseTasks(values) { ... } } from it",
      });
    }
    this.#grouper = grouper as CustomGrouper;
  }

  /** @throws EngineError GROUPING_BAD_CHOICE, or whatever chooseTasks throws */
  choose(values: readonly unknown[], out: number[]): number {
    const chosen = this.#grouper.chooseTasks(values);
    this.#tupleNumber += 1;
    if (typeof chosen === "number") {
      this.#check(chosen, chosen);
      out[0] = chosen;
      return 1;
    }
    if (!Array.isArray(chosen)) throw this.#badChoice("is neither a number nor an array of numbers", chosen);
    const list: readonly number[] = chosen;
    for (let i = 0; i < list.length; i++) {
      this.#check(list[i]!, list);
      out[i] = list[i]!;
    }
    return list.length;
  }

  #check(target: number, chosen: unknown): void {
    if (!(Number.isInteger(target) && target >= 0 && target < this.#lastChosenBy.length)) {
      throw this.#badChoice("holds an index that no task has", chosen);
    }
    if (this.#lastChosenBy[target] === this.#tupleNumber) throw this.#badChoice("names a task twice", chosen);
    this.#lastChosenBy[target] = this.#tupleNumber;
  }

  #badChoice(problem: string, chosen: unknown): EngineError {
    const { sourceComponent, stream, targetTasks } = this.#context;
    return new EngineError("GROUPING_BAD_CHOICE", {
      problem: `what chooseTasks of a custom grouping returned ${problem}`,
      facts: { source: sourceComponent, stream, returned: String(chosen), tasks: targetTasks.length },
      remedy: `return indices into targetTasks: whole numbers from 0 to ${targetTasks.length - 1}, each at most once`,
    });
  }
}
