import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RunEvents, TopologyConfig } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime, rejectionOf, until } from "../engine/helpers.ts";
import { type FailingOptions, failing } from "./topologies/failing.ts";

async function collect(iterable: AsyncIterable<object>, into: unknown[][]): Promise<void> {
  for await (const tuple of iterable) into.push([...(tuple as { $: { values: readonly unknown[] } }).$.values]);
}

/** Runs the topology to its end: what the spout heard by id, each once; what was dropped; what came out. */
async function outcomesOf(runtime: Runtime, options: FailingOptions, config: TopologyConfig = {}) {
  await using cluster = clusterFor(runtime, { workers: 2 });
  const run = await cluster.submitTopology("failing", failing, { options, config });
  const restarts: RunEvents["taskRestarted"][] = [];
  run.on("taskRestarted", (restart) => restarts.push(restart));
  const told: unknown[][] = [];
  const dead: unknown[][] = [];
  const rows: unknown[][] = [];
  const reading = [
    collect(run.outputs.outcomes, told),
    collect(run.outputs.dead, dead),
    collect(run.outputs.rows, rows),
  ];
  const summary = await run.completed();
  await Promise.all(reading);
  const outcomes = new Map(told.map(([id, outcome]) => [id as number, outcome as string]));
  assert.equal(told.length, outcomes.size, "an id was told twice");
  if (options.untracked !== true) assert.equal(outcomes.size, options.tuples, "an id was never told");
  return { outcomes, dead, rows: rows.map(([n]) => n), restarts, summary, leaf: summary.totals.byComponent.leaf! };
}

async function failureOf(runtime: Runtime, options: FailingOptions, code: "TASK_FAILED" | "TASK_RESTART_LIMIT") {
  await using cluster = clusterFor(runtime, { workers: 2 });
  const run = await cluster.submitTopology("failing", failing, { options });
  for (const output of Object.values(run.outputs)) collect(output, []).catch(() => {});
  const error = await rejectionOf(run.completed(), code);
  return { error, totals: run.totals().byComponent.leaf! };
}

function countOf(outcomes: ReadonlyMap<number, string>, outcome: string): number {
  return [...outcomes.values()].filter((each) => each === outcome).length;
}

const two = { tuples: 10, behaviour: "throw at 2" };

for (const runtime of RUNTIMES) {
  describe(`failure policies, ${runtime}`, () => {
    test("a rich bolt that throws: its tuple fails, it is restarted and goes on", DEADLINE, async () => {
      const { outcomes, restarts, leaf } = await outcomesOf(runtime, two);
      assert.equal(outcomes.get(2), "bolt: two");
      assert.equal(countOf(outcomes, "acked"), 9);
      assert.deepEqual(
        restarts.map(({ component, attempt, hook, error }) => [component, attempt, hook, error.message]),
        [["leaf", 1, "execute", "two"]],
      );
      assert.deepEqual([leaf.restarts, leaf.executed, leaf.failed, leaf.acked], [1, 10, 1, 9]);
    });

    test("fail-tuple: the instance goes on", DEADLINE, async () => {
      const { outcomes, leaf } = await outcomesOf(runtime, { ...two, onError: "fail-tuple" });
      assert.equal(outcomes.get(2), "bolt: two");
      assert.equal(countOf(outcomes, "acked"), 9);
      assert.equal(leaf.restarts, 0);
    });

    test("a basic bolt fails the tuple by default, and is restarted where that is asked for", DEADLINE, async () => {
      const byDefault = await outcomesOf(runtime, { ...two, style: "basic" });
      assert.equal(byDefault.outcomes.get(2), "bolt: two");
      assert.equal(byDefault.leaf.restarts, 0);
      const onError = { policy: "restart-task", backoff: { kind: "rate", restarts: 2, spanMs: 1_000 } } as const;
      const asked = await outcomesOf(runtime, { ...two, style: "basic", onError });
      assert.equal(asked.leaf.restarts, 1);
      assert.equal(countOf(asked.outcomes, "acked"), 9);
    });
  });

  describe(`dropped tuples, ${runtime}`, () => {
    for (const style of ["rich", "basic"] as const) {
      test(`drop: the tree goes on without the tuple, which becomes a dead letter, ${style}`, DEADLINE, async () => {
        const onError = { policy: "drop", deadLetter: "dead" } as const;
        const { outcomes, dead, leaf } = await outcomesOf(runtime, { ...two, style, onError });
        assert.equal(countOf(outcomes, "acked"), 10);
        assert.deepEqual(dead, [["leaf", 2, "numbers", "default", [2], "two"]]);
        assert.deepEqual([leaf.dropped, leaf.restarts, leaf.failed, leaf.acked], [1, 0, 0, 9]);
        assert.equal(leaf.deadLettered, 1);
      });

      test(`drop to a function, which fails the run when it throws, ${style}`, DEADLINE, async () => {
        const deadLetters = new Int32Array(new SharedArrayBuffer(4));
        const { outcomes, dead, leaf } = await outcomesOf(runtime, { ...two, style, deadLetters });
        assert.equal(countOf(outcomes, "acked"), 10);
        assert.deepEqual([deadLetters[0], dead, leaf.dropped, leaf.deadLettered], [2, [], 1, 1]);
        const { error } = await failureOf(runtime, { ...two, style, deadLetters: "throws" }, "TASK_FAILED");
        assert.deepEqual([error.facts.hook, error.facts.error], ["deadLetter", "planted in deadLetter"]);
      });

      test(`drop takes untracked tuples, which fail the run else, ${style}`, DEADLINE, async () => {
        const options = { ...two, style, untracked: true };
        const { leaf } = await outcomesOf(runtime, { ...options, onError: "drop" });
        assert.deepEqual([leaf.dropped, leaf.executed], [1, 10]);
        for (const onError of [undefined, "fail-tuple", "restart-task"] as const) {
          const { error } = await failureOf(
            runtime,
            onError === undefined ? options : { ...options, onError },
            "TASK_FAILED",
          );
          assert.equal((error.cause as Error).message, "two");
        }
      });
    }
  });

  describe(`limits and ends, ${runtime}`, () => {
    test("fail-run: the first error ends the run", DEADLINE, async () => {
      const { error } = await failureOf(runtime, { ...two, onError: "fail-run" }, "TASK_FAILED");
      assert.deepEqual([error.facts.component, error.facts.hook, error.facts.error], ["leaf", "execute", "two"]);
    });

    test("a bolt that throws on every tuple ends the run within its limit", DEADLINE, async () => {
      const options = { tuples: 1_000, behaviour: "always", restartsMax: 3 };
      const { error, totals } = await failureOf(runtime, options, "TASK_RESTART_LIMIT");
      const { component, task, hook, restarts } = error.facts;
      assert.deepEqual([component, task, hook, restarts], ["leaf", 2, "execute", 3]);
      assert.equal(error.facts.error, "never 3");
      assert.equal((error.cause as Error).message, "never 3");
      assert.deepEqual([totals.restarts, totals.executed], [3, 4]);
    });
  });

  describe(`what a restart leaves behind, ${runtime}`, () => {
    test("what it held open fails with it, and with its error", DEADLINE, async () => {
      const { outcomes, leaf } = await outcomesOf(runtime, { tuples: 10, behaviour: "hold all, throw at 5" });
      for (let n = 0; n < 10; n++) assert.equal(outcomes.get(n), n <= 5 ? "bolt: five" : "acked", `tuple ${n}`);
      assert.deepEqual([leaf.failed, leaf.acked, leaf.restarts], [6, 4, 1]);
    });

    test("what the old instance still says changes nothing", DEADLINE, async () => {
      const { outcomes, rows, leaf } = await outcomesOf(runtime, { tuples: 200, behaviour: "late after restart" });
      assert.deepEqual([outcomes.get(0), outcomes.get(1)], ["bolt: one", "bolt: one"]);
      assert.equal(countOf(outcomes, "acked"), 198);
      assert.deepEqual(rows, []);
      assert.deepEqual([leaf.acked, leaf.emitted], [198, 0]);
    });

    test("promises of several tuples: those under way fail with the one that is rejected", DEADLINE, async () => {
      const { outcomes, rows, leaf } = await outcomesOf(runtime, {
        tuples: 40,
        behaviour: "async, reject at 5",
        concurrency: 8,
      });
      assert.equal(outcomes.get(5), "bolt: five");
      const failed = [...outcomes].filter(([, outcome]) => outcome !== "acked").map(([id]) => id);
      assert.ok(failed.length <= 8 && failed.every((id) => id < 16), String(failed));
      assert.deepEqual([leaf.restarts, leaf.acked], [1, 40 - failed.length]);
      assert.deepEqual(rows, [], "more were under way than may be");
    });
  });

  describe(`hooks that throw, ${runtime}`, () => {
    test("a tuple that was acked before its bolt threw fails its tree, once", DEADLINE, async () => {
      const { outcomes, leaf } = await outcomesOf(runtime, { tuples: 10, behaviour: "ack, then throw at 2" });
      assert.equal(outcomes.size, 10);
      assert.equal(leaf.restarts, 1);
    });

    test("onTick that throws, onFlush that throws", DEADLINE, async () => {
      const ticked = await outcomesOf(runtime, { tuples: 10, behaviour: "onTick", tickMs: 2 });
      assert.equal(ticked.restarts[0]!.hook, "onTick");
      assert.ok(countOf(ticked.outcomes, "bolt: planted in onTick") >= 3);
      const flushed = await outcomesOf(runtime, { tuples: 10, behaviour: "onFlush", untracked: true });
      assert.deepEqual(
        flushed.restarts.map(({ hook }) => hook),
        ["onFlush"],
      );
      assert.equal(flushed.summary.outcome, "completed");
      assert.deepEqual(flushed.rows, [77], "the new instance was asked to flush");
    });

    test("prepare that fails again counts; one that heals goes on", DEADLINE, async () => {
      const once = await outcomesOf(runtime, { tuples: 10, behaviour: "prepare fails once" });
      assert.deepEqual(
        once.restarts.map(({ attempt, hook }) => [attempt, hook]),
        [[2, "prepare"]],
      );
      assert.equal(countOf(once.outcomes, "acked"), 9);
      const { error } = await failureOf(
        runtime,
        { tuples: 10, behaviour: "prepare fails", restartsMax: 2 },
        "TASK_RESTART_LIMIT",
      );
      assert.deepEqual([error.facts.hook, error.facts.error], ["prepare", "planted in prepare"]);
    });

    test("a cleanup that throws holds no restart up", DEADLINE, async () => {
      const { outcomes, summary } = await outcomesOf(runtime, { tuples: 10, behaviour: "cleanup fails" });
      assert.equal(countOf(outcomes, "acked"), 9);
      assert.equal(summary.outcome, "completed");
    });
  });

  describe(`spouts that throw, and endings, ${runtime}`, () => {
    for (const spoutThrows of ["nextTuple", "ack", "fail", "open again"] as const) {
      test(`a spout that throws in ${spoutThrows} keeps its pending trees`, DEADLINE, async () => {
        const behaviour = spoutThrows === "fail" ? "throw at 2" : "hold, then ack";
        const { outcomes, summary } = await outcomesOf(runtime, { tuples: 50, behaviour, spoutThrows });
        assert.equal(outcomes.size, 50);
        assert.equal(summary.totals.byComponent.numbers!.restarts, 1);
      });
    }

    test("drain and kill while a task waits for its restart", DEADLINE, async () => {
      for (const ending of ["drain", "kill"] as const) {
        await using cluster = clusterFor(runtime, { workers: 2 });
        const delayMs = ending === "kill" && runtime === "threads" ? 60_000 : 50;
        const onError = { backoff: { kind: "fixed", delayMs } } as const;
        const options = { tuples: 100, behaviour: "throw at 2", onError, endless: true, restartSpanMs: 3_600_000 };
        const run = await cluster.submitTopology("failing", failing, { options });
        for (const output of Object.values(run.outputs)) void collect(output, []);
        const failed = () => run.totals().byComponent.leaf!.failed > 0;
        while (!failed()) await new Promise((resolve) => setImmediate(resolve));
        const summary = await run[ending]();
        assert.equal(summary.outcome, ending === "kill" ? "killed" : "drained");
        if (ending === "kill") continue;
        const { acked, failed: lost, restarts } = summary.totals.byComponent.leaf!;
        assert.deepEqual([lost, restarts, summary.left], [1, 1, 0]);
        assert.equal(acked, summary.totals.byComponent.leaf!.executed - 1);
      }
    });
  });

  test(`a tuple whose promise is pending when the deadline passes is left over, ${runtime}`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime, { workers: 2 });
    const options = { tuples: 10, behaviour: "never settles", concurrency: 4, endless: true };
    const run = await cluster.submitTopology("failing", failing, { options });
    for (const output of Object.values(run.outputs)) void collect(output, []);
    await until(() => run.totals().byComponent.leaf!.acked === 9);
    const summary = await run.drain({ deadlineMs: 50 });
    assert.deepEqual([summary.outcome, summary.left, summary.totals.executing], ["drained", 1, 1]);
  });

  describe(`random failures, ${runtime}`, () => {
    test("a task hook sees emits, executions, acks and fails", DEADLINE, async () => {
      const { rows } = await outcomesOf(runtime, { tuples: 10, behaviour: "hooks" });
      // Ten emits before it told; the tenth execution was not over yet.
      assert.deepEqual(rows.slice(-4), [10, 9, 8, 2]);
    });

    test("random failures: every id is settled once", DEADLINE, async (t) => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
      t.diagnostic(`SEED=${seed}`);
      for (const concurrency of [1, 4]) {
        const options = {
          tuples: 400,
          behaviour: "random",
          onError: { backoff: { kind: "exponential", firstMs: 0.1, maxMs: 1 } },
          restartsMax: null,
          seed: seed + concurrency,
          tickMs: 5,
          concurrency,
        } as const;
        const { outcomes, leaf } = await outcomesOf(runtime, options, {
          messageTimeoutMs: 150,
          maxSpoutPending: 100,
        });
        const acked = countOf(outcomes, "acked");
        assert.ok(acked > 0 && leaf.restarts > 0, `seed ${seed}: ${acked} acked, ${leaf.restarts} restarts`);
        const known = /^(acked|timeout|bolt: (random|after its ack|later|failed|too many))$/;
        for (const [id, outcome] of outcomes) assert.match(outcome, known, `seed ${seed}: tuple ${id}`);
      }
    });
  });
}
