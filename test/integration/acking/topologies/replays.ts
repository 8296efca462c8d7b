/** Replaying spouts over bolts that fail, forget or are slow, by a rule that depends on tuple and attempt. */
import { Prng } from "../../../../src/base/prng.ts";
import {
  DeadLetter,
  defineTopology,
  fields,
  fromAsyncIterable,
  fromIterable,
  type Letter,
  type OutputCollector,
  type ReplayRules,
  RichBolt,
  replaying,
  Spout,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

export const N = fields("n:int32");
/** One line per execution (`done` false) and one per ack that was no late side effect (`done` true). */
export const Seen = fields("n:int32", "attempt:int32", "atMs:float64", "done:bool", "expired:bool");

export type Behaviour =
  | { readonly kind: "fail up to attempt"; readonly attempt: number }
  | { readonly kind: "slow"; readonly holdMs: number }
  | { readonly kind: "forget" }
  | { readonly kind: "random"; readonly seed: number; readonly slowMs: number };

export interface ReplayTestOptions {
  readonly rows: number;
  readonly behaviour: Behaviour;
  readonly retries?: number;
  readonly on?: ReplayRules;
  readonly firstMs?: number;
}

/** What it does to a tuple: at once, or when its time has come. */
type Deed = "ack" | "fail" | "forget" | "slow ack" | "slow fail";

class Worker extends RichBolt({ input: N, output: Seen, tickMs: 5 }) {
  readonly #behaviour: Behaviour;
  #nowMs: () => number = () => 0;
  #openGate: () => void = () => {};
  #held: { tuple: Tuple<typeof N>; untilMs: number; fails: boolean }[] = [];

  constructor(behaviour: Behaviour) {
    super();
    this.#behaviour = behaviour;
  }

  override prepare(context: TaskContext): void {
    this.#nowMs = () => context.nowMs();
    this.#openGate = gateOf(context).open;
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<typeof Seen>): void {
    this.#tell(tuple, collector, false);
    const deed = this.#deedFor(tuple.n, tuple.$.attempt);
    const holdMs = "holdMs" in this.#behaviour ? this.#behaviour.holdMs : this.#slowMs(tuple);
    if (deed === "ack") this.#ack(tuple, collector);
    else if (deed === "fail") collector.fail(tuple, new Error(`no ${tuple.n}`));
    else if (deed !== "forget") {
      this.#held.push({ tuple, untilMs: this.#nowMs() + holdMs, fails: deed === "slow fail" });
    }
  }

  override onTick(collector: OutputCollector<typeof Seen>): void {
    const nowMs = this.#nowMs();
    const due = this.#held.filter(({ untilMs }) => untilMs <= nowMs);
    this.#held = this.#held.filter(({ untilMs }) => untilMs > nowMs);
    for (const { tuple, fails } of due) {
      if (fails) collector.fail(tuple, new Error(`late ${tuple.n}`));
      else this.#ack(tuple, collector);
    }
  }

  #ack(tuple: Tuple<typeof N>, collector: OutputCollector<typeof Seen>): void {
    this.#tell(tuple, collector, true);
    collector.ack(tuple);
    this.#openGate();
  }

  #tell({ n, $ }: Tuple<typeof N>, collector: OutputCollector<typeof Seen>, done: boolean): void {
    collector.emitUnanchored([n, $.attempt, this.#nowMs(), done, $.isExpired]);
  }

  #slowMs({ n, $ }: Tuple<typeof N>): number {
    return this.#behaviour.kind === "random" ? 1 + ((n * 7 + $.attempt * 13) % this.#behaviour.slowMs) : 0;
  }

  #deedFor(n: number, attempt: number): Deed {
    switch (this.#behaviour.kind) {
      case "fail up to attempt":
        return attempt <= this.#behaviour.attempt ? "fail" : "ack";
      case "slow":
        return "slow ack";
      case "forget":
        return "forget";
      case "random": {
        const prng = new Prng(this.#behaviour.seed + Math.imul(n, 0x9e3779b1) + attempt);
        prng.nextUint32();
        return (["ack", "fail", "forget", "slow ack", "slow fail"] as const)[prng.below(5)]!;
      }
    }
  }
}

const upTo = (rows: number) => Array.from({ length: rows }, (_, n): [number] => [n]);

/** numbers → worker → the program, and numbers:dead → the program. */
export const replays = defineTopology(import.meta.url, (builder, options: ReplayTestOptions) => {
  const { rows, behaviour, retries = 3, on = {}, firstMs = 100 } = options;
  const source = fromIterable(N, () => upTo(rows));
  const numbers = builder.setSpout(
    "numbers",
    replaying(source, { id: ({ n }) => `#${n}`, retries, on, backoff: { firstMs }, deadLetter: "dead" }),
  );
  const worker = builder
    .setBolt("worker", Worker, { create: () => new Worker(behaviour) })
    .fieldsGrouping(numbers, ["n"]);
  return { seen: builder.output(worker), dead: builder.output(numbers.stream("dead")) };
});

/** Letters that the callback got, where the program runs in the same thread. */
export const letters: Letter<typeof N>[] = [];

export const withCallback = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    replaying(
      fromIterable(N, () => upTo(2)),
      { retries: 0, deadLetter: (letter) => void letters.push(letter) },
    ),
  );
  builder
    .setBolt("worker", Worker, { create: () => new Worker({ kind: "fail up to attempt", attempt: 9 }) })
    .shuffleGrouping(numbers);
});

/** A source that has one row, then nothing until that row was acked, then another. On one worker. */
export const silentSource = defineTopology(import.meta.url, (builder) => {
  const source = fromAsyncIterable(N, async function* (context) {
    yield [0];
    await gateOf(context).opened;
    yield [1];
  });
  const numbers = builder.setSpout("numbers", replaying(source, { backoff: { firstMs: 5 } }));
  const worker = builder
    .setBolt("worker", Worker, { create: () => new Worker({ kind: "fail up to attempt", attempt: 2 }) })
    .shuffleGrouping(numbers);
  return { seen: builder.output(worker) };
});

/** Opened by the first ack of the worker's bolt. */
function gateOf(context: TaskContext): { readonly opened: Promise<void>; open(): void } {
  return context.shared("gate", () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { opened, open };
  });
}

export interface PacedOptions {
  readonly tuples: number;
  readonly perCall: number;
  readonly tracked: boolean;
}

export const At = fields("n:int32", "atMs:float64");

/** Emits rows with the time of their emit, as fast as it may. */
class Paced extends Spout({ output: At }) {
  readonly #options: PacedOptions;
  #nowMs: () => number = () => 0;
  #next = 0;

  constructor(options: PacedOptions) {
    super();
    this.#options = options;
  }

  override open(context: TaskContext): void {
    this.#nowMs = () => context.nowMs();
  }

  override nextTuple() {
    const { tuples, perCall, tracked } = this.#options;
    for (let i = 0; i < perCall; i++) {
      if (this.#next === tuples) return "exhausted";
      const id = tracked ? this.#next : undefined;
      this.collector.emit([this.#next++, this.#nowMs()], id);
    }
    return undefined;
  }
}

export const paced = defineTopology(import.meta.url, (builder, options: PacedOptions) => {
  const spout = builder.setSpout("paced", Paced, { create: () => new Paced(options) });
  return { rows: builder.output(spout) };
});

/** For the test of types. */
export const letterFields = DeadLetter;

/** Acks the even numbers, and keeps the others, unless it is told to ack them too. */
class Even extends RichBolt({ input: N, output: N }) {
  readonly #acksAll: boolean;

  constructor(acksAll: boolean) {
    super();
    this.#acksAll = acksAll;
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<typeof N>): void {
    if (tuple.n % 2 === 1 && !this.#acksAll) return;
    collector.emitUnanchored([tuple.n]);
    collector.ack(tuple);
  }
}

/** For runs that are broken off, and begun again where they were. */
export const halfDone = defineTopology(import.meta.url, (builder, options: { rows: number; acksAll: boolean }) => {
  const source = fromIterable(N, () => upTo(options.rows));
  const numbers = builder.setSpout("numbers", replaying(source, { retries: Number.POSITIVE_INFINITY }));
  const even = builder.setBolt("even", Even, { create: () => new Even(options.acksAll) }).shuffleGrouping(numbers);
  return { acked: builder.output(even) };
});
