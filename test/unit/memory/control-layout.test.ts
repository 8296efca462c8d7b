import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { InvariantError } from "../../../src/base/invariant.ts";
import { CACHE_LINE_WORDS } from "../../../src/memory/cache-line.ts";
import { ControlLayout, type RingEnds } from "../../../src/memory/control-layout.ts";
import {
  addToWord,
  loadWord,
  msBetween,
  storeMs,
  storeWord,
  trySwapWord,
} from "../../../src/memory/control-words.ts";
import { RING_CONTROL_WORDS } from "../../../src/memory/ring-layout.ts";
import { allocateControl, allocateRunMemory } from "../../../src/memory/run-memory.ts";

/** Every thread sends to every other: `perPair` rings each. */
function meshOf(threadCount: number, perPair: number): RingEnds[] {
  const rings: RingEnds[] = [];
  for (let producerThread = 0; producerThread < threadCount; producerThread++) {
    for (let consumerThread = 0; consumerThread < threadCount; consumerThread++) {
      if (producerThread === consumerThread) continue;
      for (let dirtyBit = 0; dirtyBit < perPair; dirtyBit++) rings.push({ producerThread, consumerThread, dirtyBit });
    }
  }
  return rings;
}

for (const { threadCount, perPair } of [
  { threadCount: 1, perPair: 0 },
  { threadCount: 2, perPair: 1 },
  { threadCount: 3, perPair: 33 },
  { threadCount: 5, perPair: 1100 },
]) {
  test(`no two places overlap or share a line: ${threadCount} threads, ${perPair} rings per pair`, () => {
    const rings = meshOf(threadCount, perPair);
    const layout = new ControlLayout({ threadCount, rings });
    const lineOwners = new Map<number, string>();
    const claim = (owner: string, word: number, count = 1): void => {
      assert.ok(word >= 0 && word + count <= layout.wordCount, `${owner} lies inside`);
      for (let at = word; at < word + count; at++) {
        const line = Math.floor(at / CACHE_LINE_WORDS);
        assert.equal(lineOwners.get(line) ?? owner, owner);
        lineOwners.set(line, owner);
      }
    };
    claim("run", layout.stopWord);
    for (let thread = 0; thread < threadCount; thread++) {
      claim(`doorbell ${thread}`, layout.doorbellWord(thread));
      claim(`report ${thread}`, layout.heartbeatWord(thread));
      claim(`report ${thread}`, layout.stateWord(thread));
      claim(`order ${thread}`, layout.orderWord(thread));
      assert.notEqual(layout.heartbeatWord(thread), layout.stateWord(thread));
      for (let other = 0; other < threadCount; other++) {
        const place = layout.dirtyPlace(thread, other);
        assert.equal(place.wordCount, thread === other ? 0 : Math.ceil(perPair / 32));
        if (place.wordCount > 0) claim(`dirty ${thread} ${other}`, place.word, place.wordCount);
      }
    }
    for (let ring = 0; ring < rings.length; ring++) claim(`ring ${ring}`, layout.ringWord(ring), RING_CONTROL_WORDS);
    assert.equal(lineOwners.size, layout.wordCount / CACHE_LINE_WORDS, "and none is wasted");
  });
}

test("the layout is a function of the shape alone", () => {
  const places = (layout: ControlLayout) => [layout.wordCount, layout.ringWord(3), layout.dirtyPlace(1, 2)];
  const shape = { threadCount: 3, rings: meshOf(3, 2) };
  assert.deepEqual(places(new ControlLayout(shape)), places(new ControlLayout(structuredClone(shape))));
});

test("shapes that cannot be laid out stop loudly", () => {
  const ring: RingEnds = { producerThread: 0, consumerThread: 1, dirtyBit: 0 };
  const twice = [ring, ring];
  const gap = [ring, { ...ring, dirtyBit: 2 }];
  const stranger = [{ ...ring, consumerThread: 2 }];
  for (const rings of [twice, gap, stranger]) {
    assert.throws(() => new ControlLayout({ threadCount: 2, rings }), InvariantError);
  }
  assert.throws(() => new ControlLayout({ threadCount: 0, rings: [] }), InvariantError);
  const layout = new ControlLayout({ threadCount: 2, rings: [ring] });
  assert.throws(() => layout.doorbellWord(2), InvariantError);
  assert.throws(() => layout.ringWord(1), InvariantError);
  assert.throws(() => layout.dirtyPlace(0, 2), InvariantError);
});

test("run memory is what the layout and the sizes say, and a clone of it is the same memory", () => {
  const layout = new ControlLayout({ threadCount: 2, rings: meshOf(2, 1) });
  const memory = allocateRunMemory(layout, {
    ringBytes: [1024, 4096],
    treeSlots: 0,
    completionWords: 0,
    metricWords: 64,
  });
  assert.equal(memory.control.length, layout.wordCount);
  assert.deepEqual(
    memory.rings.map((ring) => ring.byteLength),
    [1024, 4096],
  );
  const clone = structuredClone(memory);
  storeWord(memory.control, layout.stopWord, 7);
  assert.equal(loadWord(clone.control, layout.stopWord), 7);
});

test("ring sizes are checked with a code before anything is allocated", () => {
  const layout = new ControlLayout({ threadCount: 2, rings: meshOf(2, 1) });
  assert.throws(
    () => allocateRunMemory(layout, { ringBytes: [1024, 1000], metricWords: 0, treeSlots: 0, completionWords: 0 }),
    (error) => error instanceof EngineError && error.code === "RING_BYTES_INVALID",
  );
  assert.throws(
    () => allocateRunMemory(layout, { ringBytes: [1024], metricWords: 0, treeSlots: 0, completionWords: 0 }),
    InvariantError,
  );
});

test("memory that cannot be had is a coded error", () => {
  const layout = new ControlLayout({ threadCount: 1, rings: [] });
  assert.throws(
    () =>
      allocateRunMemory(layout, {
        ringBytes: [],
        treeSlots: 0,
        completionWords: 0,
        metricWords: 2 ** 46,
      }),
    (error) => error instanceof EngineError && error.code === "SHARED_MEMORY_EXHAUSTED",
  );
});

test("control words: add, swap, and times that cross the end of 32 bits", () => {
  const control = allocateControl(4);
  assert.equal(addToWord(control, 0, 5), 0);
  assert.equal(addToWord(control, 0, -2), 5);
  assert.equal(trySwapWord(control, 0, { expected: 3, next: 9 }), true);
  assert.equal(trySwapWord(control, 0, { expected: 3, next: 11 }), false);
  assert.equal(loadWord(control, 0), 9);
  storeMs(control, 1, 2 ** 32 - 10.5);
  storeMs(control, 2, 2 ** 32 + 20.5);
  assert.equal(msBetween(loadWord(control, 1), loadWord(control, 2)), 31);
});
