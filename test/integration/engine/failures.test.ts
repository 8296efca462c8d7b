import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LocalCluster, Run } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime, rejectionOf, threadCount } from "./helpers.ts";
import { linesOf, newJournal } from "./journal.ts";
import { counting } from "./topologies/counting.ts";
import { type FailingOptions, failingCreate, failingHooks, HOOKS, type Hook } from "./topologies/failing-hooks.ts";

const START_HOOKS = new Set<Hook>([
  "spout.constructor",
  "spout.create",
  "spout.open",
  "bolt.constructor",
  "bolt.create",
  "bolt.prepare",
]);
const ENDLESS_HOOKS = new Set<Hook>(["bolt.onTick", "bolt.deactivate", "spout.deactivate"]);
/** A hook that fails again and again ends the run by the limit of restarts, which other tests are about. */
const NO_RESTARTS = { restartsMax: 0 };
/** `create` is the body of the functional forms' open and prepare. */
const HOOK_NAMES: Partial<Record<Hook, string>> = { "spout.create": "open", "bolt.create": "prepare" };

function optionsFor(hook: Hook, more: Partial<FailingOptions> = {}): FailingOptions {
  return { hook, how: "throw", what: "error", endless: ENDLESS_HOOKS.has(hook), journal: newJournal(), ...more };
}

/** Submits a topology that must fail, and gives the failure; checks that it comes where it should. */
async function failureOf(cluster: LocalCluster, options: FailingOptions) {
  const topology = options.hook.endsWith(".create") ? failingCreate : failingHooks;
  const submitted = cluster.submitTopology("failing", topology, { options });
  if (START_HOOKS.has(options.hook as Hook)) return rejectionOf(submitted, "TASK_FAILED");
  const run: Run<void> = await submitted;
  const failed: Error[] = [];
  run.on("failed", ({ error }) => failed.push(error));
  if (options.hook.endsWith(".deactivate")) run.deactivate();
  const error = await rejectionOf(run.completed(), "TASK_FAILED");
  assert.equal(run.state, "failed");
  assert.deepEqual(failed, [error]);
  return error;
}

function checkNamed(error: Awaited<ReturnType<typeof failureOf>>, hook: Hook): void {
  const [style, name] = hook.split(".") as [string, string];
  assert.equal(error.facts.component, style === "spout" ? "source" : "sink");
  assert.equal(error.facts.task, style === "spout" ? 1 : 2);
  assert.equal(error.facts.hook, HOOK_NAMES[hook] ?? name);
}

for (const runtime of RUNTIMES) {
  describe(`an exception in a hook, ${runtime}`, () => {
    for (const hook of HOOKS) {
      for (const how of hook.endsWith(".constructor") ? (["throw"] as const) : (["throw", "reject"] as const)) {
        test(`${hook}, ${how}`, DEADLINE, async () => {
          await using cluster = clusterFor(runtime, NO_RESTARTS);
          const error = await failureOf(cluster, optionsFor(hook, { how }));
          checkNamed(error, hook);
          const cause = error.cause as Error;
          assert.equal(cause.message, "planted");
          assert.match(cause.stack ?? "", /throwPlanted.*failing-hooks/s);
          assert.deepEqual(cluster.topologies, []);
        });
      }
    }
  });

  describe(`what is thrown, ${runtime}`, () => {
    const causeOf = async (hook: Hook, what: FailingOptions["what"]) => {
      await using cluster = clusterFor(runtime, NO_RESTARTS);
      return (await failureOf(cluster, optionsFor(hook, { what }))).cause as Error & Record<string, unknown>;
    };
    for (const hook of ["bolt.prepare", "bolt.execute"] as const) {
      test(`an error of a class of its own, in ${hook}`, DEADLINE, async () => {
        const cause = await causeOf(hook, "subclass");
        assert.equal(cause.name, "OrderError");
        assert.equal(cause.message, "order 17 is bad");
        assert.equal(cause.code, "E_ORDER");
        assert.equal(cause.order, 17);
        assert.match(cause.stack ?? "", /makeThrown.*failing-hooks/s);
        const root = cause.cause as Error;
        assert.ok(root instanceof TypeError);
        assert.equal(root.message, "the root of it");
      });
      test(`a text, null, undefined, in ${hook}`, DEADLINE, async () => {
        assert.equal((await causeOf(hook, "string")).cause, "just a text");
        assert.equal((await causeOf(hook, "null")).cause, null);
        assert.equal((await causeOf(hook, "undefined")).cause, undefined);
      });
      test(`a stack overflow, in ${hook}`, DEADLINE, async () => {
        const cause = await causeOf(hook, "stack overflow");
        assert.ok(cause instanceof RangeError);
        assert.match(cause.stack ?? "", /throwPlantedDeeper/);
      });
    }
  });
}

test("what was prepared is cleaned up when another task cannot be opened", DEADLINE, async () => {
  for (const runtime of RUNTIMES) {
    for (const how of ["throw", "reject"] as const) {
      await using cluster = clusterFor(runtime, NO_RESTARTS);
      const options = optionsFor("bolt.prepare", { how });
      await failureOf(cluster, options);
      const lines = linesOf(options.journal);
      assert.ok(lines.includes("spout.close"), `${runtime}: ${lines}`);
      assert.ok(!lines.includes("bolt.cleanup"), `${runtime}: ${lines}`);
    }
  }
});

test("a failure leaves no thread behind, and leaves other topologies alone", DEADLINE, async (t) => {
  if (threadCount() === null) return t.skip("this system does not tell how many threads a process has");
  await using cluster = clusterFor("threads", NO_RESTARTS);
  const neighbour = await cluster.submitTopology("neighbour", counting);
  const values = neighbour.outputs.values[Symbol.asyncIterator]();
  await values.next();
  const before = threadCount();
  for (const hook of ["bolt.execute", "bolt.prepare", "spout.close"] as const) {
    await failureOf(cluster, optionsFor(hook));
    assert.equal(threadCount(), before, hook);
    assert.deepEqual(cluster.topologies, ["neighbour"]);
    assert.equal((await values.next()).done, false);
  }
  assert.equal((await neighbour.kill()).outcome, "killed");
});

export type { Runtime };
