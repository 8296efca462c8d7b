/**
 * Bills are paid: trades come with an id, some of them twice; a filter is to let each through once; rules are
 * applied; users are notified, which takes longer than a tuple may, and fails now and then.
 */
import { Redis } from "ioredis";
import { memoryOnceStore, once } from "../../../../src/connectors/once/index.ts";
import { redisOnceStore } from "../../../../src/connectors/redis/index.ts";
import {
  basicBolt,
  defineTopology,
  fields,
  fromIterable,
  type OutputCollector,
  type ReplayRules,
  RichBolt,
  replaying,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

export const Trade = fields("tradeId:int32");
/** One line per effect: an attempt of which it is the last deed, or one that fails after it. */
export const Effect = fields("tradeId:int32", "attempt:int32", "fails:bool");

export interface StoryOptions {
  readonly ids: number;
  readonly filter: "once" | "naive" | "none";
  /** Of the spout, for attempts whose time is up. */
  readonly timeout: NonNullable<ReplayRules["timeout"]>;
  /** Every so many, a trade comes twice: at once, and a little later. */
  readonly twiceEvery?: number;
  readonly failPercent?: number;
  readonly seed: number;
  /** Port of the Redis that keeps the ids; in memory without one. */
  readonly storePort?: number;
  /** Port of another Redis, which counts effects and failures. */
  readonly countPort?: number;
  readonly notifiers?: number;
}

/** A part of an attempt's fate, from 0 to 1: the same in every run. */
function chance(seed: number, id: number, attempt: number, salt: number): number {
  let hash = Math.imul(seed ^ Math.imul(id + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(attempt * 7 + salt, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

interface Held {
  readonly tuple: Tuple<typeof Trade>;
  readonly untilMs: number;
  readonly fails: boolean;
}

/** The effect takes 20 to 300 ms, and comes before the failure: it has been seen outside. */
class Notify extends RichBolt({ input: Trade, output: Effect, tickMs: 5 }) {
  readonly #options: StoryOptions;
  #nowMs: () => number = () => 0;
  #held: Held[] = [];
  #count: Redis | null = null;

  constructor(options: StoryOptions) {
    super();
    this.#options = options;
  }

  override prepare(context: TaskContext): void {
    this.#nowMs = () => context.nowMs();
    const { countPort } = this.#options;
    if (countPort !== undefined) this.#count = new Redis({ port: countPort, host: "127.0.0.1", protocol: 2 });
  }

  override execute(tuple: Tuple<typeof Trade>): void {
    const { seed, failPercent = 5 } = this.#options;
    const { attempt } = tuple.$;
    const holdMs = 20 + 280 * chance(seed, tuple.tradeId, attempt, 1);
    const fails = chance(seed, tuple.tradeId, attempt, 2) * 100 < failPercent;
    this.#held.push({ tuple, untilMs: this.#nowMs() + holdMs, fails });
  }

  override onTick(collector: OutputCollector<typeof Effect>): void {
    const nowMs = this.#nowMs();
    const due = this.#held.filter(({ untilMs }) => untilMs <= nowMs);
    if (due.length === 0) return;
    this.#held = this.#held.filter(({ untilMs }) => untilMs > nowMs);
    if (this.#count === null) {
      for (const held of due) this.#settle(held, collector);
      return;
    }
    const pipeline = this.#count.pipeline();
    for (const { tuple, fails } of due) {
      pipeline.hincrby("effects", String(tuple.tradeId), 1);
      if (fails) pipeline.hincrby("failures", String(tuple.tradeId), 1);
    }
    pipeline.exec().then(() => {
      for (const held of due) this.#settle(held, collector);
    });
  }

  /** Attempts that were cut off may still be under way: their effects come all the same. */
  override onEnd(collector: OutputCollector<typeof Effect>): void {
    if (this.#count !== null) return;
    for (const { tuple, fails } of this.#held) collector.emitUnanchored([tuple.tradeId, tuple.$.attempt, fails]);
  }

  override async cleanup(): Promise<void> {
    this.#count?.disconnect();
  }

  #settle({ tuple, fails }: Held, collector: OutputCollector<typeof Effect>): void {
    if (this.#count === null) collector.emitUnanchored([tuple.tradeId, tuple.$.attempt, fails]);
    if (fails) collector.fail(tuple, new Error(`no notice of ${tuple.tradeId}`));
    else collector.ack(tuple);
  }
}

/** What the story's people had: whatever was seen once is dropped. */
const naive = basicBolt({
  input: Trade,
  output: Trade,
  create() {
    const seen = new Set<number>();
    return {
      execute({ tradeId }, collector) {
        if (seen.has(tradeId)) return;
        seen.add(tradeId);
        collector.emit([tradeId]);
      },
    };
  },
});

/** Rules, which change nothing here: what fails does so two hops behind the filter. */
const rules = basicBolt({
  input: Trade,
  output: Trade,
  execute({ tradeId }, collector) {
    collector.emit([tradeId]);
  },
});

function* trades({ ids, twiceEvery = 0 }: StoryOptions): Generator<[number]> {
  for (let id = 0; id < ids; id++) {
    yield [id];
    if (twiceEvery > 0 && id % twiceEvery === 0) yield [id];
    const earlier = id - 40;
    if (twiceEvery > 0 && earlier >= 0 && earlier % twiceEvery === 0) yield [earlier];
  }
}

export const story = defineTopology(import.meta.url, (builder, options: StoryOptions) => {
  const { filter, storePort, timeout, notifiers = 2 } = options;
  const store = storePort === undefined ? memoryOnceStore() : redisOnceStore({ port: storePort });
  const Gate = once({ fields: Trade, id: "tradeId", store });
  const source = replaying(
    fromIterable(Trade, () => trades(options)),
    {
      retries: 200,
      on: { timeout },
      backoff: { firstMs: 20, maxMs: 1000 },
      waitingMax: 10_000,
    },
  );
  const filtered = () => {
    if (filter === "once") {
      const watched = builder.setSpout("trades", Gate.watch(source));
      return builder
        .setBolt("filter", Gate, { parallelism: 2 })
        .fieldsGrouping(watched, ["onceId"], { as: "rows" })
        .fieldsGrouping(watched.stream("outcomes"), ["onceId"], { as: "outcomes" });
    }
    const plain = builder.setSpout("trades", source);
    if (filter === "none") return plain;
    return builder.setBolt("filter", naive).fieldsGrouping(plain, ["tradeId"]);
  };
  builder.setBolt("rules", rules).shuffleGrouping(filtered());
  const notify = builder
    .setBolt("notify", Notify, { create: () => new Notify(options), parallelism: notifiers })
    .shuffleGrouping("rules");
  return { effects: builder.output(notify) };
});
