import {
  basicBolt,
  defineTopology,
  fields,
  fromIterable,
  RichBolt,
  replaying,
  type TaskContext,
  type Tuple,
} from "stormcell";
import { memoryOnceStore, once } from "stormcell/connectors/once";
import { redisOnceStore } from "stormcell/connectors/redis";

const Trade = fields("id:int32");
const Notice = fields("id:int32", "isGood:bool");

/** What stands between the trades and the bolts that act on them. */
export type Filter = "nothing" | "a filter by id" | "once";

export interface BillOptions {
  readonly trades: number;
  readonly filter: Filter;
  /** Of the Redis that keeps the ids, or null: then they are kept in memory. */
  readonly redisUrl: string | null;
}

/** Sends a notice, which takes 20 to 300 ms; then, one time in twenty, something goes wrong. */
class Notify extends RichBolt({ input: Trade, output: Notice, tickMs: 5 }) {
  #nowMs = () => 0;
  #underWay: { readonly trade: Tuple<typeof Trade>; readonly sentMs: number }[] = [];

  override prepare(context: TaskContext) {
    this.#nowMs = () => context.nowMs();
  }

  override execute(trade: Tuple<typeof Trade>) {
    this.#underWay.push({ trade, sentMs: this.#nowMs() + 20 + part(trade, 1) * 280 });
  }

  override onTick() {
    const nowMs = this.#nowMs();
    for (const { trade } of this.#underWay.filter(({ sentMs }) => sentMs <= nowMs)) {
      const isGood = part(trade, 2) >= 0.05;
      // Seen by the user, whatever becomes of its trade.
      this.collector.emitUnanchored([trade.id, isGood]);
      if (isGood) this.collector.ack(trade);
      else this.collector.fail(trade, new Error("the books do not balance"));
    }
    this.#underWay = this.#underWay.filter(({ sentMs }) => sentMs > nowMs);
  }

  /** Notices of attempts that were given up are sent all the same. */
  override onEnd() {
    for (const { trade } of this.#underWay) this.collector.emitUnanchored([trade.id, part(trade, 2) >= 0.05]);
  }
}

/** Chance, the same in every run: from 0 to 1. */
function part({ id, $ }: Tuple<typeof Trade>, salt: number): number {
  const mixed = Math.imul((id + 1) * 31 + $.attempt * 7 + salt, 0x9e3779b1) >>> 0;
  return (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0) / 2 ** 32;
}

const filterById = basicBolt({
  input: Trade,
  output: Trade,
  create() {
    const seen = new Set<number>();
    return {
      execute({ id }, collector) {
        if (!seen.has(id)) collector.emit([id]);
        seen.add(id);
      },
    };
  },
});

const applyRules = basicBolt({
  input: Trade,
  output: Trade,
  execute: ({ id }, collector) => collector.emit([id]),
});

/** Trades are read, filtered, looked at by rules, and their users notified. A message may take 100 ms. */
export const payBills = defineTopology(import.meta.url, (builder, { trades, filter, redisUrl }: BillOptions) => {
  const readTrades = fromIterable(Trade, function* () {
    for (let id = 0; id < trades; id++) yield [id];
  });
  // As in Storm: what took too long is emitted again at once, though its first attempt may still be under way.
  const source = replaying(readTrades, { retries: 100, on: { timeout: "now" }, backoff: { firstMs: 10 } });
  const store = redisUrl === null ? memoryOnceStore() : redisOnceStore({ url: redisUrl, prefix: "{example:once}:" });
  const Gate = once({ fields: Trade, id: "id", store, rememberMs: 60_000 });

  const filtered = () => {
    if (filter === "once") {
      const watched = builder.setSpout("trades", Gate.watch(source));
      return builder
        .setBolt("filter", Gate)
        .fieldsGrouping(watched, ["onceId"], { as: "rows" })
        .fieldsGrouping(watched.stream("outcomes"), ["onceId"], { as: "outcomes" });
    }
    const read = builder.setSpout("trades", source);
    return filter === "nothing" ? read : builder.setBolt("filter", filterById).shuffleGrouping(read);
  };
  builder.setBolt("rules", applyRules).shuffleGrouping(filtered());
  return { notices: builder.output(builder.setBolt("notify", Notify).shuffleGrouping("rules")) };
});
