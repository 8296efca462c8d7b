import assert from "node:assert/strict";
import { test } from "node:test";
import { type BasicCollector, basicBolt } from "../../../src/index.ts";
import { ackIt, Case, N, runCase } from "../parity/scripted.ts";

/**
 * Goal:   what a basic bolt emits through the collector of a tuple that is settled goes nowhere: its trees may have
 *         ended, and their slots may be others' by then.
 * Method: bolts that execute several tuples at once keep the collectors they were given, and use them later.
 */
const TUPLES = 200;
const IDS = Array.from({ length: TUPLES }, (_, id) => id);
const RESTART = { policy: "restart-task", backoff: { kind: "rate", restarts: 2, spanMs: 1_000 } } as const;
type Collector = BasicCollector<typeof N>;

async function run(bolt: ReturnType<typeof basicBolt<typeof N, typeof N>>, received: number[]) {
  const one = new Case();
  const { outcomes } = await runCase(
    one,
    (builder) => {
      const source = builder.setSpout("source", one.source(IDS));
      const late = builder.setBolt("late", bolt).shuffleGrouping(source);
      const leaf = one.bolt((tuple, collector) => {
        received.push(tuple.n);
        ackIt(tuple, collector);
      });
      builder.setBolt("leaf", leaf).shuffleGrouping(late);
    },
    { maxSpoutPending: 4 },
  );
  return outcomes;
}

test("an emit through the collector of a tuple that was acked goes nowhere", { timeout: 20_000 }, async () => {
  const kept: Collector[] = [];
  const received: number[] = [];
  const bolt = basicBolt({
    input: N,
    output: N,
    concurrency: 2,
    execute: (tuple, collector) => {
      collector.emit([tuple.n]);
      for (const old of kept) old.emit([-1]);
      kept.push(collector);
    },
  });
  const outcomes = await run(bolt, received);
  assert.equal(outcomes.filter((outcome) => outcome.endsWith(" acked")).length, TUPLES);
  assert.deepEqual(
    received.toSorted((a, b) => a - b),
    IDS,
  );
});

test("so does one of an instance that was given up while it waited", { timeout: 20_000 }, async () => {
  const received: number[] = [];
  const waiting: (() => void)[] = [];
  let isFirst = true;
  const bolt = basicBolt({
    input: N,
    output: N,
    concurrency: 4,
    onError: RESTART,
    create: () => {
      const isToFail = isFirst;
      isFirst = false;
      return {
        execute: async (tuple, collector) => {
          if (isToFail && waiting.length === 3) throw new Error("planted");
          if (isToFail) await new Promise<void>((resolve) => waiting.push(resolve));
          else for (const go of waiting.splice(0)) go();
          collector.emit([tuple.n]);
        },
      };
    },
  });
  const outcomes = await run(bolt, received);
  const failed = outcomes.filter((outcome) => !outcome.endsWith(" acked"));
  assert.equal(failed.length, 4, `${failed}`);
  assert.equal(outcomes.length, TUPLES, "every tree ends once");
  const ackedIds = outcomes
    .filter((outcome) => outcome.endsWith(" acked"))
    .map((outcome) => Number.parseInt(outcome, 10));
  assert.deepEqual(
    received.toSorted((a, b) => a - b),
    ackedIds.toSorted((a, b) => a - b),
  );
});
