import { inspect } from "node:util";
import { tryCompile } from "../base/compile-code.ts";
import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { rootsEnd, rootsStart, STRUCK } from "./batch-roots.ts";
import type { FieldSpec } from "./field-spec.ts";
import type { AnyTuple, TupleInfo } from "./tuple.ts";
import type { TupleBatch } from "./tuple-batch.ts";

/** What all tuples of a class have in common. */
export interface TupleSource {
  /** Name of the consumer's input that receives them. */
  readonly input: string;
  /** True for a consumer with several inputs: its tuples have `$input`. */
  readonly hasInputName: boolean;
  /** By edge index: where tuples that travel on that edge come from. */
  readonly sources: readonly StreamSource[];
  /** What is known of the trees that tuples belong to; null where nothing is tracked. */
  readonly trees?: TreeView | null;
}

/** The pending trees as a tuple sees them. */
export interface TreeView {
  attemptOf(slot: number): number;
  generationOf(slot: number): number;
  hasFailed(slot: number, generation: number): boolean;
}

export interface StreamSource {
  readonly component: string;
  readonly stream: string;
}

/** A received tuple as the engine sees it: one row of a batch. */
export interface RowTuple extends AnyTuple {
  readonly $batch: TupleBatch;
  readonly $row: number;
}

export type TupleClass = new (batch: TupleBatch, row: number) => RowTuple;

/**
 * Makes the class of the tuples that an input with these columns receives. `new C(batch, row)` shows that row: each
 * field is a getter of the prototype that reads the batch's column, so that a tuple is two words and costs nothing
 * but its allocation. The batch must hold the columns in this order. A tuple stays good as long as its batch is left
 * alone.
 */
export function tupleClassFor(columns: readonly FieldSpec[], source: TupleSource): TupleClass {
  const shape = tryCompile<() => TupleShape>([], shapeSource(columns.length))?.() ?? sharedShape(columns.length);
  const names = columns.map((spec) => spec.name);
  const prototype = shape.TupleClass.prototype as object;
  defineGetter(prototype, "$", function (this: RowTuple) {
    return new RowInfo(this, source, names);
  });
  if (source.hasInputName) defineGetter(prototype, "$input", () => source.input);
  const toPlain = function (this: RowTuple): Record<string, unknown> {
    return Object.fromEntries(names.map((name, k) => [name, this.$batch.columns[k]![this.$row]]));
  };
  defineHidden(prototype, "toJSON", toPlain);
  defineHidden(prototype, inspect.custom, function (this: RowTuple) {
    return new Tuple(toPlain.call(this));
  });
  names.forEach((name, k) => {
    defineGetter(prototype, name, shape.getters[k]!);
  });
  return shape.TupleClass;
}

/** The parts of a tuple class whose speed matters. */
export interface TupleShape {
  readonly TupleClass: TupleClass;
  /** By column. */
  readonly getters: readonly ((this: RowTuple) => unknown)[];
}

/** Code of its own for each class, see `tryCompile`. */
export function shapeSource(columnCount: number): string {
  const getters = Array.from(
    { length: columnCount },
    (_, k) => `function () { return this.$batch.columns[${k}][this.$row]; },`,
  );
  return [
    "return {",
    "TupleClass: class Tuple { constructor(batch, row) { this.$batch = batch; this.$row = row; } },",
    `getters: [${getters.join("\n")}],`,
    "};",
  ].join("\n");
}

/** The same without making code at run time; slow when many classes are in use. */
export function sharedShape(columnCount: number): TupleShape {
  class ReceivedTuple {
    readonly $batch: TupleBatch;
    readonly $row: number;

    constructor(batch: TupleBatch, row: number) {
      this.$batch = batch;
      this.$row = row;
    }
  }
  const getters = Array.from({ length: columnCount }, (_, k) => {
    return function (this: RowTuple): unknown {
      return this.$batch.columns[k]![this.$row];
    };
  });
  return { TupleClass: ReceivedTuple as unknown as TupleClass, getters };
}

function defineGetter(prototype: object, name: string, get: (this: RowTuple) => unknown): void {
  Object.defineProperty(prototype, name, { get, enumerable: true, configurable: true });
}

function defineHidden(prototype: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(prototype, name, { value, enumerable: false, configurable: true, writable: true });
}

/** Gives `util.inspect` a name to print before the fields. */
class Tuple {
  constructor(fields: Record<string, unknown>) {
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(fields));
  }
}

/** What `tuple.$` gives; made when asked for, and computed from the tuple on each access. */
class RowInfo implements TupleInfo {
  readonly #tuple: RowTuple;
  readonly #source: TupleSource;
  readonly #names: readonly string[];

  constructor(tuple: RowTuple, source: TupleSource, names: readonly string[]) {
    this.#tuple = tuple;
    this.#source = source;
    this.#names = names;
  }

  get input(): string {
    return this.#source.input;
  }

  get sourceComponent(): string {
    return this.#source.sources[this.#tuple.$batch.edgeIndex]!.component;
  }

  get sourceStream(): string {
    return this.#source.sources[this.#tuple.$batch.edgeIndex]!.stream;
  }

  get sourceTask(): number {
    return this.#tuple.$batch.sourceTask;
  }

  get attempt(): number {
    const trees = this.#source.trees ?? null;
    const { $batch, $row } = this.#tuple;
    if (trees === null || $batch.roots === null) return 0;
    let attempt = 0;
    const end = rootsEnd($batch, $row);
    for (let at = rootsStart($batch, $row); at < end; at += 2) {
      const slot = $batch.roots[at]!;
      const known = $batch.roots[at + 1]!;
      if (slot === STRUCK) attempt = Math.max(attempt, known);
      else if (trees.generationOf(slot) === known) attempt = Math.max(attempt, trees.attemptOf(slot));
    }
    return attempt;
  }

  get isExpired(): boolean {
    const trees = this.#source.trees ?? null;
    const { $batch, $row } = this.#tuple;
    if (trees === null || $batch.roots === null) return false;
    const start = rootsStart($batch, $row);
    const end = rootsEnd($batch, $row);
    for (let at = start; at < end; at += 2) {
      const slot = $batch.roots[at]!;
      if (slot !== STRUCK && !trees.hasFailed(slot, $batch.roots[at + 1]!)) return false;
    }
    return end > start;
  }

  get values(): readonly unknown[] {
    const { $batch, $row } = this.#tuple;
    return this.#names.map((_name, k) => $batch.columns[k]![$row]);
  }

  select(...names: readonly string[]): unknown[] {
    const { $batch, $row } = this.#tuple;
    return names.map((name) => {
      const k = this.#names.indexOf(name);
      if (k < 0) throw unknownField(name, this.#names);
      return $batch.columns[k]![$row];
    });
  }
}

function unknownField(name: string, names: readonly string[]): EngineError {
  const nearest = nearestName(name, names);
  return new EngineError("TUPLE_UNKNOWN_FIELD", {
    problem: `the tuple has no field "${name}"`,
    facts: { fields: names },
    remedy: nearest === null ? "select one of its fields" : `select "${nearest}", or declare "${name}" in the input`,
  });
}
