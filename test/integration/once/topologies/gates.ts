/** Gates under conditions that the story does not have: stores that fail, attempts that hang, rows without trees. */
import { memoryOnceStore, type OnceStore, once, withOnce } from "../../../../src/connectors/once/index.ts";
import {
  basicBolt,
  defineTopology,
  fields,
  fromIterable,
  RichBolt,
  replaying,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

export const Job = fields("id:string", "n:int32");

export interface GateOptions {
  /** Ids of the jobs, in order. */
  readonly ids: readonly string[];
  readonly onBusy?: "wait" | "drop";
  readonly leaseMs?: number;
  readonly waitMaxMs?: number;
  readonly waitingMax?: number;
  /** Every so many, an answer of the store is lost, before or after it has done what it was asked for. */
  readonly loseEvery?: number;
  /** The first attempt of job 0 fails after so long. */
  readonly failsAfterMs?: number;
  readonly source?: "replaying" | "untracked" | "no id";
  /** A bolt stands between the spout and the gate. */
  readonly isBehind?: boolean;
}

/** A store whose answers are lost now and then. */
function losing(every: number): OnceStore {
  const store = memoryOnceStore();
  return {
    async open(context, times) {
      const session = await store.open(context, times);
      let calls = 0;
      return {
        isRemote: true,
        async apply(operations) {
          calls++;
          const isLost = calls % every === 0;
          if (isLost && calls % 2 === 0) throw new Error("asked in vain");
          const answers = await session.apply(operations);
          if (isLost) throw new Error("the answer is lost");
          return answers;
        },
      };
    },
  };
}

class Work extends RichBolt({ input: Job, output: Job, tickMs: 5 }) {
  readonly #failsAfterMs: number;
  #nowMs = () => 0;
  #held: { readonly job: Tuple<typeof Job>; readonly untilMs: number } | null = null;

  constructor(failsAfterMs: number) {
    super();
    this.#failsAfterMs = failsAfterMs;
  }

  override prepare(context: TaskContext): void {
    this.#nowMs = () => context.nowMs();
  }

  override execute(job: Tuple<typeof Job>): void {
    this.collector.emitUnanchored([job.id, job.n]);
    const holds = this.#failsAfterMs > 0 && job.n === 0 && job.$.attempt === 1;
    if (holds) this.#held = { job, untilMs: this.#nowMs() + this.#failsAfterMs };
    else this.collector.ack(job);
  }

  override onTick(): void {
    if (this.#held === null || this.#held.untilMs > this.#nowMs()) return;
    this.collector.fail(this.#held.job, new Error("not done"));
    this.#held = null;
  }
}

export const gates = defineTopology(import.meta.url, (builder, options: GateOptions) => {
  const { ids, onBusy = "wait", leaseMs, waitMaxMs, waitingMax, loseEvery = 0, source, isBehind } = options;
  const Gate = once({
    fields: Job,
    id: source === "no id" ? () => undefined as unknown as string : "id",
    store: loseEvery === 0 ? memoryOnceStore() : losing(loseEvery),
    onBusy,
    ...(leaseMs === undefined ? {} : { leaseMs }),
    ...(waitMaxMs === undefined ? {} : { waitMaxMs }),
    ...(waitingMax === undefined ? {} : { waitingMax }),
  });
  const failsAfterMs = options.failsAfterMs ?? 0;
  const jobs = fromIterable(Job, () => ids.map((id, n): [string, number] => [id, n]));
  const tracked = replaying(jobs, { retries: 1000, backoff: { firstMs: 5, maxMs: 50 }, deadLetter: "dead" });
  const watched = builder.setSpout("jobs", source === "untracked" ? Gate.watch(jobs) : Gate.watch(tracked));
  const between = basicBolt({
    input: withOnce(Job),
    output: withOnce(Job),
    execute: (job, collector) => collector.emit([job.id, job.n, job.onceId, job.onceToken]),
  });
  const rows = isBehind ? builder.setBolt("between", between).shuffleGrouping(watched) : watched;
  const gate = builder
    .setBolt("gate", Gate, { parallelism: 2 })
    .fieldsGrouping(rows, ["onceId"], { as: "rows" })
    .fieldsGrouping(watched.stream("outcomes"), ["onceId"], { as: "outcomes" });
  const work = builder.setBolt("work", Work, { create: () => new Work(failsAfterMs) }).shuffleGrouping(gate);
  return { done: builder.output(work) };
});
