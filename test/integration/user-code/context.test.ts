/**
 * Goal:   what a task is told by its context holds on real workers: who and where it is, shared values, offloaded
 *         calls, the logger, the signal.
 * Method: bolts that emit what they see; scripts for what is written to standard error.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { LocalCluster } from "../../../src/index.ts";
import { runScript } from "./run-script.ts";
import { offloadTopology, stallTopology, tellingTopology } from "./topologies/contexts.ts";

const deadline = { timeout: 30_000 };
const silent = { logLevel: "silent" } as const;

interface Told {
  readonly taskId: number;
  readonly worker: number;
  readonly shared: { readonly made: number; readonly by: number; readonly users: readonly number[] };
}

test("a task is told who and where it is, and the tasks of a worker share values by name", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 2 });
  const options = { tasks: 4, nested: { when: new Date(5) } };
  const run = await cluster.submitTopology("telling", tellingTopology, { options, config: { drainTimeoutMs: 1234 } });
  const told = run.outputs.told[Symbol.asyncIterator]();
  const seen = new Map<number, Told>();
  // Twice: in the second round every task of a worker has used the shared value.
  for (const n of [1, 2]) {
    await run.feeders.numbers.emit([n]);
    for (let task = 0; task < 4; task++) {
      const value = (await told.next()).value!.told as Told;
      seen.set(value.taskId, value);
    }
  }
  const tellers = run.plan.components.find(({ id }) => id === "teller")!.taskIds;
  assert.deepEqual([...seen.keys()].sort(), [...tellers].sort());
  const workers = new Map<number, number[]>();
  for (const [taskIndex, taskId] of tellers.entries()) {
    const { shared, worker, ...rest } = seen.get(taskId)!;
    assert.deepEqual(rest, {
      topology: "telling",
      component: "teller",
      taskId,
      taskIndex,
      taskCount: 4,
      options,
      tellers: [...tellers],
      idleMs: 7,
      drainTimeoutMs: 1234,
      aborted: false,
      isTimeGrowing: true,
      unknown: (rest as { unknown?: string }).unknown,
    });
    assert.match(
      String((rest as { unknown?: string }).unknown),
      /CONTEXT_UNKNOWN_COMPONENT: [\s\S]*ask for "teller"/,
    );
    assert.equal(worker, run.plan.tasks[taskId]!.thread);
    assert.equal(shared.made, 1, "the value was made more than once on a worker");
    workers.set(worker, [...(workers.get(worker) ?? []), taskId]);
  }
  assert.equal(workers.size, 2);
  for (const { worker, shared } of seen.values()) {
    assert.ok(workers.get(worker)!.includes(shared.by), "a value is shared across workers");
    assert.ok(shared.users.every((user) => workers.get(worker)!.includes(user)));
  }
  await run.kill();
});

test("two topologies of one module share no value", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 1 });
  const options = { tasks: 1, nested: { when: new Date(0) } };
  for (const name of ["one", "two"]) {
    const run = await cluster.submitTopology(name, tellingTopology, { options });
    await run.feeders.numbers.emit([1]);
    const { shared } = (await run.outputs.told[Symbol.asyncIterator]().next()).value!.told as Told;
    assert.deepEqual(shared, { made: 1, by: shared.by, users: [shared.by] });
  }
});

for (const runtime of ["threads", "inline"] as const) {
  test(`an offloaded call gives its result, or its error as thrown (${runtime})`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 1, runtime, ...silent });
    const run = await cluster.submitTopology("offload", offloadTopology);
    const outcomes = run.outputs.outcomes[Symbol.asyncIterator]();
    const call = async (name: string, argument: unknown): Promise<Record<string, unknown>> => {
      await run.feeders.calls.emit([name, argument]);
      const { value } = await outcomes.next();
      assert.equal(value?.call, name);
      return value.outcome as Record<string, unknown>;
    };
    assert.deepEqual(await call("double", 21), { result: 42 });
    assert.deepEqual(await call("later", 1), { result: "later 1" });
    assert.deepEqual(await call("fail", "too far"), {
      name: "RangeError",
      message: "too far",
      code: "E_HEAVY",
      facts: null,
      cause: "the original cause",
      isRangeError: true,
    });
    assert.match(String((await call("throwValue", "just text")).message), /just text/);
    const missing = await call("dubble", 1);
    assert.equal(missing.code, "OFFLOAD_NO_FUNCTION");
    assert.ok((missing.facts as { exports: string[] }).exports.includes("double"));
    assert.equal((await call("notAFunction", 1)).code, "OFFLOAD_NO_FUNCTION");
    assert.equal((await call("relative", 1)).code, "OFFLOAD_BAD_MODULE_URL");
    assert.equal((await call("noModule", 1)).code, "ERR_MODULE_NOT_FOUND");
    assert.equal((await call("uncloneable", 1)).code, "OFFLOAD_NOT_CLONEABLE");
    assert.equal((await call("giveFunction", 1)).code, "OFFLOAD_NOT_CLONEABLE");
    assert.match(String((await call("exit", 1)).message), /exited with code: 3|process\.exit/);
    // A thread that dies of what a call left behind takes at most one call with it, not this process. Which one that
    // is depends on when that thread looks at its timers: it may be the call that left it.
    let died = 0;
    const bomb = await call("leaveBomb", null);
    if (bomb.message === "left behind") died++;
    else assert.deepEqual(bomb, { result: "left" });
    for (let n = 0; n < 10; n++) {
      const outcome = await call("double", n);
      if (outcome.message === "left behind") died++;
      else assert.deepEqual(outcome, { result: 2 * n });
    }
    assert.ok(died <= 1, `${died} calls died of one bomb`);
    run.feeders.calls.end();
    await run.completed();
  });
}

test("hundreds of offloaded calls under way at once all come back", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("offload", offloadTopology);
  const count = 400;
  for (let n = 0; n < count; n++) void run.feeders.calls.emit(["double", n]);
  run.feeders.calls.end();
  let sum = 0;
  for await (const { outcome } of run.outputs.outcomes) sum += (outcome as { result: number }).result;
  assert.equal(sum, count * (count - 1));
});

test("while a long computation is offloaded, its worker's timers go on", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 1 });
  const run = await cluster.submitTopology("stall", stallTopology);
  await run.feeders.calls.emit([60]);
  const { value } = await run.outputs.turns[Symbol.asyncIterator]().next();
  assert.ok(value!.turns >= 3, `only ${value!.turns} turns`);
  await run.kill();
});

test(
  "a function of the script that runs the topology cannot be offloaded, and is refused in words",
  deadline,
  async () => {
    const run = await runScript("offload-own.js");
    assert.equal(run.status, 3, run.stderr);
    assert.match(run.stdout, /OFFLOAD_MODULE_SUBMITS/);
    assert.match(run.stdout, /move the function into a module of its own/);
    assert.equal(run.stdout.match(/^imported$/gm)?.length, 3, "main, one worker, one offload thread");
  },
);

for (const runtime of ["threads", "inline"]) {
  for (const ending of ["kill", "drain", "end"]) {
    test(
      `${ending}: the signal is aborted before cleanup, and log lines say who wrote them (${runtime})`,
      deadline,
      async () => {
        const { status, stdout, stderr } = await runScript("logging.js", { args: [ending, runtime] });
        assert.equal(status, 0, stderr);
        assert.equal(stdout, "");
        const lines = stderr
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .filter(({ component }) => component === "waiter");
        const common = { level: 30, topology: "logging", component: "waiter", task: lines[0]?.task, worker: 0 };
        assert.ok(typeof common.task === "number");
        assert.deepEqual(
          lines.map(({ time: _time, ...rest }) => rest),
          [
            { ...common, from: "listener", msg: "aborted" },
            { ...common, aborted: true, msg: "cleanup" },
          ],
        );
      },
    );
  }
}
