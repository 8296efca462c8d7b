/**
 * Goal:   user code in a worker may do what it may in any Node program, whether the worker is idle or busy.
 * Method: bolts with servers, timers, promises, fetches and child processes on real worker threads, asked from here.
 */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { EngineError, LocalCluster } from "../../../src/index.ts";
import { LineClient, median } from "./line-client.ts";
import {
  busyServer,
  concurrentTopology,
  deedsTopology,
  idleServer,
  stubbornTopology,
} from "./topologies/worker-code.ts";

const deadline = { timeout: 30_000 };
const quiet = { config: { logLevel: "silent" } } as const;

test("a socket server in a bolt answers while its worker is idle", deadline, async (t) => {
  await using cluster = new LocalCluster({ workers: 1 });
  const run = await cluster.submitTopology("idle", idleServer);
  await run.feeders.questions.emit([1]);
  const answers = await askMany(await portOf(run.outputs.ports), 100);
  assert.deepEqual(new Set(answers.map(({ line }) => line)), new Set(["1"]), "the topology was not idle");
  report(t, "idle", answers);
  await run.kill();
});

for (const extraBolts of [0, 12]) {
  test(
    `a socket server in a bolt answers while its worker is busy with ${extraBolts + 2} tasks`,
    deadline,
    async (t) => {
      await using cluster = new LocalCluster({ workers: 1 });
      const run = await cluster.submitTopology("busy", busyServer, { options: { extraBolts } });
      const answers = await askMany(await portOf(run.outputs.ports), 200);
      const executed = answers.map(({ line }) => Number(line));
      // The worker went on with its tuples from answer to answer; now and then two fall into one turn.
      assert.deepEqual(
        executed,
        executed.toSorted((a, b) => a - b),
      );
      assert.ok(new Set(executed).size > executed.length / 4, "the worker was not busy");
      report(t, `busy with ${extraBolts + 2} tasks`, answers);
      await run.kill();
    },
  );
}

const emitting: readonly [deed: string, expected: readonly string[]][] = [
  ["timer", ["timer fired"]],
  ["interval", ["interval 1", "interval 2", "interval 3"]],
  ["promise", ["promise resolved"]],
  ["microtask", ["microtask ran"]],
  ["fetch", ["fetched hello"]],
  ["child", ["from a child"]],
  ["import", ["half of 8 is 4"]],
];
for (const workers of [1, 2]) {
  for (const [deed, expected] of emitting) {
    test(`${deed}: what is emitted outside of any hook arrives (${workers} workers)`, deadline, async () => {
      await using cluster = new LocalCluster({ workers });
      const run = await cluster.submitTopology("deeds", deedsTopology);
      const results = run.outputs.results[Symbol.asyncIterator]();
      await run.feeders.tasks.emit([deed]);
      // Nothing else happens in this topology: whatever wakes its workers is the emit itself.
      const got: string[] = [];
      while (got.length < expected.length) got.push((await results.next()).value!.text);
      assert.deepEqual(got, expected);
      run.feeders.tasks.end();
      assert.equal((await results.next()).done, true);
      const { totals } = await run.completed();
      assert.equal(totals.byComponent.doer?.emitted, expected.length);
    });
  }
}

test(
  "emits from an interval after the input's end neither fail the run nor are counted as sent",
  deadline,
  async () => {
    await using cluster = new LocalCluster({ workers: 1, ...quiet.config });
    const run = await cluster.submitTopology("stubborn", stubbornTopology);
    const results = run.outputs.results[Symbol.asyncIterator]();
    await run.feeders.numbers.emit([4]);
    assert.equal((await results.next()).value?.n, 4);
    run.feeders.numbers.end();
    let received = 1;
    while (!(await results.next()).done) received++;
    const summary = await run.completed();
    assert.equal(summary.outcome, "completed");
    assert.equal(summary.totals.byComponent.stubborn?.transferred, received);
    assert.equal(summary.totals.byComponent.slow?.executed, received);
  },
);

for (const concurrency of [1, 4]) {
  test(`an async execute runs ${concurrency} at once at most`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 1 });
    const run = await cluster.submitTopology("concurrent", concurrentTopology, { options: { concurrency } });
    const count = 24;
    for (let n = 0; n < count; n++) void run.feeders.numbers.emit([n]);
    run.feeders.numbers.end();
    const numbers: number[] = [];
    let most = 0;
    for await (const { n, underWay } of run.outputs.results) {
      numbers.push(n);
      most = Math.max(most, underWay);
    }
    assert.equal(most, concurrency);
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      [...Array(count).keys()],
    );
    if (concurrency === 1) assert.deepEqual(numbers, [...Array(count).keys()]);
  });
}

const fatal: readonly [deed: string, error: RegExp][] = [
  ["exit", /exited with code: 7|process\.exit/],
  ["throwLater", /thrown in a timer/],
  ["rejectUnhandled", /rejected and not handled/],
];
for (const [deed, expected] of fatal) {
  test(`${deed}: the run fails with it, and other runs go on`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 1, ...quiet.config });
    const bystander = await cluster.submitTopology("bystander", deedsTopology);
    const run = await cluster.submitTopology("failing", deedsTopology);
    await run.feeders.tasks.emit([deed]);
    await assert.rejects(run.completed(), (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, "WORKER_LOST");
      assert.match(error.message, expected);
      assert.match(error.message, /doer#0/);
      return true;
    });
    assert.deepEqual(cluster.topologies, ["bystander"]);
    const results = bystander.outputs.results[Symbol.asyncIterator]();
    await bystander.feeders.tasks.emit(["promise"]);
    assert.equal((await results.next()).value?.text, "promise resolved");
  });
}

async function portOf(ports: AsyncIterable<{ readonly port: number }>): Promise<number> {
  for await (const { port } of ports) return port;
  throw new Error("the server told no port");
}

async function askMany(port: number, times: number): Promise<{ line: string; tookMs: number }[]> {
  const client = await LineClient.open(port);
  const answers = [];
  for (let i = 0; i < times; i++) answers.push(await client.ask());
  client.close();
  return answers;
}

function report(t: TestContext, when: string, answers: readonly { tookMs: number }[]): void {
  const took = answers.map(({ tookMs }) => tookMs);
  t.diagnostic(`${when}: p50 ${median(took).toFixed(3)} ms, slowest ${Math.max(...took).toFixed(2)} ms`);
}
