/*
 * Goal:   a running topology can be looked into: tuples, the ways of trees, profiles, levels of loggers, errors.
 * Method: real threads, asked through the public face; waits are for what is to be seen, the deadline bounds them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { InspectedPath, ProfileFile, RunEvents } from "../../../src/index.ts";
import { killThread } from "../../../src/testing/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, until } from "../engine/helpers.ts";
import { complaining, lookedAt } from "./topologies/looked-at.ts";

for (const runtime of RUNTIMES) {
  test(
    `inspector: tuples of a component, and where a tree went and how long it took (${runtime})`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime, { workers: 2 });
      const run = await cluster.submitTopology("looked-at", lookedAt);
      await leave(run.outputs.levels);
      const { inspector } = run;
      assert.deepEqual(inspector.sampling, {});
      assert.throws(() => inspector.sample("spilt", 1), /did you mean|name "split"/);
      assert.throws(() => inspector.sample("split", 101));

      inspector.sample(null, 50);
      await until(() => inspector.trees().some((tree) => isWhole(tree)) && inspector.tuples("split").length >= 10);
      const whole = inspector.trees().find((tree) => isWhole(tree))!;
      const line = whole.hops.find(({ component }) => component === "split")!.values[0] as string;
      const words = whole.hops.filter(({ component }) => component === "count");
      assert.deepEqual(words.map(({ values: [word] }) => word).toSorted(), line.split(" "), "hops of one tree");
      for (const hop of whole.hops) {
        assert.equal(hop.source, hop.component === "count" ? "split" : "lines");
        assert.ok(hop.queuedMs >= 0 && hop.executeMs >= 0 && hop.beganMs >= hop.queuedMs - 1, JSON.stringify(hop));
      }
      const [tuple] = inspector.tuples("split");
      assert.match(String(tuple!.values[0]), /^a\d+ b\d+$/);
      assert.deepEqual([tuple!.source, tuple!.stream], ["lines", "default"]);

      // Off: what is seen no longer changes.
      inspector.sample(null, 0);
      await until(() => Object.keys(inspector.sampling).length === 0);
      const acked = () => run.totals().acked;
      await passes(acked, 10_000);
      const before = inspector.tuples("split");
      await passes(acked, 10_000);
      assert.deepEqual(inspector.tuples("split"), before);
      await run.kill();
    },
  );
}

test("inspector: goes on looking after a thread was replaced", DEADLINE, async () => {
  await using cluster = clusterFor("threads", { workers: 2 });
  const run = await cluster.submitTopology("looked-at", lookedAt);
  await leave(run.outputs.levels);
  run.inspector.sample(null, 100);
  await until(() => run.inspector.trees().length > 0);
  let treesThen = -1;
  run.on("workerReplaced", () => {
    treesThen = run.inspector.trees().length;
  });
  killThread(run, 1);
  await until(() => treesThen >= 0);
  assert.equal(treesThen, 0, "trees of before the loss have keys that come again");
  await until(() => run.inspector.trees().some((tree) => isWhole(tree)));
  await run.kill();
});

test("profiler: a CPU profile and a heap snapshot of a worker, which goes on afterwards", DEADLINE, async () => {
  await using cluster = clusterFor("threads", { workers: 2 });
  const run = await cluster.submitTopology("looked-at", lookedAt);
  await leave(run.outputs.levels);
  const profiler = run.profiler!;
  assert.equal(await profiler.stop(0), null, "none is going on");
  await assert.rejects(profiler.start(2, 1_000), { code: "PROFILE_UNKNOWN_WORKER" });
  await profiler.start(1, 60_000);
  await passes(() => run.totals().acked, 20_000);
  assert.ok(functionsIn(await profiler.dump(1)).length > 0, "what was recorded so far");
  await passes(() => run.totals().acked, 20_000);
  const stopped = await profiler.stop(1);
  assert.equal(stopped?.fileName, "looked-at-worker-1.cpuprofile");
  assert.ok(functionsIn(stopped).some((name) => name !== "(root)" && name !== "(idle)"));

  const heap = await profiler.heapSnapshot(0);
  const { snapshot } = JSON.parse(await textOf(heap)) as { snapshot: { node_count: number } };
  assert.ok(snapshot.node_count > 1_000);
  await passes(() => run.totals().acked, 10_000);
  assert.equal(run.state, "active");
  await run.kill();
});

test("log levels: of a component, for a time, taken back; a new thread has them too", DEADLINE, async () => {
  await using cluster = clusterFor("threads", { workers: 1, logLevel: "fatal" });
  const run = await cluster.submitTopology("looked-at", lookedAt);
  const logLevels = run.logLevels!;
  const levels = run.outputs.levels[Symbol.asyncIterator]();
  const becomes = async (level: string) => {
    for (;;) {
      const { value, done } = await levels.next();
      assert.ok(done !== true);
      if (value.level === level) return;
    }
  };
  await becomes("fatal");
  for (const [logger, level] of [
    ["level", "debug"],
    ["levels", "loud"],
  ] as const) {
    assert.throws(() => logLevels.set(logger, { level }), { code: "LOG_BAD_LEVEL" });
  }
  logLevels.set("levels", { level: "debug" });
  await becomes("debug");
  logLevels.set("ROOT", { level: "error" });
  assert.deepEqual(
    logLevels.list().map(({ logger, level, levelBefore, untilMs }) => [logger, level, levelBefore, untilMs]),
    [
      ["levels", "debug", "fatal", null],
      ["ROOT", "error", "fatal", null],
    ],
  );
  logLevels.set("levels", { level: null });
  await becomes("error");
  logLevels.set("levels", { level: "trace", durationMs: 100 });
  await becomes("trace");
  await becomes("error");
  let hasReplaced = false;
  run.on("workerReplaced", () => {
    hasReplaced = true;
  });
  killThread(run, 0);
  await until(() => hasReplaced);
  await becomes("error");
  logLevels.set("ROOT", { level: null });
  await becomes("fatal");
  await run.kill();
});

for (const runtime of RUNTIMES) {
  test(`errors that end nothing are told to the run (${runtime})`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const heard: RunEvents["errorNoted"][] = [];
    const run = await cluster.submitTopology("complaining", complaining, {});
    run.on("errorNoted", (noted) => heard.push(noted));
    await run.completed();
    await until(() => heard.length === 6);
    const texts = heard.map(({ component, kind, error }) => `${component} ${kind}: ${error.message}`).toSorted();
    assert.deepEqual(texts, [
      ...[0, 1, 2].map(() => "lines reported: the source heard of a failure"),
      ...[0, 1, 2].map((line) => `refuse tuple-failed: refused: line ${line}`),
    ]);
    const { components } = run.metrics({ windows: ["all"], tasks: false });
    assert.equal(components.refuse!.windows.all!.counts.failed, 3);
  });
}

/** Lets the topology run on without a reader. */
async function leave(output: AsyncIterable<unknown>): Promise<void> {
  await output[Symbol.asyncIterator]().return?.();
}

/** A line and its two words. */
function isWhole({ hops }: InspectedPath): boolean {
  const count = (component: string) => hops.filter((hop) => hop.component === component).length;
  return count("split") === 1 && count("count") === 2;
}

/** Waits until a count has grown by so much. */
async function passes(count: () => number, more: number): Promise<void> {
  const end = count() + more;
  while (count() < end) await nextTurn();
}

function functionsIn(file: ProfileFile | null): string[] {
  const { nodes } = JSON.parse(file!.content as string) as { nodes: { callFrame: { functionName: string } }[] };
  return nodes.map(({ callFrame }) => callFrame.functionName);
}

async function textOf({ content }: ProfileFile): Promise<string> {
  if (typeof content === "string") return content;
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString();
}
