import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { InvariantError } from "../../../src/base/invariant.ts";
import { FRAME_DATA, FRAME_SIGNAL } from "../../../src/memory/frame-memory.ts";
import { FrameRingConsumer } from "../../../src/memory/frame-ring-consumer.ts";
import { FrameRingProducer } from "../../../src/memory/frame-ring-producer.ts";
import {
  computeFrameBytesMax,
  frameSpan,
  RING_CONTROL_WORDS,
  RING_HEAD_WORD,
  RING_TAIL_WORD,
  resetRing,
} from "../../../src/memory/ring-layout.ts";
import { allocateControl } from "../../../src/memory/run-memory.ts";

interface Ring {
  readonly control: Int32Array;
  readonly producer: FrameRingProducer;
  readonly consumer: FrameRingConsumer;
}

function openRing(ringBytes = 1024, position = 0): Ring {
  const control = allocateControl(RING_CONTROL_WORDS);
  resetRing(control, 0, position);
  const data = new SharedArrayBuffer(ringBytes);
  return {
    control,
    producer: new FrameRingProducer(control, 0, data),
    consumer: new FrameRingConsumer(control, 0, data),
  };
}

/** Publishes a frame of `bytes` bytes that all hold `fill`; false when there is no room. */
function tryPublish({ producer }: Ring, bytes: number, fill: number): boolean {
  const offset = producer.tryClaim(bytes);
  if (offset < 0) return false;
  producer.memory.bytes.fill(fill, offset, offset + bytes);
  producer.commit(bytes, FRAME_DATA);
  return true;
}

function expectFrame({ consumer }: Ring, bytes: number, fill: number): void {
  assert.ok(consumer.tryPoll(), "a frame is there");
  assert.equal(consumer.frameBytes, bytes);
  assert.equal(consumer.frameKind, FRAME_DATA);
  assert.equal(consumer.frameOffset % 8, 0);
  const payload = consumer.memory.bytes.subarray(consumer.frameOffset, consumer.frameOffset + bytes);
  assert.ok(
    payload.every((byte) => byte === fill),
    "payload is as written",
  );
  consumer.release();
}

/** A multiple of 8 short of 2^31 and of 2^32, so that positions cross them within a few frames. */
const farPositions = [0, 2 ** 31 - 520, 2 ** 31 - 8, 2 ** 32 - 520, 2 ** 32 - 8];

test("an empty ring has no frame and says it is empty", () => {
  const { producer, consumer } = openRing();
  assert.equal(consumer.tryPoll(), false);
  assert.equal(producer.isEmpty(), true);
});

test("polling again without release shows the same frame", () => {
  const ring = openRing();
  tryPublish(ring, 8, 1);
  tryPublish(ring, 16, 2);
  assert.ok(ring.consumer.tryPoll());
  const offset = ring.consumer.frameOffset;
  assert.ok(ring.consumer.tryPoll());
  assert.equal(ring.consumer.frameOffset, offset);
  expectFrame(ring, 8, 1);
  expectFrame(ring, 16, 2);
  assert.equal(ring.consumer.tryPoll(), false);
});

test("a frame is in the ring until it is released, not only until it is polled", () => {
  const ring = openRing();
  tryPublish(ring, 8, 1);
  assert.equal(ring.producer.isEmpty(), false);
  ring.consumer.tryPoll();
  assert.equal(ring.producer.isEmpty(), false);
  ring.consumer.release();
  assert.equal(ring.producer.isEmpty(), true);
});

test("kinds travel with frames, and empty payloads are frames", () => {
  const ring = openRing();
  ring.producer.tryClaim(0);
  ring.producer.commit(0, FRAME_SIGNAL);
  assert.ok(ring.consumer.tryPoll());
  assert.equal(ring.consumer.frameBytes, 0);
  assert.equal(ring.consumer.frameKind, FRAME_SIGNAL);
  ring.consumer.release();
  assert.equal(ring.producer.isEmpty(), true);
});

test("a claim is invisible, and overwritten by the next one when it is not committed", () => {
  const ring = openRing();
  const first = ring.producer.tryClaim(100);
  ring.producer.memory.bytes.fill(7, first, first + 100);
  assert.equal(ring.consumer.tryPoll(), false);
  assert.equal(ring.producer.tryClaim(40), first);
  assert.equal(ring.consumer.tryPoll(), false);
  ring.producer.memory.bytes.fill(9, first, first + 40);
  ring.producer.commit(40, FRAME_DATA);
  expectFrame(ring, 40, 9);
});

test("commit may publish less than was claimed, and the next frame follows directly", () => {
  const ring = openRing();
  const offset = ring.producer.tryClaim(400);
  ring.producer.memory.bytes.fill(3, offset, offset + 10);
  ring.producer.commit(10, FRAME_DATA);
  assert.equal(ring.producer.tryClaim(8), offset + frameSpan(10));
  expectFrame(ring, 10, 3);
});

test("a claim given up before the ring's end leaves no padding behind", () => {
  const ring = openRing(1024, 1024 - 64);
  assert.equal(ring.producer.tryClaim(200), 8, "the long claim wraps");
  assert.equal(ring.producer.tryClaim(40), 1024 - 64 + 8, "the short one does not");
  ring.producer.memory.bytes.fill(5, 1024 - 56, 1024 - 16);
  ring.producer.commit(40, FRAME_DATA);
  expectFrame(ring, 40, 5);
});

test("a full ring refuses, changes nothing, and takes the frame once there is room", () => {
  const ring = openRing();
  let published = 0;
  while (tryPublish(ring, 120, published)) published++;
  assert.equal(published, 8, "8 frames of 128 bytes fill 1024 bytes to the last one");
  assert.equal(ring.producer.tryClaim(0), -1);
  expectFrame(ring, 120, 0);
  assert.ok(tryPublish(ring, 120, 8));
  assert.equal(tryPublish(ring, 0, 0), false);
  for (let frame = 1; frame <= 8; frame++) expectFrame(ring, 120, frame);
  assert.equal(ring.consumer.tryPoll(), false);
});

test("a failed claim cannot be committed", () => {
  const ring = openRing();
  while (tryPublish(ring, 120, 1));
  assert.equal(ring.producer.tryClaim(8), -1);
  assert.throws(() => ring.producer.commit(8, FRAME_DATA), InvariantError);
});

test("any frame fits an empty ring, wherever its positions stand", () => {
  for (const far of farPositions) {
    for (let offset = 0; offset < 1024; offset += 8) {
      const ring = openRing(1024, far + offset);
      const bytes = ring.producer.frameBytesMax;
      assert.equal(bytes, 504);
      assert.ok(tryPublish(ring, bytes, 0xa5), `at position ${far + offset}`);
      expectFrame(ring, bytes, 0xa5);
      assert.equal(ring.producer.isEmpty(), true);
    }
  }
});

test("every payload length at every offset of the ring arrives whole, with its neighbours", () => {
  for (const far of farPositions) {
    for (let offset = 0; offset < 1024; offset += 8) {
      const bytes = (offset * 7 + far) % 505;
      const ring = openRing(1024, far + offset);
      for (let round = 0; round < 4; round++) {
        assert.ok(tryPublish(ring, 3, 1));
        const wasRoom = tryPublish(ring, bytes, 2);
        expectFrame(ring, 3, 1);
        if (!wasRoom) assert.ok(tryPublish(ring, bytes, 2), "an empty ring has room");
        expectFrame(ring, bytes, 2);
      }
    }
  }
});

test("a ring can be taken over: new ends on the same words go on where the old ones published", () => {
  const ring = openRing();
  tryPublish(ring, 8, 1);
  tryPublish(ring, 8, 2);
  expectFrame(ring, 8, 1);
  ring.producer.tryClaim(300); // What a dead producer was writing.
  const data = ring.producer.memory.bytes.buffer;
  const successor: Ring = {
    control: ring.control,
    producer: new FrameRingProducer(ring.control, 0, data),
    consumer: new FrameRingConsumer(ring.control, 0, data),
  };
  tryPublish(successor, 16, 3);
  expectFrame(successor, 8, 2);
  expectFrame(successor, 16, 3);
});

test("wrong use by the engine stops loudly", () => {
  const { producer, consumer } = openRing();
  assert.throws(() => producer.tryClaim(505), InvariantError);
  assert.throws(() => producer.tryClaim(-1), InvariantError);
  assert.throws(() => producer.tryClaim(Number.NaN), InvariantError);
  assert.throws(() => producer.commit(0, FRAME_DATA), InvariantError, "nothing was claimed");
  producer.tryClaim(16);
  assert.throws(() => producer.commit(17, FRAME_DATA), InvariantError, "more than was claimed");
  assert.throws(() => producer.commit(8, 0), InvariantError, "0 is padding");
  producer.commit(8, FRAME_DATA);
  assert.throws(() => producer.commit(8, FRAME_DATA), InvariantError, "already committed");
  assert.throws(() => consumer.release(), InvariantError, "nothing was polled");
});

test("a head outside of what was published is noticed before anything is overwritten", () => {
  const ring = openRing();
  tryPublish(ring, 8, 1);
  Atomics.store(ring.control, RING_HEAD_WORD, 8192);
  assert.throws(() => {
    while (tryPublish(ring, 120, 1));
  }, InvariantError);
});

test("capacities that a ring cannot have are refused with a code", () => {
  for (const ringBytes of [0, 8, 512, 1000, 1536, 1024.5, 2 ** 31, Number.NaN, -1024]) {
    const data = { byteLength: ringBytes } as SharedArrayBuffer;
    const isCoded = (error: unknown) => error instanceof EngineError && error.code === "RING_BYTES_INVALID";
    assert.throws(() => new FrameRingProducer(allocateControl(64), 0, data), isCoded);
    assert.throws(() => new FrameRingConsumer(allocateControl(64), 0, data), isCoded);
  }
});

test("the two control words lie at least 128 bytes apart", () => {
  assert.ok(Math.abs(RING_HEAD_WORD - RING_TAIL_WORD) * 4 >= 128);
  assert.ok(
    RING_CONTROL_WORDS * 4 - Math.max(RING_HEAD_WORD, RING_TAIL_WORD) * 4 >= 128,
    "also from the next ring's",
  );
  assert.equal(computeFrameBytesMax(4096), 2040);
});
