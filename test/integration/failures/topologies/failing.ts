import {
  BasicBolt,
  type BasicCollector,
  type ComponentSettings,
  DroppedRow,
  defineTopology,
  type FailurePolicy,
  fields,
  type OutputCollector,
  RichBolt,
  Spout,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

export const N = fields("n:int32");
const OUT = { default: N, dead: DroppedRow };
/** What a spout learned of its tuples. */
export const Outcome = fields("id:int32", "outcome:string", "component:string?");

export interface FailingOptions {
  readonly tuples: number;
  /** What the bolt does: see Leaf and Plain. */
  readonly behaviour: string;
  readonly style?: "rich" | "basic";
  readonly onError?: FailurePolicy;
  readonly restartsMax?: number | null;
  readonly restartSpanMs?: number;
  readonly concurrency?: number;
  readonly tickMs?: number;
  /** In which hook the spout throws, once. */
  readonly spoutThrows?: "nextTuple" | "ack" | "fail" | "open again";
  /** Drops tuples, and hands them to a function: it notes the number here, or throws. */
  readonly deadLetters?: Int32Array | "throws";
  /** Emits without ids. */
  readonly untracked?: boolean;
  /** Never says that it is exhausted. */
  readonly endless?: boolean;
  readonly seed?: number;
}

const QUICK = { kind: "fixed", delayMs: 5 } as const;

/** What outlives an instance, as a source outside would: shared by the tasks of one worker, per task. */
interface Memory {
  next: number;
  settled: number;
  lives: number;
  thrown: Set<string>;
}

function memoryOf(context: { shared<T>(name: string, create: () => T): T; taskId: number }): Memory {
  return context.shared(`memory of ${context.taskId}`, () => ({ next: 0, settled: 0, lives: 0, thrown: new Set() }));
}

function throwOnce(memory: Memory, what: string): void {
  if (memory.thrown.has(what)) return;
  memory.thrown.add(what);
  throw new Error(`planted in ${what}`);
}

/** Emits 0 .. tuples-1 with ids, goes on where its last instance stopped, and tells the outcome of each. */
class Numbers extends Spout({ output: { default: N, outcomes: Outcome } }) {
  readonly #options: FailingOptions;
  #memory!: Memory;

  constructor(options: FailingOptions) {
    super();
    this.#options = options;
  }

  override open(context: Parameters<typeof memoryOf>[0]): void {
    this.#memory = memoryOf(context);
    this.#memory.lives++;
    if (this.#options.spoutThrows === "open again" && this.#memory.lives === 2) throw new Error("planted in open");
  }

  nextTuple() {
    const { tuples, untracked, endless, spoutThrows } = this.#options;
    const memory = this.#memory;
    if (memory.next === tuples) {
      return (memory.settled === tuples || untracked === true) && endless !== true ? "exhausted" : "idle";
    }
    if (memory.next === 3 && spoutThrows === "open again") throwOnce(memory, "nextTuple");
    if (memory.next === 3 && spoutThrows === "nextTuple") throwOnce(memory, "nextTuple");
    const n = memory.next++;
    if (untracked === true) this.collector.emit([n]);
    else this.collector.emit([n], n);
    return undefined;
  }

  override ack(id: unknown): void {
    this.#memory.settled++;
    this.collector.emitTo("outcomes", [id as number, "acked", null]);
    if (this.#options.spoutThrows === "ack" && id === 3) throwOnce(this.#memory, "ack");
  }

  override fail(id: unknown, info: { reason: string; component: string | null; error: unknown }): void {
    this.#memory.settled++;
    const text = info.error instanceof Error ? `${info.reason}: ${info.error.message}` : info.reason;
    this.collector.emitTo("outcomes", [id as number, text, info.component]);
    if (this.#options.spoutThrows === "fail") throwOnce(this.#memory, "fail");
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** A rich bolt whose behaviour is a word. */
class Leaf extends RichBolt({ input: N, output: OUT }) {
  readonly #behaviour: string;
  readonly #seed: number;
  #memory!: Memory;
  #held: Tuple<typeof N>[] = [];
  #underWay = 0;
  #seen: () => void = () => {};

  constructor({ behaviour, seed = 0 }: FailingOptions) {
    super();
    this.#behaviour = behaviour;
    this.#seed = seed;
  }

  override prepare(context: TaskContext): void {
    if (this.#behaviour === "hooks") this.#addHook(context);
    this.#memory = memoryOf(context);
    this.#memory.lives++;
    if (this.#behaviour === "prepare fails" && this.#memory.lives > 1) throw new Error("planted in prepare");
    if (this.#behaviour === "prepare fails once" && this.#memory.lives === 2) throw new Error("planted in prepare");
  }

  /** Says on the output what the hook is told, as numbers. */
  #addHook(context: TaskContext): void {
    const out = this.collector;
    const seen = { emit: 0, boltExecute: 0, boltAck: 0, boltFail: 0 };
    context.addTaskHook({
      emit: () => void seen.emit++,
      boltExecute: () => void seen.boltExecute++,
      boltAck: () => void seen.boltAck++,
      boltFail: () => void seen.boltFail++,
    });
    this.#seen = () => {
      const { emit, boltExecute, boltAck, boltFail } = seen;
      for (const count of [emit, boltExecute, boltAck, boltFail]) out.emitUnanchored([count]);
    };
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<typeof OUT>): void | Promise<void> {
    const { n } = tuple;
    switch (this.#behaviour) {
      case "hooks":
        collector.emit(tuple, [n]);
        if (n % 5 === 0) collector.fail(tuple);
        else collector.ack(tuple);
        if (n === 9) this.#seen();
        return;
      case "always":
        throw new Error(`never ${n}`);
      case "hold all, throw at 5":
        this.#held.push(tuple);
        if (n === 5) throw new Error("five");
        if (n > 5) for (const held of this.#held.splice(0)) collector.ack(held);
        return;
      case "late after restart":
        if (n === 0) this.#held.push(tuple);
        if (n > 1) collector.ack(tuple);
        if (n !== 1) return;
        setTimeout(() => this.#speakLate(this.#held[0]!), 1);
        throw new Error("one");
      case "async, reject at 5":
        this.#underWay++;
        if (this.#underWay > 8) collector.emitUnanchored([this.#underWay]);
        return turn().then(() => {
          this.#underWay--;
          if (n === 5) throw new Error("five");
          collector.ack(tuple);
        });
      case "busy":
        if (n === 20) for (const startMs = performance.now(); performance.now() - startMs < 1_500; );
        collector.ack(tuple);
        return;
      case "never settles":
        return n === 2 ? new Promise(() => {}) : collector.ack(tuple);
      case "hold for ever":
        return n < 3 ? undefined : collector.ack(tuple);
      case "ack, then throw at 2":
        collector.ack(tuple);
        if (n === 2) throw new Error("two");
        return;
      case "onTick":
      case "onFlush":
        this.#held.push(tuple);
        if (this.#behaviour === "onTick" && this.#memory.thrown.has("onTick")) collector.ack(this.#held.pop()!);
        return;
      case "random":
        return this.#atRandom(tuple, collector);
      default:
        if (n === 2) throw new Error("two");
        collector.ack(tuple);
        return;
    }
  }

  #speakLate(tuple: Tuple<typeof N>): void {
    this.collector.emit(tuple, [1_000]);
    this.collector.emitUnanchored([2_000]);
    this.collector.ack(tuple);
  }

  /** The same for each tuple and seed, whatever thread it is on. */
  #atRandom(tuple: Tuple<typeof N>, collector: OutputCollector<typeof OUT>): void | Promise<void> {
    const chance = (Math.imul(tuple.n + 1, 0x9e3779b1) ^ Math.imul(this.#seed, 0x85ebca6b)) >>> 7;
    switch (chance % 12) {
      case 0:
        throw new Error("random");
      case 1:
        collector.ack(tuple);
        throw new Error("after its ack");
      case 2:
        return turn().then(() => {
          throw new Error("later");
        });
      case 3:
        return turn().then(() => collector.ack(tuple));
      case 4:
        collector.fail(tuple, new Error("failed"));
        return;
      case 5:
        setTimeout(() => collector.ack(tuple), 2);
        return;
      case 6:
        this.#held.push(tuple);
        return;
      case 7:
        for (const held of this.#held.splice(0)) collector.ack(held);
        collector.ack(tuple);
        return;
      default:
        collector.emit(tuple, [tuple.n]);
        collector.ack(tuple);
    }
  }

  override onTick(): void {
    if (this.#behaviour === "onTick" && this.#held.length >= 3) throwOnce(this.#memory, "onTick");
    if (this.#behaviour === "random" && this.#held.length > 20) throw new Error("too many");
  }

  override onFlush(collector: OutputCollector<typeof OUT>): void {
    if (this.#behaviour === "onFlush") {
      throwOnce(this.#memory, "onFlush");
      collector.emitUnanchored([77]);
    }
    if (this.#behaviour === "hold for ever") return;
    for (const held of this.#held.splice(0)) collector.ack(held);
  }

  override cleanup(): void {
    if (this.#behaviour === "cleanup fails" && this.#memory.lives === 1) throw new Error("planted in cleanup");
  }
}

class Plain extends BasicBolt({ input: N, output: OUT }) {
  readonly #behaviour: string;

  constructor({ behaviour }: FailingOptions) {
    super();
    this.#behaviour = behaviour;
  }

  execute({ n }: Tuple<typeof N>, collector: BasicCollector<typeof OUT>): void {
    if (this.#behaviour === "always" || n === 2) throw new Error(this.#behaviour === "always" ? `never ${n}` : "two");
    collector.emit([n]);
  }
}

function droppingTo(notes: Int32Array | "throws"): FailurePolicy {
  return {
    policy: "drop",
    deadLetter({ component, taskId, tuple, error }) {
      if (notes === "throws") throw new Error("planted in deadLetter");
      const isRight = component === "leaf" && taskId > 0 && (error as Error).message === "two";
      notes[0] = isRight ? (tuple as Tuple<typeof N>).n : -1;
    },
  };
}

/** numbers → leaf → sink; what the spout hears, what is dropped and what comes out are outputs. */
export const failing = defineTopology(import.meta.url, (builder, options: FailingOptions) => {
  const { onError, concurrency, tickMs, restartsMax, restartSpanMs } = options;
  const limits = {
    ...(restartsMax === undefined ? {} : { restartsMax }),
    ...(restartSpanMs === undefined ? {} : { restartSpanMs }),
  };
  const config = {
    ...limits,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(tickMs === undefined ? {} : { tickMs }),
  };
  const settings: Pick<ComponentSettings<object>, "onError" | "config"> = {
    config,
    onError: options.deadLetters === undefined ? (onError ?? { backoff: QUICK }) : droppingTo(options.deadLetters),
  };
  const numbers = builder.setSpout("numbers", Numbers, {
    create: () => new Numbers(options),
    onError: { backoff: QUICK },
    config: limits,
  });
  const leaf =
    options.style === "basic"
      ? builder.setBolt("leaf", Plain, { ...settings, create: () => new Plain(options) })
      : builder.setBolt("leaf", Leaf, { ...settings, create: () => new Leaf(options) });
  leaf.shuffleGrouping(numbers);
  return {
    outcomes: builder.output(numbers.stream("outcomes")),
    dead: builder.output(leaf.stream("dead")),
    rows: builder.output(leaf),
  };
});
