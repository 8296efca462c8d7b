import assert from "node:assert/strict";
import { test } from "node:test";
import { richBolt, type TopologyConfig } from "../../../src/index.ts";
import { ackIt, CASE, Case, type Ended, N, type NCollector, type NTuple, RUNS, runCase } from "./scripted.ts";

/** Goal: trees time out after `messageTimeoutMs`, precise to 10 ms; what comes late changes nothing. */
const TIMEOUT_MS = 100;

/** One bolt that holds its tuples, and is called every 10 virtual ms with their age in ticks. */
async function runTicking(
  ids: readonly number[],
  onTick: (tuples: Map<number, NTuple>, tick: number, out: NCollector) => void,
  config: TopologyConfig,
  seed: number,
): Promise<Ended> {
  const one = new Case();
  return runCase(
    one,
    (builder) => {
      const source = builder.setSpout("source", one.source(ids));
      const holder = richBolt({
        input: N,
        output: N,
        tickMs: 10,
        create: () => {
          const tuples = new Map<number, NTuple>();
          let tick = 0;
          return {
            execute: (tuple: NTuple) => void tuples.set(tuple.n, tuple),
            onTick: (out: NCollector) => onTick(tuples, ++tick, out),
          };
        },
      });
      const held = builder.setBolt("holder", holder).globalGrouping(source);
      builder.setBolt("last", one.bolt(ackIt)).shuffleGrouping(held);
    },
    { messageTimeoutMs: TIMEOUT_MS, ...config },
    seed,
  );
}

function between(value: number | undefined, least: number, most: number): void {
  assert.ok(value !== undefined && value >= least && value <= most, `${value} ms, not ${least} to ${most}`);
}

function timing(
  name: string,
  onTick: (tuples: Map<number, NTuple>, tick: number, out: NCollector) => void,
  expected: { outcome: string; leastMs: number; mostMs: number },
  config: TopologyConfig = {},
): void {
  test(`as Storm, but precise: ${name}`, CASE, async () => {
    for (let run = 1; run <= RUNS; run++) {
      const { outcomes, latencies } = await runTicking([1], onTick, config, run);
      assert.deepEqual(outcomes, [expected.outcome]);
      between(latencies.get(1), expected.leastMs, expected.mostMs);
    }
  });
}

const once = (at: number, act: (tuple: NTuple, out: NCollector) => void) => {
  return (tuples: Map<number, NTuple>, tick: number, out: NCollector) => {
    if (tick === at) act(tuples.get(1)!, out);
  };
};
const late = { outcome: "1 timeout holder", leastMs: TIMEOUT_MS, mostMs: TIMEOUT_MS + 15 };

timing("never acked", () => {}, late);
timing("never acked, from emit", () => {}, late, { timeoutFrom: "emit" });
timing(
  "acked in time",
  once(5, (tuple, out) => out.ack(tuple)),
  { outcome: "1 acked", leastMs: 40, mostMs: 60 },
);
for (const timeoutFrom of ["progress", "emit"] as const) {
  timing(
    `resetTimeout, from ${timeoutFrom}`,
    once(8, (tuple, out) => out.resetTimeout(tuple)),
    { ...late, leastMs: 70 + TIMEOUT_MS, mostMs: 100 + TIMEOUT_MS },
    { timeoutFrom },
  );
}
const derive = once(8, (tuple, out) => out.emit(tuple, [2]));
timing("progress counts", derive, { ...late, leastMs: 70 + TIMEOUT_MS, mostMs: 100 + TIMEOUT_MS });
timing("from emit, progress does not count", derive, late, { timeoutFrom: "emit" });
timing(
  "messageLifetimeMs ends what is reset for ever",
  (tuples, _, out) => out.resetTimeout(tuples.get(1)!),
  { outcome: "1 timeout null", leastMs: 300, mostMs: 320 },
  { messageLifetimeMs: 300 },
);

for (const way of ["ack", "fail"] as const) {
  test(`as Storm: a late ${way} changes nothing, nor for the slot's next tree`, CASE, async () => {
    for (let run = 1; run <= RUNS; run++) {
      const first: NTuple[] = [];
      const act = (tuples: Map<number, NTuple>, tick: number, out: NCollector) => {
        if (tick === 5) first.push(tuples.get(1)!);
        if (tick !== 15) return;
        out[way](first[0]!);
        out.ack(tuples.get(2)!);
      };
      const { outcomes } = await runTicking([1, 2], act, { maxSpoutPending: 1 }, run);
      assert.deepEqual(outcomes, ["1 timeout holder", "2 acked"]);
    }
  });
}
