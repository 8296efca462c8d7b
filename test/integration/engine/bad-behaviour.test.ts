import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EngineError, type ErrorCode, type TopologyConfig } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime, rejectionOf, threadCount } from "./helpers.ts";
import { type Behaviour, badBehaviour, badBolt } from "./topologies/bad-behaviour.ts";
import { counting } from "./topologies/counting.ts";

/** Runs a topology that misbehaves, and gives the coded error behind the failure of its task. */
async function causeOf(
  runtime: Runtime,
  options: Behaviour,
  { topology = badBehaviour, config = {} }: { topology?: typeof badBehaviour; config?: TopologyConfig } = {},
): Promise<{ error: EngineError; cause: EngineError }> {
  // Two workers: frames go through rings.
  await using cluster = clusterFor(runtime, { workers: 2, restartsMax: 0 });
  const run = await cluster.submitTopology("bad", topology, { options, config });
  const error = await rejectionOf(run.completed(), "TASK_FAILED");
  assert.ok(error.cause instanceof EngineError, String(error.cause));
  return { error, cause: error.cause };
}

const WRONG_VALUES: readonly (readonly [Behaviour, string, RegExp])[] = [
  ["string for int32", "count", /'1' is a string, not an integer/],
  ["float for int32", "count", /1\.5 is not an integer/],
  ["overflow of int32", "count", /2147483648 does not fit/],
  ["overflow of int64", "id", /9223372036854775808n does not fit/],
  ["undefined", "name", /undefined is not a value/],
  ["null", "name", /null is not allowed/],
  ["function in any", "extra", /function/],
];

const MISTAKES: readonly (readonly [Behaviour, ErrorCode, RegExp])[] = [
  ["unknown stream", "EMIT_UNKNOWN_STREAM", /"source" emits to stream "replys".*emit to "replies"/s],
  ["direct to a stranger", "EMIT_DIRECT_TARGET", /task 99.*"replies"/s],
  ["direct on a plain stream", "EMIT_NOT_DIRECT", /"default"/],
  ["plain on a direct stream", "EMIT_DIRECT_STREAM", /"replies"/],
  ["nonsense number", "SPOUT_RESULT_INVALID", /returned 7/],
  ["nonsense bigint", "SPOUT_RESULT_INVALID", /returned 7n/],
  ["nonsense promise", "SPOUT_RESULT_INVALID", /returned 'finished'/],
  ["nonsense cycle", "SPOUT_RESULT_INVALID", /returned /],
];

for (const runtime of RUNTIMES) {
  describe(`wrong values and emits, ${runtime}`, () => {
    for (const [behaviour, field, text] of WRONG_VALUES) {
      test(behaviour, DEADLINE, async () => {
        const { error, cause } = await causeOf(runtime, behaviour);
        assert.equal(error.facts.hook, "nextTuple");
        assert.equal(cause.code, "TUPLE_VALUE_INVALID");
        assert.match(cause.problem, text);
        const { component, stream, field: named } = cause.facts;
        assert.deepEqual({ component, stream, named }, { component: "source", stream: "default", named: field });
      });
    }

    for (const behaviour of ["short row", "no row"] as const) {
      test(behaviour, DEADLINE, async () => {
        const { cause } = await causeOf(runtime, behaviour);
        assert.equal(cause.code, "TUPLE_VALUE_INVALID");
        assert.deepEqual(cause.facts.fields, ["count", "name", "note", "id", "extra"]);
      });
    }

    test("from a bolt, on a stream without subscribers", DEADLINE, async () => {
      const { error, cause } = await causeOf(runtime, "float for int32", { topology: badBolt });
      assert.equal(error.facts.hook, "execute");
      assert.equal(cause.code, "TUPLE_VALUE_INVALID");
      assert.equal(cause.facts.component, "writer");
      assert.equal(cause.facts.stream, "rows");
    });

    for (const [behaviour, code, text] of MISTAKES) {
      test(behaviour, DEADLINE, async () => {
        const { error, cause } = await causeOf(runtime, behaviour);
        assert.equal(cause.code, code, cause.stack);
        assert.match(cause.message, text);
        assert.equal(error.facts.hook, "nextTuple");
      });
    }

    test("more in one call than a task may hold back", DEADLINE, async () => {
      const config = { emitOverflowMax: 1000, ringBytesMax: 4096 };
      const { cause } = await causeOf(runtime, "overflow", { config });
      assert.equal(cause.code, "EMIT_OVERFLOW");
      assert.match(cause.message, /"source".*emitOverflowMax/s);
    });

    test("a tuple that is too large for its ring", DEADLINE, async () => {
      const config = { ringBytesMax: 4096, ringBudgetBytes: 64 * 1024 };
      const { cause } = await causeOf(runtime, "too large", { config });
      assert.equal(cause.code, "TUPLE_TOO_LARGE");
      assert.equal(cause.facts.stream, "source:default");
      assert.match(cause.remedy, /ringBytesMin/);
    });
  });
}

describe("what ends a worker thread", () => {
  const CASES: readonly (readonly [Behaviour, RegExp])[] = [
    ["timer throws", /thrown by a timer/],
    ["timer throws null", /./],
    ["unhandled rejection", /nobody handles this/],
    ["process.exit", /exited with code: 3/],
  ];
  for (const [behaviour, text] of CASES) {
    test(behaviour, DEADLINE, async () => {
      await using cluster = clusterFor("threads");
      const neighbour = await cluster.submitTopology("neighbour", counting);
      const values = neighbour.outputs.values[Symbol.asyncIterator]();
      await values.next();
      const before = threadCount();
      const run = await cluster.submitTopology("bad", badBehaviour, { options: behaviour });
      const error = await rejectionOf(run.completed(), "WORKER_LOST");
      assert.match(String(error.facts.error), text);
      assert.deepEqual(error.facts.tasks, ["source#0", "sink#0"]);
      assert.equal(run.state, "failed");
      assert.equal(threadCount(), before);
      assert.equal((await values.next()).done, false);
      assert.equal((await neighbour.kill()).outcome, "killed");
    });
  }
});
