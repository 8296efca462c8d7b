import {
  BasicBolt,
  basicBolt,
  defineTopology,
  fields,
  Spout,
  type SpoutCollector,
  spout,
  type Tuple,
} from "../../../../src/index.ts";
import { type Journal, note } from "../journal.ts";

export const HOOKS = [
  "spout.constructor",
  "spout.create",
  "spout.open",
  "spout.nextTuple",
  "spout.activate",
  "spout.deactivate",
  "spout.close",
  "bolt.constructor",
  "bolt.create",
  "bolt.prepare",
  "bolt.execute",
  "bolt.onTick",
  "bolt.onFlush",
  "bolt.onEnd",
  "bolt.activate",
  "bolt.deactivate",
  "bolt.cleanup",
] as const;

export type Hook = (typeof HOOKS)[number];
export type Thrown = "error" | "subclass" | "string" | "null" | "undefined" | "stack overflow";

export interface FailingOptions {
  readonly hook: Hook | "none";
  readonly how: "throw" | "reject";
  readonly what: Thrown;
  /** The spout never says that it is exhausted. */
  readonly endless: boolean;
  readonly journal: Journal;
}

export class OrderError extends Error {
  readonly code = "E_ORDER";
  readonly order = 17;
  override readonly name = "OrderError";
}

const Value = fields("value:int32");
const ROWS = 3;

function makeThrown(what: Thrown): unknown {
  switch (what) {
    case "subclass":
      return new OrderError("order 17 is bad", { cause: new TypeError("the root of it") });
    case "string":
      return "just a text";
    case "null":
      return null;
    case "undefined":
      return undefined;
    default:
      return new Error("planted");
  }
}

function throwPlanted(what: Thrown): never {
  if (what === "stack overflow") throwPlantedDeeper(1);
  throw makeThrown(what);
}

function throwPlantedDeeper(depth: number): number {
  return throwPlantedDeeper(depth + 1) + depth;
}

/** Notes the hook, and fails in it if it is the one that was asked for. */
function enter(options: FailingOptions, hook: Hook): void | Promise<void> {
  note(options.journal, hook);
  if (options.hook !== hook) return undefined;
  if (options.how === "throw") throwPlanted(options.what);
  return Promise.resolve().then(() => throwPlanted(options.what));
}

class Source extends Spout({ output: Value }) {
  readonly #options: FailingOptions;
  #emitted = 0;
  constructor(options: FailingOptions) {
    super();
    this.#options = options;
    void enter(options, "spout.constructor");
  }
  override open() {
    return enter(this.#options, "spout.open");
  }
  nextTuple() {
    if (this.#emitted === 0) {
      const failing = enter(this.#options, "spout.nextTuple");
      if (failing !== undefined) return failing;
    }
    if (this.#emitted === ROWS) return this.#options.endless ? "idle" : "exhausted";
    this.collector.emit([this.#emitted++]);
    return undefined;
  }
  override activate() {
    return enter(this.#options, "spout.activate");
  }
  override deactivate() {
    return enter(this.#options, "spout.deactivate");
  }
  override close() {
    return enter(this.#options, "spout.close");
  }
}

class Sink extends BasicBolt({ input: Value, tickMs: 1 }) {
  readonly #options: FailingOptions;
  constructor(options: FailingOptions) {
    super();
    this.#options = options;
    void enter(options, "bolt.constructor");
  }
  override prepare() {
    return enter(this.#options, "bolt.prepare");
  }
  execute(tuple: Tuple<typeof Value>) {
    return tuple.value === 1 ? enter(this.#options, "bolt.execute") : undefined;
  }
  override onTick() {
    return enter(this.#options, "bolt.onTick");
  }
  override onFlush() {
    return enter(this.#options, "bolt.onFlush");
  }
  override onEnd() {
    return enter(this.#options, "bolt.onEnd");
  }
  override activate() {
    return enter(this.#options, "bolt.activate");
  }
  override deactivate() {
    return enter(this.#options, "bolt.deactivate");
  }
  override cleanup() {
    return enter(this.#options, "bolt.cleanup");
  }
}

/** A spout and a bolt, one of whose hooks fails. */
export const failingHooks = defineTopology(import.meta.url, (builder, options: FailingOptions) => {
  const source = builder.setSpout("source", Source, { create: () => new Source(options) });
  builder.setBolt("sink", Sink, { create: () => new Sink(options) }).shuffleGrouping(source);
});

/** The functional forms, one of whose `create` fails. */
export const failingCreate = defineTopology(import.meta.url, (builder, options: FailingOptions) => {
  const source = builder.setSpout(
    "source",
    spout({
      output: Value,
      create: (_context, collector: SpoutCollector<typeof Value>) => {
        const failing = enter(options, "spout.create");
        if (failing !== undefined) return failing.then(() => ({ nextTuple: () => "exhausted" as const }));
        let emitted = 0;
        return {
          nextTuple() {
            if (emitted === ROWS) return "exhausted";
            collector.emit([emitted++]);
            return undefined;
          },
        };
      },
    }),
  );
  builder
    .setBolt(
      "sink",
      basicBolt({
        input: Value,
        create: () => {
          const failing = enter(options, "bolt.create");
          return failing === undefined ? { execute() {} } : failing.then(() => ({ execute() {} }));
        },
      }),
    )
    .shuffleGrouping(source);
});
