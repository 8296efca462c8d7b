import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Prng } from "../../../src/base/prng.ts";
import {
  allocateMetricWords,
  carryCounters,
  copyMetricWords,
  readCounter,
  SharedNumber,
} from "../../../src/memory/hot-counters.ts";
import { seedOf } from "./seed.ts";

const HALF = 2 ** 31;

/** One counter in a block of three, so that a wrong place shows. */
class OneOfThree {
  readonly words: Int32Array;
  constructor(words = allocateMetricWords(6)) {
    this.words = words;
  }
  add(amount: number): void {
    this.words[4] = (this.words[4]! + amount) | 0;
  }
  carry(): void {
    carryCounters(this.words, 0, 3);
  }
  read(): number {
    return readCounter(this.words, 1, 4);
  }
}

test("a counter is read exactly right after each event, before and after any carry", (t) => {
  const random = new Prng(seedOf(t));
  const counter = new OneOfThree();
  let expected = 0;
  let sinceCarry = 0;
  for (let step = 0; step < 20_000; step++) {
    const amount = random.below(2) === 0 ? random.below(3) : random.below(HALF - sinceCarry);
    counter.add(amount);
    expected += amount;
    sinceCarry += amount;
    assert.equal(counter.read(), expected);
    if (random.below(3) === 0 || sinceCarry > HALF - 4) {
      counter.carry();
      sinceCarry = 0;
      assert.equal(counter.read(), expected);
    }
  }
  assert.ok(expected > 2 ** 42, "the counter went far beyond 32 bits");
  assert.deepEqual([counter.words[0], counter.words[2], counter.words[3], counter.words[5]], [0, 0, 0, 0]);
});

test("a counter passes each multiple of 2^31 without a step back", () => {
  const counter = new OneOfThree();
  for (let half = 0; half < 8; half++) {
    counter.add(HALF - 2);
    counter.carry();
    let before = counter.read();
    for (let step = 0; step < 4; step++) {
      counter.add(1);
      assert.equal(counter.read(), before + 1);
      before++;
    }
    counter.carry();
    assert.equal(counter.read(), before);
    counter.add(-2 & (HALF - 1) & 0); // Nothing: a carry without an event changes nothing either.
    counter.carry();
    assert.equal(counter.read(), before);
  }
});

test("what is copied while it is counted is never ahead of what is counted, nor behind what was read before", () => {
  const counter = new OneOfThree();
  counter.add(HALF - 1);
  counter.carry();
  counter.add(HALF - 1);
  const copy = new OneOfThree();
  // The copy sees HALVES from before the crossing and LOW from behind it.
  const halves = counter.words[1]!;
  counter.add(5);
  counter.carry();
  copyMetricWords(counter.words, copy.words);
  assert.equal(copy.read(), counter.read());
  copy.words[1] = halves;
  assert.equal(copy.read(), counter.read());
});

test("a part of the words can be copied, and the rest stays", () => {
  const from = allocateMetricWords(6).fill(7);
  const to = allocateMetricWords(6).fill(1);
  copyMetricWords(from, to, 2, 3);
  assert.deepEqual([...to], [1, 1, 7, 7, 7, 1]);
});

test("numbers with a fraction are read as they were set", () => {
  const words = allocateMetricWords(4);
  const writer = new SharedNumber(words.subarray(2));
  const reader = new SharedNumber(words.subarray(2));
  assert.equal(reader.read(), 0);
  for (const value of [1.5, -0.25, 2 ** 60, Number.MAX_VALUE, -Number.MIN_VALUE, Number.NaN]) {
    writer.set(value);
    assert.equal(reader.read(), value);
  }
  assert.deepEqual([words[0], words[1]], [0, 0]);
});

/**
 * Goal:   what a thread has counted is counted, whenever it dies.
 * Method: it counts in its own block and says, by an atomic word of its own, how far it has come; it is ended from
 *         outside at once. The two may differ by the one event that was under way.
 */
test("the counts of a thread that is ended from outside are all there", async () => {
  const words = allocateMetricWords(6);
  const told = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./counting-thread.js", import.meta.url), { workerData: { words, told } });
  await waitFor(() => Atomics.load(told, 0) > 100_000);
  await worker.terminate();
  const counted = readCounter(words, 1, 4);
  const said = Atomics.load(told, 0);
  assert.ok(counted === said || counted === said + 1, `counted ${counted}, said ${said}`);
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000_000 && !condition(); turn++) await new Promise(setImmediate);
  assert.ok(condition());
}
