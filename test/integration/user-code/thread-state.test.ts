/**
 * Goal:   docs/STATE-AND-THREADS.md says what exists once per task, per thread and per process.
 * Method: tasks that tell what they see, on two workers and in the inline runtime.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { LocalCluster } from "../../../src/index.ts";
import { executedHere, threadState } from "./topologies/thread-state.ts";

const deadline = { timeout: 20_000 };
const TASKS = 4;
const ROUNDS = 3;

interface State {
  readonly ofTask: number;
  readonly ofThread: number;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly changedDirectory: boolean;
  readonly lateVariable: string | null;
}

async function statesOf(config: object): Promise<{ worker: number; state: State }[]> {
  await using cluster = new LocalCluster({ workers: 2, ...config });
  const run = await cluster.submitTopology("state", threadState, { options: { tasks: TASKS } });
  process.env.SET_AFTER_THE_START = "here";
  const told = run.outputs.told[Symbol.asyncIterator]();
  const states = [];
  for (let round = 0; round < ROUNDS; round++) {
    await run.feeders.numbers.emit([round]);
    for (let task = 0; task < TASKS; task++) {
      const { worker, state } = (await told.next()).value!;
      states.push({ worker, state: state as State });
    }
  }
  await run.kill();
  delete process.env.SET_AFTER_THE_START;
  return states;
}

test(
  "module state is one per worker thread, and the program's is another; the process' state is one",
  deadline,
  async () => {
    executedHere.count = 0;
    const states = await statesOf({});
    assert.equal(executedHere.count, 0, "a worker wrote the main thread's copy");
    assert.equal(Math.max(...states.map(({ state }) => state.ofTask)), ROUNDS);
    for (const worker of [0, 1]) {
      const own = states.filter((told) => told.worker === worker);
      assert.equal(Math.max(...own.map(({ state }) => state.ofThread)), own.length);
    }
    for (const { state } of states) {
      assert.equal(state.cwd, process.cwd());
      assert.deepEqual(state.argv, process.argv.slice(2));
      assert.equal(state.changedDirectory, false, "a worker changed the process' directory");
      assert.equal(state.lateVariable, null, "a worker saw a later change of the environment");
    }
  },
);

test("in the inline runtime everything shares the calling thread's copy", deadline, async () => {
  executedHere.count = 0;
  const cwd = process.cwd();
  await statesOf({ runtime: "inline" });
  process.chdir(cwd);
  assert.equal(executedHere.count, TASKS * ROUNDS);
});
