import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TopologyConfig } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime } from "../engine/helpers.ts";
import { letters, type ReplayTestOptions, replays, silentSource, withCallback } from "./topologies/replays.ts";

interface Seen {
  readonly n: number;
  readonly attempt: number;
  readonly atMs: number;
  readonly done: boolean;
  readonly expired: boolean;
}

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

async function replayed(runtime: Runtime, options: ReplayTestOptions, config: TopologyConfig = {}) {
  await using cluster = clusterFor(runtime, { workers: 2 });
  const run = await cluster.submitTopology("replays", replays, { options, config });
  const [seen, dead] = await Promise.all([
    collect(run.outputs.seen as AsyncIterable<Seen>),
    collect(run.outputs.dead),
  ]);
  const summary = await run.completed();
  const spout = summary.totals.byComponent.numbers!;
  const of = (n: number) => seen.filter((line) => line.n === n && !line.done);
  const done = (n: number) => seen.filter((line) => line.n === n && line.done);
  return { seen, dead, spout, of, done };
}

/** Long against the timeout, also where the acker's thread takes its time to start. */
function holdMsOf(runtime: Runtime): number {
  return runtime === "inline" ? 250 : 2000;
}

function seedOf(): number {
  return process.env.SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED);
}

for (const runtime of RUNTIMES) {
  describe(`replaying what bolts fail, ${runtime}`, () => {
    test("what a bolt fails comes again, with its attempt, after times that double", DEADLINE, async () => {
      const behaviour = { kind: "fail up to attempt", attempt: 3 } as const;
      const { of, done, dead, spout } = await replayed(runtime, { rows: 3, behaviour, firstMs: 20 });
      for (const n of [0, 1, 2]) {
        const times = of(n);
        assert.deepEqual(
          times.map(({ attempt }) => attempt),
          [1, 2, 3, 4],
        );
        for (const [i, leastMs] of [16, 32, 64].entries()) {
          const waitedMs = times[i + 1]!.atMs - times[i]!.atMs;
          assert.ok(waitedMs >= leastMs - 1, `attempt ${i + 2} came after ${waitedMs} ms`);
          // Up to a nap of the spout later; on threads the machine may have had other things to do.
          if (runtime === "inline") assert.ok(waitedMs <= leastMs / 0.8 + 25, `${i + 2} after ${waitedMs} ms`);
        }
        assert.equal(done(n).length, 1);
      }
      assert.deepEqual(dead, []);
      assert.deepEqual([spout.acked, spout.failed], [3, 9]);
    });

    test("what fails too often becomes a dead letter, once", DEADLINE, async () => {
      const behaviour = { kind: "fail up to attempt", attempt: 99 } as const;
      const { of, dead } = await replayed(runtime, { rows: 3, behaviour, retries: 2, firstMs: 1 });
      assert.deepEqual(
        dead.map(({ id, values, reason, error, component, attempts }) => ({
          letter: [id, values, reason, error, component, attempts],
        })),
        [0, 1, 2].map((n) => ({ letter: [`#${n}`, [n], "bolt", `no ${n}`, "worker", 3] })),
      );
      assert.equal(of(0).length, 3);
    });
  });

  describe(`replaying what was late, ${runtime}`, () => {
    test("a bolt slower than the timeout has its message processed once", DEADLINE, async () => {
      const behaviour = { kind: "slow", holdMs: holdMsOf(runtime) } as const;
      const { seen, dead, spout } = await replayed(runtime, { rows: 5, behaviour }, { messageTimeoutMs: 60 });
      const executed = seen.filter(({ done }) => !done);
      assert.deepEqual(executed.map(({ n, attempt }) => [n, attempt]).sort(), [
        [0, 1],
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
      ]);
      assert.ok(
        seen.every(({ expired }) => !expired),
        "an attempt that may still complete is not expired",
      );
      assert.equal(seen.length, 10);
      assert.deepEqual(dead, []);
      assert.deepEqual([spout.timedOut, spout.acked], [5, 5]);
    });

    test("without waiting for the first attempt there are two, and the first can know it", DEADLINE, async () => {
      const messageTimeoutMs = runtime === "inline" ? 100 : 800;
      const behaviour = { kind: "slow", holdMs: messageTimeoutMs * 1.5 } as const;
      const options = { rows: 2, behaviour, on: { timeout: "now" }, retries: 1 } as const;
      const { seen, dead, of } = await replayed(runtime, options, { messageTimeoutMs, maxSpoutPending: 1 });
      for (const n of [0, 1])
        assert.equal(
          of(n)
            .map(({ attempt }) => attempt)
            .join(),
          "1,2",
        );
      // The very last one comes after the end of the run.
      const late = seen.filter(({ done }) => done).map(({ n, attempt, expired }) => [n, attempt, expired]);
      assert.deepEqual(late, [
        [0, 1, true],
        [0, 2, true],
        [1, 1, true],
      ]);
      assert.deepEqual(
        dead.map(({ reason, attempts }) => [reason, attempts]),
        [
          ["timeout", 2],
          ["timeout", 2],
        ],
      );
    });
  });

  describe(`replaying what never ends, ${runtime}`, () => {
    test("an attempt that never settles is cut off, and the message comes again", DEADLINE, async () => {
      const options = { rows: 2, behaviour: { kind: "forget" }, retries: 1 } as const;
      const { dead, of, spout } = await replayed(runtime, options, { messageTimeoutMs: 30, settleTimeoutMs: 60 });
      assert.deepEqual(
        of(1).map(({ attempt }) => attempt),
        [1, 2],
      );
      assert.deepEqual(dead.map(({ id, reason, attempts }) => [id, reason, attempts]).sort(), [
        ["#0", "timeout", 2],
        ["#1", "timeout", 2],
      ]);
      assert.deepEqual([spout.timedOut, spout.replayed, spout.deadLettered], [4, 2, 2]);
    });
  });

  describe(`replaying within limits, ${runtime}`, () => {
    test("what failed comes again while the source has nothing", DEADLINE, async () => {
      await using cluster = clusterFor(runtime, { workers: 1 });
      const run = await cluster.submitTopology("silent", silentSource, {});
      const seen = await collect(run.outputs.seen as AsyncIterable<Seen>);
      await run.completed();
      assert.deepEqual(
        seen.filter(({ done }) => !done).map(({ n, attempt }) => [n, attempt]),
        [
          [0, 1],
          [0, 2],
          [0, 3],
          [1, 1],
          [1, 2],
          [1, 3],
        ],
      );
    });

    test("a drain does not wait for what is to come again later", DEADLINE, async () => {
      const options = {
        rows: 20,
        behaviour: { kind: "fail up to attempt", attempt: 99 },
        retries: 9,
        firstMs: 50_000,
      } as const;
      await using cluster = clusterFor(runtime, { workers: 2 });
      const run = await cluster.submitTopology("drained", replays, { options });
      const dead = collect(run.outputs.dead);
      const seen = collect(run.outputs.seen as AsyncIterable<Seen>);
      const summary = await run.drain();
      assert.equal(summary.outcome, "drained");
      assert.ok((await seen).every(({ done }) => !done));
      assert.deepEqual(await dead, []);
    });

    test("with few trees at a time, and few that may wait", DEADLINE, async () => {
      const behaviour = { kind: "fail up to attempt", attempt: 1 } as const;
      const { seen, spout } = await replayed(runtime, { rows: 200, behaviour, firstMs: 1 }, { maxSpoutPending: 2 });
      assert.equal(seen.filter(({ done }) => done).length, 200);
      assert.deepEqual([spout.acked, spout.failed], [200, 200]);
    });

    test("where nothing is tracked, everything counts as acked", DEADLINE, async () => {
      const behaviour = { kind: "fail up to attempt", attempt: 1 } as const;
      const { seen, spout } = await replayed(runtime, { rows: 5, behaviour }, { acking: "off" });
      assert.deepEqual(
        seen.map(({ attempt }) => attempt),
        [0, 0, 0, 0, 0],
      );
      assert.equal(spout.acked, 5);
    });
  });

  describe(`replaying at random, ${runtime}`, () => {
    test("random sinks: each message is done once or a dead letter once", { timeout: 60_000 }, async () => {
      const seed = seedOf();
      const rounds = runtime === "inline" ? 8 : 1;
      for (let round = 0; round < rounds; round++) {
        const options = {
          rows: 60,
          behaviour: { kind: "random", seed: seed + round, slowMs: 120 },
          retries: 2,
          firstMs: 5,
        } as const;
        const config = { messageTimeoutMs: 50, settleTimeoutMs: 400, maxSpoutPending: 16, seed: round };
        const { seen, dead } = await replayed(runtime, options, config);
        const deadIds = dead.map(({ id }) => id);
        for (let n = 0; n < options.rows; n++) {
          const done = seen.filter((line) => line.n === n && line.done).length;
          const given = deadIds.filter((id) => id === `#${n}`).length;
          assert.equal(
            done + given,
            1,
            `SEED=${seed} round ${round}: ${n} was done ${done} times, given up ${given}`,
          );
        }
        for (const { attempt, n } of seen) assert.ok(attempt >= 1 && attempt <= 3, `SEED=${seed}: ${n}, ${attempt}`);
      }
    });
  });
}

test("a function takes dead letters, with the row and the error itself", DEADLINE, async () => {
  await using cluster = clusterFor("inline");
  letters.length = 0;
  const run = await cluster.submitTopology("callback", withCallback, {});
  await run.completed();
  assert.deepEqual(
    letters.map(({ id, row, reason, error, attempts }) => [id, row.n, reason, (error as Error).message, attempts]),
    [
      [1, 0, "bolt", "no 0", 1],
      [2, 1, "bolt", "no 1", 1],
    ],
  );
});
