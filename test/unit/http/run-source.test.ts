import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { computePlan } from "../../../src/engine/plan/compute-plan.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import { ERRORS_MAX, TEXT_LENGTH_MAX } from "../../../src/http/error-book.ts";
import { ENDED_MAX, type ObservedEvents, type ObservedRun, RunSource } from "../../../src/http/run-source.ts";
import type { UiState } from "../../../src/http/ui-source.ts";
import type { SnapshotOptions } from "../../../src/metrics/metrics-snapshot.ts";
import { optionsFor, wordCount } from "../plan/plan-fixtures.ts";
import { GRAPH, snapshotOf } from "./fake-source.ts";

const NOW_MS = 5_000;

/** The compiler's check: all that a run of the engine lacks to be observed are its metrics. */
export const observed = (run: TopologyRun & Pick<ObservedRun, "metrics">): ObservedRun => run;

/** A run that a test plays. */
class FakeRun implements ObservedRun {
  readonly name: string;
  readonly plan = computePlan(wordCount(2), optionsFor(2));
  readonly cores = [0, null];
  readonly events = new EventEmitter();
  readonly calls: string[] = [];
  state: UiState = "active";
  takesConsumers = true;
  #end: () => void = () => {};
  readonly #completed = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  constructor(name: string) {
    this.name = name;
  }

  metrics(options: SnapshotOptions) {
    return snapshotOf(this.name, GRAPH, options);
  }

  registerMetricsConsumer(): void {
    if (!this.takesConsumers) throw new Error("the run ends");
    this.calls.push("consumer");
  }

  activate(): void {
    this.calls.push("activate");
  }

  deactivate(): void {
    this.calls.push("deactivate");
  }

  async drain({ deadlineMs }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.calls.push(`drain ${deadlineMs}`);
    throw new Error("a drain that fails is told by the run's state");
  }

  async kill(): Promise<void> {
    this.calls.push("kill");
  }

  completed(): Promise<void> {
    return this.#completed;
  }

  on(event: keyof ObservedEvents, listener: (data: never) => void): void {
    this.events.on(event, listener as (data: unknown) => void);
  }

  off(event: keyof ObservedEvents, listener: (data: never) => void): void {
    this.events.off(event, listener as (data: unknown) => void);
  }

  /** Ends, and lets everyone hear of it. */
  async end(state: UiState): Promise<void> {
    this.state = state;
    this.#end();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function sourceOf(...runs: FakeRun[]) {
  const cluster = { runs };
  return { cluster, source: new RunSource(cluster, () => NOW_MS) };
}

test("a plan becomes a graph: components, edges with their streams and keys, tasks with their workers", () => {
  const { source } = sourceOf(new FakeRun("jobs"));
  const [topology] = source.topologies();
  assert.equal(topology?.id, "jobs");
  const { components, edges, cores } = topology!.graph;
  assert.deepEqual(
    components.slice(0, 3).map(({ id, kind, tasks }) => [id, kind, tasks.length]),
    [
      ["lines", "spout", 2],
      ["split", "bolt", 2],
      ["count", "bolt", 2],
    ],
  );
  assert.ok(components.flatMap(({ tasks }) => tasks).every(({ worker }) => worker === null || worker < 2));
  assert.deepEqual(
    edges.slice(0, 2).map(({ from, to, grouping, fields }) => [from, to, grouping, fields]),
    [
      ["lines", "split", "localOrShuffle", []],
      ["split", "count", "fields", ["word"]],
    ],
  );
  assert.deepEqual(cores, [0, null]);
  const tasks = topology!.workers().flatMap((worker) => worker.tasks);
  assert.deepEqual(
    tasks.toSorted(),
    components.flatMap((it) => it.tasks.filter(({ worker }) => worker !== null).map(({ task }) => task)).toSorted(),
  );
});

test("verbs reach the run; a kill without a deadline drains by the run's own, one of 0 ends at once", () => {
  const run = new FakeRun("jobs");
  const [topology] = sourceOf(run).source.topologies();
  topology!.deactivate();
  topology!.activate();
  topology!.kill(null);
  topology!.kill(3_000);
  topology!.kill(0);
  assert.deepEqual(run.calls, ["consumer", "deactivate", "activate", "drain undefined", "drain 3000", "kill"]);
});

test("errors are kept, the newest first, with the worker of their task, and bounded", () => {
  const run = new FakeRun("jobs");
  const [topology] = sourceOf(run).source.topologies();
  const { task, worker } = topology!.graph.components[1]!.tasks[0]!;
  const cause = new Error("the first cause");
  run.events.emit("taskRestarted", { component: "split", task, hook: "execute", error: cause });
  run.events.emit("workerReplaced", { worker: 1, error: new Error("gone") });
  run.events.emit("stalled", { problem: "nothing moves", component: "count", task: 99 });
  run.events.emit("failed", { error: new Error("x".repeat(2 * TEXT_LENGTH_MAX)) });
  const [failed, stalled, replaced, restarted] = topology!.errors();
  assert.deepEqual([failed?.number, failed?.kind, failed?.text.length], [4, "failed", TEXT_LENGTH_MAX]);
  assert.deepEqual([stalled?.text, stalled?.component, stalled?.worker], ["nothing moves", "count", null]);
  assert.deepEqual([replaced?.worker, replaced?.timeMs], [1, NOW_MS]);
  assert.deepEqual([restarted?.task, restarted?.worker], [task, worker]);
  assert.match(restarted!.text, /in execute[\s\S]*Caused by: Error: the first cause/);

  const circle = new Error("round");
  circle.cause = circle;
  for (let count = 0; count < ERRORS_MAX; count++) run.events.emit("failed", { error: circle });
  assert.deepEqual([topology!.errors().length, topology!.errors()[0]?.number], [ERRORS_MAX, ERRORS_MAX + 4]);
});

test("a spout tells its lag by a gauge of that name; others have none", () => {
  const run = new FakeRun("jobs");
  const [topology] = sourceOf(run).source.topologies();
  assert.deepEqual(topology!.lags(), {});
  const { metrics } = run;
  const gauge = { kind: "gauge", sum: 12, min: 5, max: 7, mean: 6, byTask: { 1: 5, 2: 7 } } as const;
  run.metrics = (options) => {
    const snapshot = metrics.call(run, options);
    const [lines, split] = ["lines", "split"].map((id) => ({ ...snapshot.components[id]!, user: { lag: gauge } }));
    return { ...snapshot, components: { ...snapshot.components, lines: lines!, split: split! } };
  };
  const spoutLagResult = { lag: 12, byTask: { 1: 5, 2: 7 } };
  assert.deepEqual(topology!.lags(), { lines: { spoutId: "lines", spoutType: "GAUGE", spoutLagResult } });
});

test("a run that has ended stays with its last numbers, is let go, and is forgotten in time", async () => {
  const first = new FakeRun("first");
  const { cluster, source } = sourceOf(first);
  source.look();
  await first.end("completed");
  cluster.runs = [];
  const [ended] = source.topologies();
  assert.deepEqual([ended?.state, ended?.metrics({})?.uptimeMs], ["completed", 365_000]);
  assert.equal(first.events.eventNames().length, 0);
  ended!.activate();
  assert.deepEqual(first.calls, ["consumer"]);

  for (let count = 0; count < ENDED_MAX; count++) {
    const run = new FakeRun(`later-${count}`);
    cluster.runs = [run];
    source.look();
    await run.end("failed");
  }
  cluster.runs = [];
  const ids = source.topologies().map(({ id }) => id);
  assert.deepEqual(
    ids,
    Array.from({ length: ENDED_MAX }, (_, count) => `later-${ENDED_MAX - 1 - count}`),
  );
});

test("a run that takes no more consumers is shown all the same; one that starts has no numbers", () => {
  const run = new FakeRun("jobs");
  run.takesConsumers = false;
  run.state = "starting";
  const { source } = sourceOf(run);
  source.look();
  source.look();
  const [topology, ...others] = source.topologies();
  assert.deepEqual([topology?.metrics({}), others], [null, []]);
  source.close();
  assert.equal(run.events.eventNames().length, 0);
});
