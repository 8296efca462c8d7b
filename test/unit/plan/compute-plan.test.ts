import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computePlan } from "../../../src/engine/plan/compute-plan.ts";
import type { EdgePlan, PhysicalPlan } from "../../../src/engine/plan/physical-plan.ts";
import { KEY_GROUP_COUNT } from "../../../src/grouping/key-groups.ts";
import type { TopologySpec } from "../../../src/topology/topology-spec.ts";
import * as fixtures from "./plan-fixtures.ts";

const { COUNT, MIB, optionsFor, tasksIn, threadsOf, topologyOf, WORD, wordCount } = fixtures;

test("a symmetric topology has a slice of every component on every worker", () => {
  const plan = computePlan(wordCount(), optionsFor(2));

  for (const component of ["lines", "split", "count"]) assert.deepEqual(threadsOf(plan, component), [0, 1]);
  assert.deepEqual(threadsOf(plan, "__output.counts"), [2]);
});

test("task ids count from 1 in order of declaration, contiguous per component", () => {
  const plan = computePlan(wordCount(), optionsFor(2));

  assert.equal(plan.tasks[0], null);
  assert.deepEqual(
    plan.components.map(({ taskIds }) => taskIds),
    [[1, 2], [3, 4], [5, 6], [7]],
  );
});

test("a line of two tasks uses both of two workers", () => {
  const plan = computePlan(topologyOf({ spout: {}, bolt: { from: ["spout"] } }), optionsFor(2));

  assert.deepEqual([threadsOf(plan, "spout"), threadsOf(plan, "bolt")], [[0], [1]]);
});

test("a narrow component goes to its source when the load is even", () => {
  const spec = topologyOf({ a: {}, b: { from: ["a"] }, c: { from: ["b"] }, d: { from: ["c"] } });
  const plan = computePlan(spec, optionsFor(2));

  assert.deepEqual(
    ["a", "b", "c", "d"].map((id) => threadsOf(plan, id)[0]),
    [0, 1, 1, 0],
  );
});

test("of two workers with the same load, the one with the source gets the task", () => {
  const spec = topologyOf({ spout: {}, left: { from: ["spout"] }, right: { from: ["spout"] } });

  assert.deepEqual(threadsOf(computePlan(spec, optionsFor(2)), "right"), [0]);
});

test("remainders of several components go to different workers", () => {
  const spec = topologyOf({ a: { parallelism: 3 }, b: { parallelism: 3, from: ["a"] } });
  const plan = computePlan(spec, optionsFor(2));

  assert.deepEqual(threadsOf(plan, "a"), [0, 0, 1]);
  assert.deepEqual(threadsOf(plan, "b"), [0, 1, 1]);
});

test("maxTaskParallelism caps numbers and auto alike", () => {
  const spec = topologyOf({ a: { parallelism: "auto" }, b: { parallelism: 40, from: ["a"] }, c: { from: ["b"] } });
  const plan = computePlan(spec, optionsFor(8, { maxTaskParallelism: 3 }));

  assert.deepEqual(
    plan.components.map(({ taskIds }) => taskIds.length),
    [3, 3, 1],
  );
});

test("with one worker everything but the main thread's ends is local", () => {
  const plan = computePlan(wordCount(2), optionsFor(1));

  assert.deepEqual(
    plan.edges.map(({ kind }) => kind),
    ["local", "local", "ring"],
  );
  assert.deepEqual(
    plan.rings.map(({ producerThread, consumerTask }) => [producerThread, consumerTask]),
    [[0, 7]],
  );
});

test("an edge is chained when its only target is beside all its producers", () => {
  const kindWith = (parallelism: number, edge: object, workerCount = 1): string => {
    const spec = topologyOf({ a: {}, b: { parallelism, from: [{ source: "a", ...edge }] } });
    return computePlan(spec, optionsFor(workerCount)).edges[0]!.kind;
  };

  assert.equal(kindWith(1, {}), "chained");
  assert.equal(kindWith(2, {}), "local");
  assert.equal(kindWith(2, { grouping: { kind: "global" } }), "chained");
  assert.equal(kindWith(2, { grouping: { kind: "localOrShuffle" } }, 2), "ring");
  assert.equal(kindWith(1, {}, 2), "ring");
});

test("a feedback edge is never chained and has rings of its own", () => {
  const loop = { source: "b", feedback: true };
  const withLoop = topologyOf({ spout: {}, a: { from: ["spout", loop] }, b: { from: ["a"] } });

  assert.deepEqual(
    computePlan(withLoop, optionsFor(1)).edges.map(({ kind }) => kind),
    ["chained", "local", "chained"],
  );
  const plan = computePlan(withLoop, optionsFor(3));
  assert.deepEqual(
    plan.rings.map(({ producerThread, consumerTask, feedback }) => [producerThread, consumerTask, feedback]),
    [
      [0, 2, false],
      [1, 3, false],
      [2, 2, true],
    ],
  );
  assert.deepEqual(
    plan.components.map(({ depth }) => depth),
    [0, 1, 2],
    "the back edge does not count for depth",
  );
  assert.deepEqual(plan.components[1]!.upstreamTasks, [1], "nor for the end of the input");
  assert.deepEqual(
    plan.components.map(({ cycle }) => cycle),
    [null, 0, 0],
  );
});

test("depth is the longest path, and upstream tasks are those of all sources", () => {
  const spec = topologyOf({
    join: { from: ["right", "left"] },
    left: { from: ["spout"], parallelism: 2 },
    spout: {},
    right: { from: ["left", "spout"] },
  });
  const plan = computePlan(spec, optionsFor(2));

  assert.deepEqual(
    plan.components.map(({ id, depth, upstreamTasks }) => [id, depth, upstreamTasks]),
    [
      ["join", 3, [2, 3, 5]],
      ["left", 1, [4]],
      ["spout", 0, []],
      ["right", 2, [2, 3, 4]],
    ],
  );
});

test("columns and keys are positions in the stream, in the order of the consumer and of the grouping", () => {
  const spec = topologyOf({
    spout: {
      outputs: { default: { fields: [WORD, COUNT], direct: false }, rare: { fields: [COUNT, WORD], direct: true } },
    },
    bolt: {
      parallelism: 3,
      inputs: { default: [COUNT, WORD], words: [WORD] },
      from: [
        { source: "spout", grouping: { kind: "partialKey", fields: ["count", "word"] } },
        { source: "spout", stream: "rare", input: "words", grouping: { kind: "fields", fields: ["word"] } },
      ],
    },
  });
  const plan = computePlan(spec, optionsFor(2));

  assert.deepEqual(
    plan.edges.map(({ streamIndex, columns, keyColumns }) => [streamIndex, columns, keyColumns]),
    [
      [0, [1, 0], [1, 0]],
      [1, [1], [1]],
    ],
  );
  assert.equal(plan.edges[0]!.groupOwners, null);
  assert.equal(plan.edges[1]!.groupOwners!.length, KEY_GROUP_COUNT);
  assert.deepEqual([...new Set(plan.edges[1]!.groupOwners)], [0, 1, 2]);
  assert.deepEqual(
    plan.streams.map(({ component, stream, direct, edges }) => [component, stream, direct, edges]),
    [
      ["spout", "default", false, [0]],
      ["spout", "rare", true, [1]],
      ["bolt", "default", false, []],
    ],
  );
});

test("rings: a power of two, an equal share, within the bounds", () => {
  const bytesWith = (ringBudgetBytes: number): number =>
    computePlan(wordCount(), optionsFor(2, { ringBudgetBytes })).rings[0]!.bytes;

  assert.equal(bytesWith(64 * MIB), MIB, "never above the largest");
  assert.equal(bytesWith(6 * MIB), MIB);
  assert.equal(bytesWith(6 * MIB - 1), MIB / 2);
  assert.equal(bytesWith(6 * 4096), 4096);
  assert.throws(() => bytesWith(6 * 4096 - 1), {
    code: "PLAN_RING_BUDGET",
    facts: { ringBudgetBytes: 24_575, needed: 24_576, ringBytesMin: 4096 },
  });
  assert.equal(
    computePlan(wordCount(), optionsFor(2, { ringBytesMin: 5000, ringBytesMax: 5000, ringBudgetBytes: 2 ** 40 }))
      .rings[0]!.bytes,
    8192,
    "bounds that are no power of two are rounded, the smallest one upwards",
  );
});

test("random topologies: tasks, edges, rings and load are as promised", () => {
  const workers = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(fixtures.topologies, workers, (spec, workerCount) => {
      const options = optionsFor(workerCount, { ringBudgetBytes: 2 ** 32 });
      const plan = computePlan(spec, options);
      checkTasks(spec, plan);
      checkLoad(plan);
      checkRings(plan, options.ringBudgetBytes);
      for (const edge of plan.edges) checkEdge(plan, edge);
      assert.deepEqual(computePlan(structuredClone(spec), options), plan, "the same input gives the same plan");
    }),
    fixtures.propertyOptions(300),
  );
});

/** Every task is placed once, on a thread that may host it. */
function checkTasks(spec: TopologySpec, plan: PhysicalPlan): void {
  const tasks = tasksIn(plan);
  assert.deepEqual(
    tasks.map(({ taskId }) => taskId),
    tasks.map((_, index) => index + 1),
  );
  for (const { id, kind, parallelism } of spec.components) {
    const own = tasks.filter(({ component }) => component === id);
    const isEnd = kind === "feeder" || kind === "output";
    assert.equal(own.length, isEnd ? 1 : parallelism === "auto" ? plan.workerCount : parallelism);
    assert.ok(
      own.every(({ thread }) => (isEnd ? thread === plan.workerCount : thread >= 0 && thread < plan.workerCount)),
    );
    assert.deepEqual(
      plan.components.find((component) => component.id === id)!.taskIds,
      own.map(({ taskId }) => taskId),
    );
  }
}

/** Two workers differ by one task at most, within each component and in total. */
function checkLoad(plan: PhysicalPlan): void {
  const spreadOf = (threads: readonly number[]): number => {
    const loads = new Array<number>(plan.workerCount).fill(0);
    for (const thread of threads) if (thread < plan.workerCount) loads[thread]! += 1;
    return Math.max(...loads) - Math.min(...loads);
  };
  assert.ok(spreadOf(tasksIn(plan).map(({ thread }) => thread)) <= 1, "load in total");
  for (const { id } of plan.components) assert.ok(spreadOf(threadsOf(plan, id)) <= 1, `load of ${id}`);
}

/** No ring twice, none within a thread, all within the budget, dirty bits dense for each pair of threads. */
function checkRings(plan: PhysicalPlan, budget: number): void {
  const seen = new Set<string>();
  const bits = new Map<string, number>();
  for (const [index, ring] of plan.rings.entries()) {
    assert.equal(ring.ringIndex, index);
    assert.equal(plan.tasks[ring.consumerTask]!.thread, ring.consumerThread);
    assert.notEqual(ring.producerThread, ring.consumerThread);
    assert.equal(Math.log2(ring.bytes) % 1, 0);
    const key = `${ring.producerThread} ${ring.consumerTask} ${ring.feedback}`;
    assert.ok(!seen.has(key), "two rings for one purpose");
    seen.add(key);
    const pair = `${ring.producerThread} ${ring.consumerThread}`;
    assert.equal(ring.dirtyBit, bits.get(pair) ?? 0);
    bits.set(pair, ring.dirtyBit + 1);
    assert.ok(servesAnEdge(plan, ring), "a ring without an edge");
  }
  assert.ok(plan.rings.reduce((sum, ring) => sum + ring.bytes, 0) <= budget);
}

function servesAnEdge(plan: PhysicalPlan, ring: PhysicalPlan["rings"][number]): boolean {
  return plan.edges.some(
    (edge) =>
      edge.feedback === ring.feedback &&
      edge.targetTasks.includes(ring.consumerTask) &&
      threadsOf(plan, plan.streams[edge.streamIndex]!.component).includes(ring.producerThread),
  );
}

/** Each producing task reaches each target on its own thread or through exactly one ring, as the edge's kind says. */
function checkEdge(plan: PhysicalPlan, edge: EdgePlan): void {
  const source = plan.streams[edge.streamIndex]!.component;
  let crossings = 0;
  for (const { taskId, thread } of tasksIn(plan).filter((task) => task.component === source)) {
    for (const target of edge.targetTasks) {
      if (plan.tasks[target]!.thread === thread) continue;
      crossings += 1;
      const rings = plan.rings.filter(
        (ring) => ring.producerThread === thread && ring.consumerTask === target && ring.feedback === edge.feedback,
      );
      assert.equal(rings.length, 1, `task ${taskId} to task ${target}`);
    }
  }
  assert.equal(edge.kind === "ring", crossings > 0);
  if (edge.kind === "chained") assert.ok(edge.targetTasks.length === 1 || edge.grouping.kind === "global");
}
