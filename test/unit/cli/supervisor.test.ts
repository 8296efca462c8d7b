// When a supervised job is started again, and when not: with children whose ends are scripted, and pauses that pass
// when they are asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChildEnd, RESTART_SPAN_MS, supervise } from "../../../src/cli/supervisor.ts";

interface Life {
  readonly end: ChildEnd;
  readonly ranMs?: number;
  /** The supervisor is interrupted while the job runs. */
  readonly interrupted?: true;
}

const FAILED: ChildEnd = { code: 1, signal: null };
const KILLED: ChildEnd = { code: null, signal: "SIGKILL" };
const DONE: ChildEnd = { code: 0, signal: null };

async function outcomeOf(lives: readonly Life[], restartsMax = 10) {
  let nowMs = 0;
  let started = 0;
  let interrupts = 0;
  let interrupt = () => {};
  const pauses: number[] = [];
  const said: string[] = [];
  const exitCode = await supervise({
    nowMs: () => nowMs,
    start: () => {
      const life = lives[started++]!;
      assert.ok(life !== undefined, "started once more than expected");
      const ended = Promise.resolve().then(() => {
        nowMs += life.ranMs ?? 1_000;
        if (life.interrupted) interrupt();
        return life.end;
      });
      return { ended, interrupt: () => interrupts++ };
    },
    pause: async (ms) => {
      pauses.push(ms);
      nowMs += ms;
    },
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => {};
    },
    say: (message) => said.push(message),
    restartsMax,
  });
  return { exitCode, started, interrupts, pauses, said };
}

test("a job that fails or is killed is started again, after pauses that double", async () => {
  const outcome = await outcomeOf([{ end: FAILED }, { end: KILLED }, { end: FAILED }, { end: DONE }]);
  assert.deepEqual([outcome.exitCode, outcome.started, outcome.pauses], [0, 4, [500, 1_000, 2_000]]);
  assert.match(outcome.said[1]!, /^The job ended by signal SIGKILL after 1.00 s. Restart 2 of 10 in 1.00 s\.$/);
});

test("a job that ended in order or has bad input is not", async () => {
  for (const code of [0, 2, 3, 130]) {
    const outcome = await outcomeOf([{ end: { code, signal: null } }]);
    assert.deepEqual([outcome.exitCode, outcome.started], [code, 1]);
  }
});

test("an interrupt is passed on, and the job's code with it", async () => {
  const failed = await outcomeOf([{ end: FAILED, interrupted: true }]);
  assert.deepEqual([failed.exitCode, failed.interrupts, failed.started], [1, 1, 1]);
  const killed = await outcomeOf([{ end: KILLED, interrupted: true }]);
  assert.equal(killed.exitCode, 130);
});

test("it gives up after too many restarts within the span, and forgets those before", async () => {
  const often = Array.from({ length: 4 }, (): Life => ({ end: FAILED }));
  const gaveUp = await outcomeOf(often, 3);
  assert.deepEqual([gaveUp.exitCode, gaveUp.started], [4, 4]);
  const seldom = Array.from({ length: 8 }, (): Life => ({ end: FAILED, ranMs: RESTART_SPAN_MS + 1 }));
  const lasted = await outcomeOf([...seldom, { end: DONE }], 3);
  assert.deepEqual([lasted.exitCode, lasted.started, new Set(lasted.pauses)], [0, 9, new Set([500])]);
});
