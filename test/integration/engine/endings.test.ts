import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunState } from "../../../src/index.ts";
import { runTopology } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, rejectionOf, threadCount, until } from "./helpers.ts";
import { countOf, linesOf, newJournal } from "./journal.ts";
import { type JournaledOptions, journaled } from "./topologies/journaled.ts";

const BOLT_TASKS = ["middle#0", "middle#1", "last#0"];

function optionsFor(rows: number, hang?: NonNullable<JournaledOptions["hang"]>): JournaledOptions {
  return { journal: newJournal(), rows, ...(hang === undefined ? {} : { hang }) };
}

/** The hooks of one task, in order. */
function hooksOf(options: JournaledOptions, task: string): string[] {
  return linesOf(options.journal)
    .filter((line) => line.startsWith(`${task} `))
    .map((line) => line.slice(task.length + 1));
}

for (const runtime of RUNTIMES) {
  test(
    `endings, ${runtime}: a finite topology ends by itself: each hook once per task, in order`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime, { workers: 2 });
      const options = optionsFor(100);
      const run = await cluster.submitTopology("finite", journaled, { options });
      const summary = await run.completed();
      for (const task of BOLT_TASKS) {
        assert.deepEqual(
          hooksOf(options, task),
          ["prepare", "activate", "onFlush", "onEnd", "signal", "cleanup"],
          task,
        );
      }
      assert.deepEqual(hooksOf(options, "source#0"), ["open", "activate", "close"]);
      const lines = linesOf(options.journal);
      assert.ok(lines.indexOf("middle#0 onFlush") < lines.indexOf("last#0 onFlush"));
      assert.ok(lines.indexOf("middle#1 onEnd") < lines.indexOf("last#0 onEnd"));
      assert.equal(summary.outcome, "completed");
      assert.equal(summary.topology, "finite");
      assert.equal(summary.workers, 2);
      assert.equal(summary.left, 0);
      assert.equal(summary.totals.byComponent.source?.emitted, 100);
      assert.equal(summary.totals.byComponent.middle?.executed, 100);
      assert.equal(summary.totals.byComponent.last?.executed, 100);
      assert.equal(summary.totals.transferred, 200);
      assert.equal(summary.totals.failed, 0);
    },
  );

  test(
    `endings, ${runtime}: drain: what is under way finishes, onFlush and cleanup run, onEnd does not`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const options = optionsFor(-1);
      const run = await cluster.submitTopology("endless", journaled, { options });
      await until(() => run.totals().byComponent.last!.executed > 0);
      const summary = await run.drain();
      assert.equal(summary.outcome, "drained");
      assert.equal(summary.left, 0);
      assert.equal(summary.totals.byComponent.source!.emitted, summary.totals.byComponent.last!.executed);
      for (const task of BOLT_TASKS) {
        assert.deepEqual(hooksOf(options, task), ["prepare", "activate", "onFlush", "signal", "cleanup"], task);
      }
    },
  );

  test(`endings, ${runtime}: a drain past its deadline ends, and counts what was left`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const options = optionsFor(1000, "execute");
    const run = await cluster.submitTopology("stuck", journaled, { options });
    await until(() => run.totals().byComponent.last!.emitted > 0);
    const summary = await run.drain({ deadlineMs: 20 });
    assert.equal(summary.outcome, "drained");
    assert.ok(summary.left > 0, JSON.stringify(summary));
    assert.equal(countOf(options.journal, "last#0 onEnd"), 0);
    assert.equal(countOf(options.journal, "last#0 cleanup"), 1);
  });

  test(`endings, ${runtime}: kill drops what is under way and cleans up`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const options = optionsFor(-1);
    const run = await cluster.submitTopology("endless", journaled, { options });
    const summary = await run.kill();
    assert.equal(summary.outcome, "killed");
    for (const task of BOLT_TASKS) {
      assert.deepEqual(hooksOf(options, task), ["prepare", "activate", "signal", "cleanup"], task);
    }
  });

  test(
    `endings, ${runtime}: calls come in any order and any number, and after the end change nothing`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const states: RunState[] = [];
      const options = optionsFor(-1);
      const run = await cluster.submitTopology("endless", journaled, { options });
      run.on("stateChanged", ({ state }) => states.push(state));
      run.activate();
      run.deactivate();
      run.deactivate();
      const drained = run.drain({ deadlineMs: Number.POSITIVE_INFINITY });
      run.activate();
      run.deactivate();
      const again = run.drain();
      const killed = run.kill();
      const summary = await drained;
      assert.equal(await again, summary);
      assert.equal(await killed, summary);
      assert.equal(summary.outcome, "killed");
      assert.equal(await run.kill(), summary);
      assert.equal(await run.drain(), summary);
      run.activate();
      run.deactivate();
      assert.deepEqual(states, ["inactive", "draining", "stopping", "killed"]);
      assert.equal(run.state, "killed");
      assert.equal(countOf(options.journal, "last#0 cleanup"), 1);
    },
  );

  test(`endings, ${runtime}: an earlier deadline holds when a drain is asked for again`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("stuck", journaled, { options: optionsFor(100, "execute") });
    const first = run.drain({ deadlineMs: Number.POSITIVE_INFINITY });
    await run.drain({ deadlineMs: 5 });
    assert.equal((await first).outcome, "drained");
    await rejectionOf(run.drain({ deadlineMs: Number.NaN }), "RUN_BAD_DEADLINE");
  });

  test(`endings, ${runtime}: deactivate stops the spouts, activate lets them go on`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const options = optionsFor(-1);
    const run = await cluster.submitTopology("endless", journaled, { options });
    await until(() => run.totals().byComponent.last!.executed > 0);
    run.deactivate();
    await until(() => countOf(options.journal, "source#0 deactivate") === 1);
    await until(() => {
      const { source, last } = run.totals().byComponent;
      return source!.emitted > 0 && source!.emitted === last!.executed;
    });
    const stopped = run.totals().byComponent.source!.emitted;
    run.activate();
    await until(() => run.totals().byComponent.source!.emitted > stopped);
    await run.kill();
    assert.deepEqual(hooksOf(options, "source#0"), ["open", "activate", "deactivate", "activate", "close"]);
    assert.deepEqual(hooksOf(options, "last#0").slice(0, 4), ["prepare", "activate", "deactivate", "activate"]);
  });

  test(`endings, ${runtime}: close() and await using drain`, DEADLINE, async () => {
    const options = optionsFor(-1);
    let completed: Promise<unknown> | undefined;
    {
      await using cluster = clusterFor(runtime);
      const run = await cluster.submitTopology("endless", journaled, { options });
      completed = run.completed();
    }
    assert.equal(((await completed) as { outcome: string }).outcome, "drained");
    const cluster = clusterFor(runtime);
    {
      await using run = await cluster.submitTopology("endless", journaled, { options });
      completed = run.completed();
    }
    assert.equal(((await completed) as { outcome: string }).outcome, "drained");
    await Promise.all([cluster.close(), cluster.close()]);
    await rejectionOf(cluster.submitTopology("late", journaled, { options }), "CLUSTER_CLOSED");
  });

  test(`endings, ${runtime}: an abort drains a run, and gives up one that starts`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const abort = new AbortController();
    const run = await cluster.submitTopology("run", journaled, { options: optionsFor(-1), signal: abort.signal });
    abort.abort();
    assert.equal((await run.completed()).outcome, "drained");

    const before = AbortSignal.abort(new Error("too late"));
    const options = optionsFor(-1);
    await assert.rejects(cluster.submitTopology("run", journaled, { options, signal: before }), before.reason);
    assert.deepEqual(linesOf(options.journal), []);

    const during = new AbortController();
    const hanging = optionsFor(-1, "prepare");
    const start = cluster.submitTopology("run", journaled, {
      options: hanging,
      signal: during.signal,
      config: { stopTimeoutMs: 50 },
    });
    const rejected = assert.rejects(start, (error) => error === during.signal.reason);
    await until(() => countOf(hanging.journal, "last#0 prepare") === 1);
    during.abort();
    await rejected;
    assert.equal(countOf(hanging.journal, "middle#0 cleanup"), 1);
    assert.deepEqual(cluster.topologies, []);
  });

  test(`endings, ${runtime}: close() does not wait for a topology that starts`, DEADLINE, async () => {
    const cluster = clusterFor(runtime, { stopTimeoutMs: 50 });
    const options = optionsFor(-1, "prepare");
    const rejected = rejectionOf(cluster.submitTopology("run", journaled, { options }), "CLUSTER_CLOSED");
    await until(() => countOf(options.journal, "last#0 prepare") === 1);
    await cluster.close();
    await rejected;
  });

  test(`endings, ${runtime}: a prepare that never settles is ended and named`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime, { startTimeoutMs: 6_000, stopTimeoutMs: 500 });
    const options = optionsFor(1, "prepare");
    const error = await rejectionOf(cluster.submitTopology("run", journaled, { options }), "START_TIMEOUT");
    assert.deepEqual(error.facts["tasks not open"], ["last#0 (task 4)"]);
    assert.equal(countOf(options.journal, "middle#0 cleanup"), 1);
  });

  test(
    "a cleanup that never settles is ended and named, and does not keep others from theirs",
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime, { stopTimeoutMs: 1000 });
      const options = optionsFor(1, "cleanup of middle");
      const run = await cluster.submitTopology("run", journaled, { options });
      const error = await rejectionOf(run.completed(), "STOP_TIMEOUT");
      assert.deepEqual(error.facts.tasks, ["middle#0 (task 2)", "middle#1 (task 3)"]);
      for (const task of ["source#0 close", "last#0 cleanup"]) assert.equal(countOf(options.journal, task), 1);
      const killed = await cluster.submitTopology("run", journaled, { options: optionsFor(-1, "cleanup") });
      assert.equal((await killed.kill()).outcome, "killed");
    },
  );

  test(`endings, ${runtime}: runTopology ends its cluster, also when the run fails`, DEADLINE, async () => {
    const cluster = { workers: 1, runtime, logLevel: "silent", stopTimeoutMs: 50 } as const;
    assert.equal((await runTopology(journaled, { options: optionsFor(10), cluster })).outcome, "completed");
    await rejectionOf(runTopology(journaled, { options: optionsFor(1, "cleanup"), cluster }), "STOP_TIMEOUT");
    const named = runTopology(journaled, { options: optionsFor(1), cluster, name: "not a name" });
    assert.match((await rejectionOf(named, "TOPOLOGY_ILLEGAL_NAME")).message, /not a name/);
  });
}

test("an execute that never returns is ended by kill, and its thread with it", DEADLINE, async () => {
  await using cluster = clusterFor("threads", { stopTimeoutMs: 50 });
  await (await cluster.submitTopology("warm", journaled, { options: optionsFor(1) })).completed();
  const before = threadCount();
  const options = optionsFor(-1, "execute blocks");
  const run = await cluster.submitTopology("blocked", journaled, { options });
  await until(() => countOf(options.journal, "last#0 activate") === 1);
  assert.equal((await run.kill()).outcome, "killed");
  assert.equal(threadCount(), before);
});
