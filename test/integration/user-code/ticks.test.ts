/**
 * Goal:   ticks come whatever the bolt's input and output are doing, and never in the middle of another hook.
 * Method: bolts that tell the order in which their hooks ran. How late a tick is, is not asserted.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { LocalCluster } from "../../../src/index.ts";
import { blocked, idleTicks, noTicks, slowExecute, slowTick, waitingQuietly } from "./topologies/ticking.ts";

const deadline = { timeout: 20_000 };

for (const workers of [1, 2]) {
  test(
    `ticks come while the bolt's output is blocked and its input full (${workers} workers)`,
    deadline,
    async () => {
      const channel = new BroadcastChannel("ticks");
      const told = new Promise<{ executed: number; still: number }>((resolve) => {
        channel.onmessage = ({ data }) => resolve(data as { executed: number; still: number });
      });
      await using cluster = new LocalCluster({ workers, logLevel: "silent" });
      const run = await cluster.submitTopology("blocked", blocked);
      const { executed, still } = await told;
      channel.close();
      assert.ok(still >= 3 && executed > 0);
      // The bolt was held back, not broken: once somebody reads it goes on.
      let read = 0;
      for await (const { n } of run.outputs.out) {
        assert.equal(n, read);
        if (++read > executed) break;
      }
      await run.kill();
    },
  );
}

for (const runtime of ["threads", "inline"] as const) {
  test(`ticks come to an idle topology, and what they emit arrives (${runtime})`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 2, runtime });
    const run = await cluster.submitTopology("idle", idleTicks);
    const ticks = [];
    for await (const { n } of run.outputs.ticks) {
      ticks.push(n);
      if (n === 5) break;
    }
    assert.deepEqual(ticks, [1, 2, 3, 4, 5]);
    await run.kill();
  });

  test(`no tick comes in the middle of an async execute, and ticks come between (${runtime})`, deadline, async () => {
    const seen = await seenBy(slowExecute, 1, runtime);
    const order = seen.filter(({ what }) => what !== "tick");
    assert.deepEqual(
      order.map(({ what, n }) => `${what} ${n}`),
      [0, 1, 2, 3].flatMap((n) => [`begin ${n}`, `end ${n}`]),
    );
    for (const [index, { what }] of seen.entries()) {
      if (what === "begin") assert.equal(seen[index + 1]?.what, "end", "a tick came in the middle");
    }
  });
}

test("ticks come between executes that take longer than a tick", deadline, async () => {
  const seen = await seenBy(slowExecute, 1, "threads");
  for (let n = 0; n < 3; n++) {
    const end = seen.findIndex(({ what, n: of }) => what === "end" && of === n);
    assert.equal(seen[end + 1]?.what, "tick", `no tick after execute ${n}`);
  }
});

test("with a concurrency, ticks come while executes are under way", deadline, async () => {
  const seen = await seenBy(slowExecute, 8, "threads");
  const firstEnd = seen.findIndex(({ what }) => what === "end");
  assert.ok(seen.slice(0, firstEnd).some(({ what }) => what === "tick"));
});

test("neither a tick nor a tuple comes in the middle of an async tick", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 1 });
  const run = await cluster.submitTopology("slow-tick", slowTick);
  for (let n = 0; n < 20; n++) await run.feeders.numbers.emit([n]);
  const seen = [];
  for await (const { what, n } of run.outputs.seen) {
    seen.push({ what, n });
    if (what === "begin" && n === 2) await run.feeders.numbers.emit([100]);
    if (n === 100) break;
  }
  for (const [index, { what, n }] of seen.entries()) {
    if (what === "begin") assert.deepEqual(seen[index + 1], { what: "end", n });
  }
  await run.kill();
});

for (const [what, topology] of Object.entries({ waitingQuietly, noTicks })) {
  test(`a tick that cannot come does not keep the worker's loop busy (${what})`, deadline, async (t) => {
    await using cluster = new LocalCluster({ workers: 1 });
    const run = await cluster.submitTopology("quiet", topology, { config: { tickMs: 1 } });
    const measured = run.outputs.perMille[Symbol.asyncIterator]();
    const perMille = [];
    for (let n = 0; n < 3; n++) {
      await run.feeders.numbers.emit([n]);
      perMille.push((await measured.next()).value!.perMille);
    }
    t.diagnostic(`event loop busy ${perMille.map((part) => part / 10).join(", ")} % of a wait`);
    // Looking for a tick once a millisecond takes several percent each time; a busy machine may do that to one wait.
    assert.ok(Math.min(...perMille) < 30);
    await run.kill();
  });
}

test("settings that ask for ticks do not hold up bolts without onTick in virtual time", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 1, runtime: "inline" });
  const run = await cluster.submitTopology("quiet", noTicks, { config: { tickMs: 1 } });
  await run.feeders.numbers.emit([1]);
  run.feeders.numbers.end();
  for await (const _tuple of run.outputs.perMille);
  assert.equal((await run.completed()).outcome, "completed");
});

async function seenBy(
  topology: typeof slowExecute,
  concurrency: number,
  runtime: "threads" | "inline",
): Promise<{ what: string; n: number }[]> {
  await using cluster = new LocalCluster({ workers: 1, runtime });
  const run = await cluster.submitTopology("slow", topology, { options: { concurrency } });
  const seen = [];
  for await (const { what, n } of run.outputs.seen) seen.push({ what, n });
  await run.completed();
  return seen;
}
