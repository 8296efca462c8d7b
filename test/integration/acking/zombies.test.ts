import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { richBolt, type Tuple } from "../../../src/index.ts";
import { Case, N, runCase } from "../parity/scripted.ts";

/**
 * Goal:   acks that come after their tree has timed out never touch the tree that has its slot by then; what bolts
 *         hold for long neither stops a run nor outgrows it.
 * Method: virtual time; a bolt acks each tuple after 20 to 300 ms, at a timeout of 100 ms, with few slots.
 */
const TUPLES = 2_000;
const TIMEOUT_MS = 100;
const seed = Number(process.env.SEED ?? 1);

test("late acks of an attempt that timed out never touch a new tree", { timeout: 60_000 }, async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const one = new Case();
  const random = new Prng(seed);
  const ackedAt = new Map<number, number>();
  const slow = richBolt({
    input: N,
    tickMs: 5,
    create: (context, collector) => {
      let held: { readonly tuple: Tuple<typeof N>; readonly dueMs: number }[] = [];
      return {
        execute: (tuple) => void held.push({ tuple, dueMs: context.nowMs() + 20 + random.below(280) }),
        onTick: () => {
          const due = held.filter(({ dueMs }) => dueMs <= context.nowMs());
          held = held.filter(({ dueMs }) => dueMs > context.nowMs());
          for (const { tuple } of due) {
            ackedAt.set(tuple.n, context.nowMs());
            collector.ack(tuple);
          }
        },
      };
    },
  });
  const heardBeforeAck: number[] = [];
  const { outcomes } = await runCase(
    one,
    (builder) => {
      const ids = Array.from({ length: TUPLES }, (_, id) => id);
      const source = builder.setSpout(
        "source",
        one.source(ids, (id) => !ackedAt.has(id) && heardBeforeAck.push(id)),
      );
      builder.setBolt("slow", slow, { parallelism: 2 }).shuffleGrouping(source);
    },
    { messageTimeoutMs: TIMEOUT_MS, maxSpoutPending: 8 },
    seed,
  );
  assert.equal(outcomes.length, TUPLES, "every tree ends once");
  const acked = outcomes.filter((outcome) => outcome.endsWith(" acked")).length;
  assert.ok(acked > TUPLES / 10 && acked < TUPLES / 2, `${acked} of ${TUPLES} were in time`);
  assert.deepEqual(heardBeforeAck, [], "a tree is acked only when its own tuple was");
});

test("a bolt may hold more than maxSpoutPending: flushes at the end of what comes let it go", async () => {
  for (const [tuples, windowSize] of [
    [100, 7],
    [40, 1000],
    [64, 64],
  ] as const) {
    const one = new Case();
    let held: Tuple<typeof N>[] = [];
    const batching = richBolt({
      input: N,
      execute(tuple, collector) {
        held.push(tuple);
        if (held.length < windowSize) return;
        for (const each of held) collector.ack(each);
        held = [];
      },
      onFlush(collector) {
        for (const each of held) collector.ack(each);
        held = [];
      },
    });
    const { outcomes } = await runCase(one, (builder) => {
      const source = builder.setSpout("source", one.finite(tuples));
      builder.setBolt("batching", batching).globalGrouping(source);
    });
    assert.equal(outcomes.length, tuples);
    for (const outcome of outcomes) assert.match(outcome, / acked$/);
  }
});

for (const maxSpoutPending of [1, 2, 100, 10_000]) {
  test(`stop and go: never more than ${maxSpoutPending} trees are pending`, { timeout: 60_000 }, async () => {
    const one = new Case();
    const tuples = 25_000;
    let pending = 0;
    let most = 0;
    const { outcomes } = await runCase(
      one,
      (builder) => {
        const source = builder.setSpout(
          "source",
          one.finite(tuples, {
            emitted: () => {
              most = Math.max(most, ++pending);
            },
            ended: () => {
              pending--;
            },
          }),
        );
        const ack = richBolt({ input: N, execute: (tuple, collector) => collector.ack(tuple) });
        builder.setBolt("bolt", ack, { parallelism: 2 }).shuffleGrouping(source);
      },
      { maxSpoutPending },
    );
    assert.equal(outcomes.length, tuples);
    assert.equal(pending, 0);
    assert.ok(most <= maxSpoutPending, `${most} were pending`);
  });
}
