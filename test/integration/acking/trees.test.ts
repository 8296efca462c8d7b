import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TopologyConfig } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime } from "../engine/helpers.ts";
import { type TreeOptions, trees } from "./topologies/trees.ts";

/** By id: what the spout heard of it. An id that is told twice fails the test. */
async function outcomesOf(runtime: Runtime, options: TreeOptions, config: TopologyConfig = {}) {
  await using cluster = clusterFor(runtime, { workers: 2 });
  const run = await cluster.submitTopology("trees", trees, { options, config });
  const outcomes = new Map<number, { outcome: string; component: string | null }>();
  for await (const { id, outcome, component } of run.outputs.outcomes) {
    assert.ok(!outcomes.has(id), `id ${id} was told twice`);
    outcomes.set(id, { outcome, component });
  }
  const summary = await run.completed();
  assert.equal(outcomes.size, options.tuples);
  return { outcomes, summary };
}

for (const runtime of RUNTIMES) {
  describe(`trees, ${runtime}`, () => {
    for (const behaviour of ["ack", "async", "callback"]) {
      test(`every tree is acked once: ${behaviour}`, DEADLINE, async () => {
        const tuples = behaviour === "ack" ? 20_000 : 200;
        const { outcomes, summary } = await outcomesOf(runtime, { tuples, behaviour });
        for (const [id, { outcome }] of outcomes) assert.equal(outcome, "acked", `tuple ${id}`);
        assert.equal(summary.totals.byComponent.numbers!.acked, tuples);
        assert.equal(summary.totals.byComponent.leaf!.acked, tuples * 3);
      });
    }

    test("a tree of which one tuple fails, fails, with the bolt's error", DEADLINE, async () => {
      const { outcomes } = await outcomesOf(runtime, { tuples: 100, behaviour: "fail the odd" });
      for (const [id, { outcome, component }] of outcomes) {
        assert.equal(outcome, id % 2 === 0 ? "acked" : `bolt: odd ${id}`);
        assert.equal(component, id % 2 === 0 ? null : "leaf");
      }
    });

    test("a FailedException fails its tuple and nothing else", DEADLINE, async () => {
      const { outcomes } = await outcomesOf(runtime, { tuples: 10, behaviour: "throw at 3" });
      for (const [id, { outcome }] of outcomes) assert.equal(outcome, id === 3 ? "bolt: three" : "acked");
    });

    test("a tuple that is never acked fails when time is up, and its holder is named", DEADLINE, async () => {
      const options = { tuples: 10, behaviour: "forget 5", children: 1 };
      const { outcomes, summary } = await outcomesOf(runtime, options, { messageTimeoutMs: 100 });
      for (const [id, { outcome, component }] of outcomes) {
        assert.equal(outcome, id === 5 ? "timeout" : "acked");
        assert.equal(component, id === 5 ? "leaf" : null);
      }
      assert.equal(summary.totals.byComponent.numbers!.timedOut, 1);
    });

    test("a second ack throws, and the tree fails", DEADLINE, async () => {
      const { outcomes } = await outcomesOf(runtime, { tuples: 4, behaviour: "twice 2", children: 1 });
      for (const [id, { outcome }] of outcomes) {
        if (id === 2) assert.match(outcome, /bolt: .*had acked before/);
        else assert.equal(outcome, "acked");
      }
    });

    test("with as few trees as one at a time", DEADLINE, async () => {
      const options = { tuples: 500, behaviour: "ack" };
      const { outcomes } = await outcomesOf(runtime, options, { maxSpoutPending: 1 });
      for (const { outcome } of outcomes.values()) assert.equal(outcome, "acked");
    });
  });
}
