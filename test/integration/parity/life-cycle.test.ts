import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTopology, richBolt, spout, type Tuple } from "../../../src/index.ts";
import { clusterFor, until } from "../engine/helpers.ts";
import { CASE, N, RUNS } from "./scripted.ts";

/** Goal: hooks come in Storm's order, each as often as Storm calls it; acks reach a spout that is not active. */
const notes: string[] = [];
/** What the bolt holds until the test lets it go. */
let held: Tuple<typeof N>[] = [];
let release: () => void = () => {};
let calls = 0;

const hooked = defineTopology(import.meta.url, (builder) => {
  const source = spout({
    output: N,
    create: (_context, collector) => ({
      open: () => void notes.push("open"),
      activate: () => void notes.push("activate"),
      deactivate: () => void notes.push("deactivate"),
      close: () => void notes.push("close"),
      ack: () => void notes.push("ack"),
      fail: () => void notes.push("fail"),
      nextTuple() {
        calls++;
        if (calls > 3) return "idle";
        collector.emit([calls], calls);
        return undefined;
      },
    }),
  });
  const bolt = richBolt({
    input: N,
    create: (_context, collector) => {
      release = () => {
        for (const tuple of held) collector.ack(tuple);
        held = [];
      };
      return {
        prepare: () => void notes.push("prepare"),
        execute: (tuple) => void held.push(tuple),
        onFlush: () => void notes.push("onFlush"),
        cleanup: () => void notes.push("cleanup"),
      };
    },
  });
  builder.setBolt("bolt", bolt).shuffleGrouping(builder.setSpout("source", source));
});

async function started(seed: number) {
  notes.length = 0;
  held = [];
  calls = 0;
  const cluster = clusterFor("inline", { seed });
  const run = await cluster.submitTopology("hooked", hooked);
  await until(() => held.length === 3);
  return { cluster, run };
}

test("as Storm: activate and deactivate twice, acks while inactive", CASE, async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { cluster, run } = await started(seed);
    assert.deepEqual(notes.toSorted(), ["activate", "open", "prepare"]);
    assert.ok(notes.indexOf("open") < notes.indexOf("activate"), "open comes before activate");
    run.deactivate();
    run.deactivate();
    await until(() => notes.includes("deactivate"));
    const callsBefore = calls;
    release();
    await until(() => notes.filter((note) => note === "ack").length === 3);
    assert.equal(calls, callsBefore, "no nextTuple while inactive");
    run.activate();
    run.activate();
    await until(() => calls > callsBefore);
    assert.deepEqual(notes.slice(3), ["deactivate", "ack", "ack", "ack", "activate"]);
    await run.kill();
    await cluster.close();
  }
});

test("as Storm: kill drops what is pending, closes and cleans up", CASE, async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { cluster, run } = await started(seed);
    const summary = await run.kill();
    assert.equal(summary.outcome, "killed");
    assert.equal(notes.filter((note) => note === "close").length, 1);
    assert.equal(notes.filter((note) => note === "cleanup").length, 1);
    assert.ok(!notes.includes("ack") && !notes.includes("fail"));
    await cluster.close();
  }
});

test(
  "a drain ends when the last tree is acked: deactivate, onFlush, acks, then close and cleanup",
  CASE,
  async () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { cluster, run } = await started(seed);
      const draining = run.drain();
      await until(() => notes.includes("onFlush"));
      assert.ok(!notes.includes("close"), "trees are pending");
      release();
      const summary = await draining;
      assert.equal(summary.outcome, "drained");
      const order = ["deactivate", "onFlush", "ack", "close"].map((note) => notes.indexOf(note));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
        notes.join(),
      );
      assert.equal(notes.filter((note) => note === "ack").length, 3);
      assert.equal(notes.filter((note) => note === "cleanup").length, 1);
      await cluster.close();
    }
  },
);
