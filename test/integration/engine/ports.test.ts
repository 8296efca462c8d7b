import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvents } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, rejectionOf, until } from "./helpers.ts";
import { counting } from "./topologies/counting.ts";
import { ports } from "./topologies/ports.ts";

/** The smallest rings and queues there are, so that little fills them. */
const SMALL = {
  ringBytesMax: 4096,
  ringBudgetBytes: 64 * 1024,
  localQueueRowsMax: 16,
  localMarkRows: 8,
  batchRowsMax: 8,
};

for (const runtime of RUNTIMES) {
  test(
    `outputs, ${runtime}: a slow reader holds the spout back, and reads everything in order`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const run = await cluster.submitTopology("numbers", counting, { config: SMALL });
      const values = run.outputs.values[Symbol.asyncIterator]();
      let emitted = -1;
      // Held back: the count of emits stands still although nobody stopped the spout.
      await until(() => {
        const now = run.totals().byComponent.numbers!.emitted;
        const still = now > 0 && now === emitted;
        emitted = now;
        return still;
      });
      for (let expected = 0; expected < 1000; expected++) {
        assert.equal((await values.next()).value?.value, expected);
      }
      // Rings of 4 KiB and queues of 16 rows: what is under way is bounded by them.
      const { numbers } = run.totals().byComponent;
      assert.ok(numbers!.emitted < 1000 + 6000, `${numbers!.emitted}`);
      await run.kill();
      assert.equal((await values.next()).done, true);
    },
  );

  test(`outputs, ${runtime}: leaving the iterator detaches: the topology runs on`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("numbers", counting, { config: SMALL });
    for await (const tuple of run.outputs.values) if (tuple.value === 10) break;
    const emitted = run.totals().byComponent.numbers!.emitted;
    await until(() => run.totals().byComponent.numbers!.emitted > emitted + 10_000);
    const again = await run.outputs.values[Symbol.asyncIterator]().next();
    assert.equal(again.done, true);
    assert.equal((await run.drain()).left, 0);
  });

  test(
    `outputs, ${runtime}: an output that nobody reads is told of, and holds neither kill nor drain`,
    DEADLINE,
    async () => {
      for (const end of ["kill", "drain"] as const) {
        await using cluster = clusterFor(runtime);
        const config = { ...SMALL, stallReportMs: 1 };
        const run = await cluster.submitTopology("numbers", counting, { config });
        const stalled = await new Promise<RunEvents["stalled"]>((resolve) => run.on("stalled", resolve));
        assert.match(stalled.problem, /"values".*nobody reads/);
        assert.match(stalled.component, /values/);
        if (end === "kill") assert.equal((await run.kill()).outcome, "killed");
        else {
          const summary = await run.drain({ deadlineMs: 20 });
          assert.equal(summary.outcome, "drained");
          assert.ok(summary.left > 0);
        }
        assert.equal((await run.outputs.values[Symbol.asyncIterator]().next()).done, true);
      }
    },
  );

  test(
    `outputs, ${runtime}: an output that is read, or that has nothing to read, is not told of`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const run = await cluster.submitTopology("ports", ports, { config: { stallReportMs: 1 } });
      run.on("stalled", ({ problem }) => assert.fail(problem));
      const startMs = performance.now();
      const passed = run.outputs.passed[Symbol.asyncIterator]();
      while (performance.now() - startMs < 600) {
        const [, next] = await Promise.all([run.feeders.left.emit([1, "a"]), passed.next()]);
        assert.equal(next.done, false);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await run.kill();
    },
  );

  test(`outputs, ${runtime}: a failure rejects a pending read, and later ones`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("ports", ports, { options: { failAt: 3 } });
    const reader = run.outputs.passed[Symbol.asyncIterator]();
    const pending = rejectionOf(reader.next(), "TASK_FAILED");
    await run.feeders.left.emit([3, "a"]);
    const error = await pending;
    assert.equal((error.cause as Error).message, "cannot pass 3");
    assert.equal(await rejectionOf(run.completed(), "TASK_FAILED"), error);
    assert.equal(await rejectionOf(reader.next(), "TASK_FAILED"), error);
  });

  test(`feeders, ${runtime}: several feeders; ending all of them ends the topology`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("ports", ports);
    const feed = async (feeder: typeof run.feeders.left, text: string) => {
      for (let value = 0; value < 500; value++) await feeder.emit([value, text]);
      feeder.end();
      feeder.end();
    };
    const fed = Promise.all([feed(run.feeders.left, "left"), feed(run.feeders.right, "right")]);
    const seen: Record<string, number[]> = { left: [], right: [] };
    for await (const tuple of run.outputs.passed) seen[tuple.text]!.push(tuple.value);
    await fed;
    const all = Array.from({ length: 500 }, (_, value) => value);
    assert.deepEqual(seen, { left: all, right: all });
    assert.equal((await run.completed()).outcome, "completed");
    await rejectionOf(run.feeders.left.emit([1, "late"]), "FEEDER_ENDED");
  });

  test(
    `feeders, ${runtime}: emit waits for room, tryEmit says that there is none, too many emits are refused`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const config = { ...SMALL, emitOverflowMax: 64 };
      const run = await cluster.submitTopology("ports", ports, { options: { stuck: true }, config });
      const { left } = run.feeders;
      let taken = 0;
      while (left.tryEmit([taken, "x".repeat(100)])) taken++;
      assert.ok(taken > 1 && taken < 1000, `${taken}`);
      const waiting = Array.from({ length: 64 }, () => left.emit([1, "x".repeat(100)]));
      const refused = waiting.map((emit) => rejectionOf(emit, "FEEDER_ENDED"));
      await rejectionOf(left.emit([1, "x"]), "FEEDER_OVERFLOW");
      await run.kill();
      await Promise.all(refused);
    },
  );

  test(`feeders, ${runtime}: a wrong value is refused, and nothing else happens`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("ports", ports);
    const { left, right } = run.feeders;
    const error = await rejectionOf(left.emit(["1" as never, "a"]), "TUPLE_VALUE_INVALID");
    assert.equal(error.facts.component, "left");
    assert.equal(error.facts.field, "value");
    assert.throws(() => left.tryEmit([1.5, "a"]), { code: "TUPLE_VALUE_INVALID" });
    await rejectionOf(left.emit([1] as never), "TUPLE_VALUE_INVALID");
    await left.emit([7, "good"]);
    left.end();
    right.end();
    const seen: number[] = [];
    for await (const tuple of run.outputs.passed) seen.push(tuple.value);
    assert.deepEqual(seen, [7]);
    assert.equal((await run.completed()).outcome, "completed");
  });

  test(`feeders, ${runtime}: a tuple that is too large fails the emit and the run`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("ports", ports, { config: SMALL });
    await rejectionOf(run.feeders.left.emit([1, "x".repeat(100_000)]), "TUPLE_TOO_LARGE");
    const error = await rejectionOf(run.completed(), "TASK_FAILED");
    assert.equal((error.cause as { code?: string }).code, "TUPLE_TOO_LARGE");
  });

  test(
    `feeders, ${runtime}: feeding an inactive topology waits until it is active again, or is drained`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const run = await cluster.submitTopology("ports", ports);
      const reader = run.outputs.passed[Symbol.asyncIterator]();
      run.deactivate();
      assert.equal(run.feeders.left.tryEmit([1, "a"]), false);
      const waiting = run.feeders.left.emit([2, "a"]);
      run.activate();
      await waiting;
      assert.equal((await reader.next()).value?.value, 2);
      run.deactivate();
      const last = run.feeders.left.emit([3, "a"]);
      const drained = run.drain();
      await last;
      assert.equal((await reader.next()).value?.value, 3);
      assert.equal((await reader.next()).done, true);
      assert.equal((await drained).left, 0);
      await rejectionOf(run.feeders.right.emit([4, "a"]), "FEEDER_ENDED");
    },
  );
}
