import {
  defineTopology,
  fields,
  fromIterable,
  type OutputCollector,
  RichBolt,
  replaying,
  Spout,
  type SpoutStart,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

export interface RestartingOptions {
  readonly source: "replaying" | "plain" | "positions";
  readonly rows: number;
  readonly delayMs: number;
  /** The row before which the source throws, once. */
  readonly sourceThrowsAt?: number;
  /** The spout's `ack` throws, once, when everything is emitted. Of the source with positions. */
  readonly ackThrows?: boolean;
  /** The row at which the bolt throws, once for each worker. */
  readonly boltThrowsAt?: number;
  /** The bolt keeps odd rows, which come again, until they do. */
  readonly holdsOdd?: boolean;
}

const N = fields("n:int32");
const Told = fields("life:int32", "id:int32", "n:int32");

interface Memory {
  lives: number;
  readonly thrown: Set<string>;
}

/** What outlives an instance, but not its thread. */
function memoryOf(context: TaskContext): Memory {
  return context.shared(`memory of ${context.taskId}`, () => ({ lives: 0, thrown: new Set<string>() }));
}

function throwOnce(memory: Memory, what: string): void {
  if (memory.thrown.has(what)) return;
  memory.thrown.add(what);
  throw new Error(`planted in ${what}`);
}

function* rowsOf(context: TaskContext, { rows, sourceThrowsAt }: RestartingOptions): Generator<[number]> {
  for (let n = 0; n < rows; n++) {
    if (n === sourceThrowsAt) throwOnce(memoryOf(context), "source");
    yield [n];
  }
}

/** Begins behind the position that it is opened with, and numbers its tuples from 0 in each life. */
class Positions extends Spout({ output: { default: N, told: Told } }) {
  readonly #options: RestartingOptions;
  #memory!: Memory;
  #next = 0;
  #life = 0;
  readonly #rows: number[] = [];

  constructor(options: RestartingOptions) {
    super();
    this.#options = options;
  }

  override open(context: TaskContext, { position }: SpoutStart): void {
    this.#memory = memoryOf(context);
    this.#life = ++this.#memory.lives;
    this.#next = position === undefined ? 0 : (position as number) + 1;
  }

  nextTuple() {
    const n = this.#next;
    if (n === this.#options.rows) return "exhausted";
    if (n === this.#options.sourceThrowsAt) throwOnce(this.#memory, "nextTuple");
    this.#next++;
    this.collector.emit([n], this.#rows.push(n) - 1, n);
    return undefined;
  }

  override ack(id: unknown): void {
    if (this.#options.ackThrows === true && this.#next === this.#options.rows) throwOnce(this.#memory, "ack");
    this.collector.emitTo("told", [this.#life, id as number, this.#rows[id as number]!]);
  }
}

class Keep extends RichBolt({ input: N, output: N }) {
  readonly #options: RestartingOptions;
  #memory!: Memory;
  readonly #held = new Map<number, Tuple<typeof N>>();

  constructor(options: RestartingOptions) {
    super();
    this.#options = options;
  }

  override prepare(context: TaskContext): void {
    this.#memory = memoryOf(context);
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<typeof N>): void {
    const { n } = tuple;
    const { boltThrowsAt, holdsOdd, sourceThrowsAt = 0 } = this.#options;
    if (boltThrowsAt !== undefined && n >= boltThrowsAt) throwOnce(this.#memory, "execute");
    // Anchored, a tree would wait for the program that reads the output.
    if (holdsOdd === true) collector.emitUnanchored([n]);
    else collector.emit(tuple, [n]);
    const held = this.#held.get(n);
    if (holdsOdd === true && held === undefined && n % 2 === 1 && n < sourceThrowsAt) {
      this.#held.set(n, tuple);
      return;
    }
    // Of a tuple that came before the restart, with what may be the id of another one by now.
    if (held !== undefined) collector.ack(held);
    collector.ack(tuple);
  }
}

/** numbers → keep; what keep saw, and what the spout was told. */
export const restarting = defineTopology(import.meta.url, (builder, options: RestartingOptions) => {
  const settings = { onError: { backoff: { kind: "fixed", delayMs: options.delayMs } } } as const;
  const plain = fromIterable(N, (context) => rowsOf(context, options));
  if (options.source === "positions") {
    const numbers = builder.setSpout("numbers", Positions, { ...settings, create: () => new Positions(options) });
    const keep = builder.setBolt("keep", Keep, { ...settings, parallelism: 1, create: () => new Keep(options) });
    keep.shuffleGrouping(numbers);
    return { rows: builder.output(keep), told: builder.output(numbers.stream("told")) };
  }
  const numbers =
    options.source === "plain"
      ? builder.setSpout("numbers", plain)
      : builder.setSpout("numbers", replaying(plain, { backoff: { firstMs: 5 } }), settings);
  const parallelism = options.holdsOdd === true ? 1 : 2;
  const keep = builder.setBolt("keep", Keep, { ...settings, parallelism, create: () => new Keep(options) });
  keep.shuffleGrouping(numbers);
  return { rows: builder.output(keep) };
});
