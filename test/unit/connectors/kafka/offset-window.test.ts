/**
 * Goal:   whatever the order in which messages are done, and whatever gaps a log has, nothing is committed beyond a
 *         message that is not done, and in the end everything is.
 * Method: random runs against a model that keeps every offset in a set. SEED repeats one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../../src/base/prng.ts";
import { OffsetWindow } from "../../../../src/connectors/kafka/offset-window.ts";

const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? Date.now() % 1_000_000 : Number(givenSeed);
const RUNS = givenSeed === undefined ? 300 : 1;

interface OnItsWay {
  readonly offset: number;
  readonly ordinal: number;
}

/** The least offset that is on its way, or where reading has come to. */
function modelOf(onItsWay: readonly OnItsWay[], seenTo: number): number {
  return onItsWay.reduce((least, { offset }) => Math.min(least, offset), seenTo);
}

function runOnce(prng: Prng): void {
  const start = prng.below(1_000);
  const window = new OffsetWindow(start);
  const aheadMax = 1 + prng.below(2_000);
  let next = start;
  let onItsWay: OnItsWay[] = [];
  let committed = start;
  const settle = (at: number) => {
    const [one] = onItsWay.splice(at, 1);
    window.done(one!.ordinal);
    if (prng.below(10) === 0) window.done(one!.ordinal);
  };
  for (let step = 0; step < 3_000; step++) {
    const kind = prng.below(10);
    if (kind < 5 && window.ahead < aheadMax) {
      // What was compacted away, or belongs to a transaction that was given up.
      if (prng.below(4) === 0) next += prng.below(50);
      onItsWay.push({ offset: next, ordinal: window.take(next) });
      next++;
    } else if (kind === 5) {
      // The end of a batch, behind its last message: markers, or nothing at all.
      next += prng.below(5);
      window.passTo(next);
    } else if (onItsWay.length > 0) {
      settle(prng.below(3) === 0 ? 0 : prng.below(onItsWay.length));
    }
    const committable = window.committable;
    assert.ok(committable >= committed, "commits never go back");
    assert.equal(committable, modelOf(onItsWay, window.seenTo));
    committed = committable;
  }
  while (onItsWay.length > 0) settle(prng.below(onItsWay.length));
  assert.equal(window.committable, window.seenTo);
  assert.equal(window.ahead, 0);
  onItsWay = [];
}

test("nothing is committed beyond what is not done, and everything is in the end", () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = firstSeed + run;
    try {
      runOnce(new Prng(seed));
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).stack}`, { cause: error });
    }
  }
});

test("one message that takes long holds the commit, and what follows it is not forgotten", () => {
  const window = new OffsetWindow(5);
  const slow = window.take(7);
  const others = Array.from({ length: 1_000 }, (_, n) => window.take(10 + 2 * n));
  for (const ordinal of others) window.done(ordinal);
  assert.equal(window.committable, 7);
  assert.equal(window.ahead, 1_001);
  window.done(slow);
  assert.equal(window.committable, 10 + 2 * 999 + 1);
});

test("what is told done once more, much later, does not count for another message", () => {
  const window = new OffsetWindow(0);
  const first = window.take(0);
  window.done(first);
  // Enough for one of them to stand where the first one stood.
  const others = Array.from({ length: 256 }, (_, n) => window.take(1 + n));
  for (const ordinal of others.slice(0, -1)) window.done(ordinal);
  window.done(first);
  assert.equal(window.committable, 256);
});

test("a log that holds nothing for users is passed to its end", () => {
  const window = new OffsetWindow(0);
  assert.equal(window.committable, 0);
  window.passTo(12);
  assert.equal(window.committable, 12);
  window.passTo(3);
  assert.equal(window.committable, 12);
});
