/** Bolts with ticks, in states in which a tick could get lost. */
import {
  basicBolt,
  defineTopology,
  fields,
  fromIterable,
  richBolt,
  Spout,
  type SpoutCollector,
} from "../../../../src/index.ts";

const N = fields("n:int32");
const Seen = fields("what:string", "n:int32");

class Endless extends Spout({ output: N }) {
  #n = 0;

  nextTuple(collector: SpoutCollector<typeof N>) {
    collector.emit([this.#n++]);
    return undefined;
  }
}

/**
 * Nobody reads the flood: soon the bolt's output is blocked and its input full. Ticks are told past it, by shared
 * state.
 */
export const blocked = defineTopology(import.meta.url, (builder) => {
  const flood = builder.setSpout("flood", Endless);
  const ticker = basicBolt({
    input: N,
    output: { default: N },
    tickMs: 5,
    create: () => {
      let executed = 0;
      let executedAtTick = -1;
      let still = 0;
      return {
        execute({ n }, collector) {
          executed++;
          collector.emit([n]);
        },
        onTick() {
          // Told from the third tick on between which nothing was executed: then the bolt stands still.
          still = executed === executedAtTick && executed > 0 ? still + 1 : 0;
          executedAtTick = executed;
          if (still < 3) return;
          const channel = new BroadcastChannel("ticks");
          channel.postMessage({ executed, still });
          channel.close();
        },
      };
    },
  });
  const out = builder.setBolt("ticker", ticker).shuffleGrouping(flood);
  return { out: builder.output(out) };
});

/** Settings that ask for ticks reach bolts that have no onTick: nothing is due for them. */
export const noTicks = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const pass = basicBolt({ input: N, output: N, execute: ({ n }, collector) => collector.emit([n]) });
  const busyness = basicBolt({
    input: N,
    output: fields("perMille:int32"),
    create: () => ({
      async execute(_tuple, collector) {
        const before = performance.eventLoopUtilization();
        await new Promise((resolve) => setTimeout(resolve, 200));
        collector.emit([Math.round(1000 * performance.eventLoopUtilization(before).utilization)]);
      },
    }),
  });
  const passed = builder.setBolt("pass", pass).shuffleGrouping(numbers);
  return { numbers, perMille: builder.output(builder.setBolt("busyness", busyness).shuffleGrouping(passed)) };
});

/** Ticks while the topology is idle otherwise; each tick is emitted. */
export const idleTicks = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const ticker = basicBolt({
    input: N,
    output: N,
    tickMs: 3,
    create: () => {
      let ticks = 0;
      return { execute() {}, onTick: (collector) => collector.emit([++ticks]) };
    },
  });
  return { numbers, ticks: builder.output(builder.setBolt("ticker", ticker).shuffleGrouping(numbers)) };
});

/** An async execute that takes longer than a tick: with one call at a time, no tick may come in the middle of it. */
export const slowExecute = defineTopology(import.meta.url, (builder, options: { concurrency: number }) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(N, function* () {
      for (let n = 0; n < 4; n++) yield [n];
    }),
  );
  const slow = richBolt({
    input: N,
    output: Seen,
    tickMs: 4,
    config: { concurrency: options.concurrency },
    create: (_context, collector) => ({
      async execute({ n }) {
        collector.emitUnanchored(["begin", n]);
        await new Promise((resolve) => setTimeout(resolve, 25));
        collector.emitUnanchored(["end", n]);
      },
      onTick: () => collector.emitUnanchored(["tick", -1]),
    }),
  });
  return { seen: builder.output(builder.setBolt("slow", slow).shuffleGrouping(numbers)) };
});

/** A tick that takes longer than the time between ticks: no tick, and no tuple, may come in the middle of it. */
export const slowTick = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const slow = basicBolt({
    input: N,
    output: Seen,
    tickMs: 2,
    create: () => {
      let ticks = 0;
      return {
        execute: ({ n }, collector) => collector.emit(["execute", n]),
        async onTick(collector) {
          const tick = ++ticks;
          collector.emit(["begin", tick]);
          await new Promise((resolve) => setTimeout(resolve, 15));
          collector.emit(["end", tick]);
        },
      };
    },
  });
  return { numbers, seen: builder.output(builder.setBolt("slow", slow).shuffleGrouping(numbers)) };
});

/** Waits in an async execute, far past its tick; tells how busy its event loop was meanwhile. */
export const waitingQuietly = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const waiter = basicBolt({
    input: N,
    output: fields("perMille:int32"),
    tickMs: 1,
    create: () => ({
      async execute(_tuple, collector) {
        const before = performance.eventLoopUtilization();
        await new Promise((resolve) => setTimeout(resolve, 200));
        collector.emit([Math.round(1000 * performance.eventLoopUtilization(before).utilization)]);
      },
      onTick() {},
    }),
  });
  return { numbers, perMille: builder.output(builder.setBolt("waiter", waiter).shuffleGrouping(numbers)) };
});
