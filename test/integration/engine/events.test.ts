import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunState } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, rejectionOf, until } from "./helpers.ts";
import { newJournal } from "./journal.ts";
import { journaled } from "./topologies/journaled.ts";
import { ports } from "./topologies/ports.ts";

for (const runtime of RUNTIMES) {
  test(
    `events, ${runtime}: states come in order, and failed comes before completed() rejects`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const run = await cluster.submitTopology("ports", ports, { options: { failAt: 1 } });
      const told: (RunState | Error)[] = [];
      run.on("stateChanged", ({ state }) => told.push(state)).on("failed", ({ error }) => told.push(error));
      assert.equal(run.state, "active");
      run.deactivate();
      run.activate();
      await run.feeders.left.emit([1, "a"]);
      const error = await rejectionOf(run.completed(), "TASK_FAILED");
      assert.deepEqual(told, ["inactive", "active", "stopping", "failed", error]);
    },
  );

  test(`events, ${runtime}: a listener that is taken off hears nothing more`, DEADLINE, async () => {
    await using cluster = clusterFor(runtime);
    const run = await cluster.submitTopology("ports", ports);
    const states: RunState[] = [];
    const listen = ({ state }: { state: RunState }) => states.push(state);
    run.on("stateChanged", listen);
    run.deactivate();
    run.off("stateChanged", listen);
    await run.kill();
    assert.deepEqual(states, ["inactive"]);
  });

  test(
    `events, ${runtime}: a listener that throws disturbs neither the run nor other listeners`,
    DEADLINE,
    async () => {
      await using cluster = clusterFor(runtime);
      const run = await cluster.submitTopology("ports", ports);
      const states: RunState[] = [];
      run.on("stateChanged", () => {
        throw new Error("planted in a listener");
      });
      run.on("stateChanged", ({ state }) => states.push(state));
      run.deactivate();
      assert.equal((await run.kill()).outcome, "killed");
      assert.deepEqual(states, ["inactive", "stopping", "killed"]);
    },
  );

  test(`events, ${runtime}: a failure that nobody listens to harms nobody`, DEADLINE, async () => {
    const escaped: unknown[] = [];
    const note = (error: unknown) => escaped.push(error);
    process.on("unhandledRejection", note);
    process.on("uncaughtException", note);
    try {
      await using cluster = clusterFor(runtime, { stopTimeoutMs: 50 });
      const failing = await cluster.submitTopology("failing", ports, { options: { failAt: 1 } });
      void failing.feeders.left.emit([1, "a"]);
      await until(() => failing.state === "failed");
      void failing.kill();
      void failing.drain();
      const hanging = { journal: newJournal(), rows: 1, hang: "cleanup" } as const;
      const other = await cluster.submitTopology("other", journaled, { options: hanging });
      await until(() => other.state === "failed");
      // Rejections without a handler are told when the microtasks are done.
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(escaped, []);
    } finally {
      process.off("unhandledRejection", note);
      process.off("uncaughtException", note);
    }
  });
}
