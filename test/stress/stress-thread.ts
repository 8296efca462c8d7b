import { parentPort, workerData } from "node:worker_threads";
import { Prng } from "../../src/base/prng.ts";
import { DirtyBits } from "../../src/memory/dirty-bits.ts";
import { Doorbell } from "../../src/memory/doorbell.ts";
import { FrameRingConsumer } from "../../src/memory/frame-ring-consumer.ts";
import { FrameRingProducer } from "../../src/memory/frame-ring-producer.ts";
import { frameSpan } from "../../src/memory/ring-layout.ts";
import { FrameLengths, faultOf, fillFrame } from "./stress-frame.ts";
import {
  CONSUMER_BELL_WORD,
  DIRTY_WORD,
  PRODUCER_BELL_WORD,
  RING_WORD,
  type StressReport,
  type StressThreadData,
} from "./stress-thread-data.ts";

/** Far longer than any stall: whoever sleeps through it missed its wake-up. */
const LOST_WAKE_UP_MS = 30_000;
const KINDS = 5;
const SPINS_BEFORE_NAP = 5000;
const NAP_MS = 0.05;

const { role, control, data, seed, frames, waiting } = workerData as StressThreadData;
const ownBell = new Doorbell(control, role === "producer" ? PRODUCER_BELL_WORD : CONSUMER_BELL_WORD);
const otherBell = new Doorbell(control, role === "producer" ? CONSUMER_BELL_WORD : PRODUCER_BELL_WORD);
const dirty = new DirtyBits(control, DIRTY_WORD, 1);
const stalls = new Prng(seed ^ (role === "producer" ? 0x1111 : 0x2222));
const nap = new Int32Array(new SharedArrayBuffer(4));
let parks = 0;

/** Now and then: a few microseconds of nothing, or a nap that lets the other side fill or empty the ring. */
function stallAtRandom(): void {
  const draw = stalls.below(100_000);
  if (draw >= 25) return;
  if (draw === 0) Atomics.wait(nap, 0, 0, stalls.nextFloat());
  for (let spin = stalls.below(20_000); spin > 0; spin--) nap[0] = 0;
}

function waitUntil(attempt: () => boolean): void {
  for (let attempts = 1; !attempt(); attempts++) {
    if (waiting === "spin") {
      // The partner may have no core: give ours up for a moment.
      if (attempts % SPINS_BEFORE_NAP === 0) Atomics.wait(nap, 0, 0, NAP_MS);
      continue;
    }
    ownBell.prepareToPark();
    if (attempt()) {
      ownBell.cancelPark();
      return;
    }
    parks++;
    if (!ownBell.parkBlocking(LOST_WAKE_UP_MS))
      throw new Error(`${role} slept for ${LOST_WAKE_UP_MS} ms: lost wake-up`);
  }
}

function produce(): StressReport {
  const producer = new FrameRingProducer(control, RING_WORD, data);
  const lengths = new FrameLengths(seed, producer.frameBytesMax);
  const wraps = new Set<number>();
  let offset = 0;
  let bytes = 0;
  const tryClaim = () => {
    offset = producer.tryClaim(bytes);
    return offset >= 0;
  };
  let offsetExpected = -1;
  for (let seq = 0; seq < frames; seq++) {
    bytes = lengths.next();
    if (!tryClaim()) waitUntil(tryClaim);
    if (offsetExpected >= 0 && offset !== offsetExpected) wraps.add(offsetExpected);
    offsetExpected = offset + frameSpan(bytes);
    fillFrame(producer.memory, offset, { seq, bytes });
    producer.commit(bytes, 1 + (seq % KINDS));
    if (waiting === "park") {
      dirty.mark(0);
      otherBell.ring();
    }
    stallAtRandom();
  }
  waitUntil(() => producer.isEmpty());
  return { wrapOffsets: wraps.size, parks };
}

function consume(): StressReport {
  const consumer = new FrameRingConsumer(control, RING_WORD, data);
  const lengths = new FrameLengths(seed, data.byteLength / 2 - 8);
  // In park mode a ring is polled only while it was found by its bit and not yet found empty.
  let isDirty = waiting === "spin";
  const tryPoll = () => {
    if (waiting === "park" && !isDirty) isDirty = dirty.take(0) !== 0;
    if (!isDirty) return false;
    if (consumer.tryPoll()) return true;
    if (waiting === "park") isDirty = false;
    return false;
  };
  for (let seq = 0; seq < frames; seq++) {
    const bytes = lengths.next();
    if (!tryPoll()) waitUntil(tryPoll);
    const fault = faultOfFrame(consumer, seq, bytes);
    if (fault !== null) throw new Error(`frame ${seq} of ${bytes} bytes: ${fault}`);
    consumer.release();
    if (waiting === "park") otherBell.ring();
    stallAtRandom();
  }
  if (consumer.tryPoll()) throw new Error("a frame arrived that nobody sent");
  return { wrapOffsets: 0, parks };
}

function faultOfFrame(consumer: FrameRingConsumer, seq: number, bytes: number): string | null {
  if (consumer.frameBytes !== bytes) return `it has ${consumer.frameBytes} bytes`;
  if (consumer.frameKind !== 1 + (seq % KINDS)) return `its kind is ${consumer.frameKind}`;
  return faultOf(consumer.memory, consumer.frameOffset, { seq, bytes });
}

parentPort!.postMessage(role === "producer" ? produce() : consume());
