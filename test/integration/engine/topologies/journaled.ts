import type { BasicCollector } from "../../../../src/index.ts";
import { BasicBolt, defineTopology, fields, Spout, type TaskContext, type Tuple } from "../../../../src/index.ts";
import { type Journal, note } from "../journal.ts";

export interface JournaledOptions {
  readonly journal: Journal;
  /** Tuples that the spout emits before it is exhausted; -1 for endless. */
  readonly rows: number;
  /** A hook of the task of "last" (or of those of "middle") that never settles, or never returns. */
  readonly hang?: "prepare" | "execute" | "cleanup" | "execute blocks" | "cleanup of middle";
}

const Value = fields("value:int32");

class Journaling {
  readonly #options: JournaledOptions;
  #name = "";
  constructor(options: JournaledOptions) {
    this.#options = options;
  }
  begin(context: TaskContext): void {
    this.#name = `${context.component}#${context.taskIndex}`;
  }
  note(hook: string): void {
    note(this.#options.journal, `${this.#name} ${hook}`);
  }
}

class Source extends Spout({ output: Value }) {
  readonly #journal: Journaling;
  readonly #rows: number;
  #next = 0;
  constructor(options: JournaledOptions) {
    super();
    this.#journal = new Journaling(options);
    this.#rows = options.rows;
  }
  override open(context: TaskContext) {
    this.#journal.begin(context);
    this.#journal.note("open");
  }
  nextTuple() {
    if (this.#next === this.#rows) return "exhausted" as const;
    this.collector.emit([this.#next++]);
    return undefined;
  }
  override activate() {
    this.#journal.note("activate");
  }
  override deactivate() {
    this.#journal.note("deactivate");
  }
  override close() {
    this.#journal.note("close");
  }
}

class Pass extends BasicBolt({ input: Value, output: Value }) {
  readonly #journal: Journaling;
  readonly #hang: JournaledOptions["hang"];
  #signal: AbortSignal | null = null;
  constructor(options: JournaledOptions, hang: JournaledOptions["hang"]) {
    super();
    this.#journal = new Journaling(options);
    this.#hang = hang;
  }
  override prepare(context: TaskContext) {
    this.#journal.begin(context);
    this.#journal.note("prepare");
    this.#signal = context.signal;
    this.#signal.addEventListener("abort", () => this.#journal.note("signal"));
    return this.#maybeHang("prepare");
  }
  execute(tuple: Tuple<typeof Value>, collector: BasicCollector<typeof Value>) {
    if (this.#hang === "execute blocks") for (;;);
    collector.emit([tuple.value]);
    return this.#maybeHang("execute");
  }
  override onFlush() {
    this.#journal.note("onFlush");
  }
  override onEnd() {
    this.#journal.note("onEnd");
  }
  override activate() {
    this.#journal.note("activate");
  }
  override deactivate() {
    this.#journal.note("deactivate");
  }
  override cleanup() {
    this.#journal.note("cleanup");
    return this.#maybeHang("cleanup");
  }
  #maybeHang(hook: string): Promise<void> | undefined {
    return this.#hang === hook ? new Promise<void>(() => {}) : undefined;
  }
}

/** One spout, two middle tasks, one last task; every hook is noted in the journal. */
export const journaled = defineTopology(import.meta.url, (builder, options: JournaledOptions) => {
  const middleHang = options.hang === "cleanup of middle" ? "cleanup" : undefined;
  const source = builder.setSpout("source", Source, { create: () => new Source(options) });
  const middle = builder
    .setBolt("middle", Pass, { parallelism: 2, create: () => new Pass(options, middleHang) })
    .shuffleGrouping(source);
  builder.setBolt("last", Pass, { create: () => new Pass(options, options.hang) }).globalGrouping(middle);
});
