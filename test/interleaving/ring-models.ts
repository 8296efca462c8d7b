import { expect, type Model, type Stage } from "./model.ts";

export const COMMITTED = 0;
export const RELEASED = 1;
export const FIRST_RING_WORD = 0;
export const SECOND_RING_WORD = 64;
export const DIRTY_WORD = 128;

export type Producer = InstanceType<Stage["subjects"]["FrameRingProducer"]>;
export type Consumer = InstanceType<Stage["subjects"]["FrameRingConsumer"]>;

/** Long frames take the whole of what a frame may have, so that two of them never fit at once. */
const LONG = 504;

export function kindOf(seq: number): number {
  return 1 + (seq & 1);
}

function wordOf(seq: number, index: number): number {
  return seq * 0x01_00_01 + index;
}

/** Writes and commits frame `seq`, with a scheduling point amid its bytes. False when there is no room. */
export function tryWriteFrame(stage: Stage, producer: Producer, frame: { seq: number; bytes: number }): boolean {
  const { seq, bytes } = frame;
  const offset = producer.tryClaim(bytes);
  if (offset < 0) return false;
  const words = bytes >> 2;
  const half = words >> 1;
  for (let index = 0; index < half; index++) producer.memory.int32[(offset >> 2) + index] = wordOf(seq, index);
  stage.lockstep.step();
  for (let index = half; index < words; index++) producer.memory.int32[(offset >> 2) + index] = wordOf(seq, index);
  producer.commit(bytes, kindOf(seq));
  stage.log[COMMITTED]! += 1;
  return true;
}

/** Checks the polled frame from end to end, with a scheduling point amid its bytes, and releases it. */
export function readFrame(stage: Stage, consumer: Consumer, frame: { seq: number; bytes: number }): void {
  const { seq, bytes } = frame;
  expect(consumer.frameKind === kindOf(seq), `frame ${seq} has its kind, not ${consumer.frameKind}`);
  expect(consumer.frameBytes === bytes, `frame ${seq} has its length, not ${consumer.frameBytes}`);
  const first = consumer.frameOffset >> 2;
  const words = bytes >> 2;
  const half = words >> 1;
  for (let index = 0; index < words; index++) {
    if (index === half) stage.lockstep.step();
    expect(consumer.memory.int32[first + index] === wordOf(seq, index), `word ${index} of frame ${seq} is whole`);
  }
  consumer.release();
  stage.log[RELEASED]! += 1;
}

/** One ring that starts at `position` and carries frames of the given lengths. */
function ringModel(position: number, sizes: readonly number[], mortalThreads = 0): Model {
  return {
    preemptionsMax: mortalThreads === 0 ? 3 : 2,
    mortalThreads,
    prepare: ({ subjects, control }) => subjects.resetRing(control, FIRST_RING_WORD, position),
    programs: [
      (stage) => {
        const { lockstep } = stage;
        const producer = new stage.subjects.FrameRingProducer(stage.control, FIRST_RING_WORD, stage.rings[0]!);
        return () => {
          for (const [seq, bytes] of sizes.entries()) {
            const isWritten = lockstep.until(() => tryWriteFrame(stage, producer, { seq, bytes }));
            if (!isWritten && lockstep.isOtherDead) return;
            expect(isWritten, `there is room for frame ${seq} in the end`);
          }
          const isEmptied = lockstep.until(() => producer.isEmpty());
          expect(isEmptied || lockstep.isOtherDead, "the producer sees that all was released");
        };
      },
      (stage) => {
        const { lockstep } = stage;
        const consumer = new stage.subjects.FrameRingConsumer(stage.control, FIRST_RING_WORD, stage.rings[0]!);
        return () => {
          for (const [seq, bytes] of sizes.entries()) {
            const isThere = lockstep.until(() => consumer.tryPoll());
            if (!isThere && lockstep.isOtherDead) return;
            expect(isThere, `frame ${seq} arrives`);
            readFrame(stage, consumer, { seq, bytes });
          }
          expect(!consumer.tryPoll(), "nothing arrives that was not sent");
        };
      },
    ],
    check(stage) {
      const { log, subjects, control, rings } = stage;
      if (mortalThreads === 0) expect(log[RELEASED] === sizes.length, "every frame was delivered");
      // Whoever takes the ring over finds exactly the frames that were committed and not released, whole.
      const successor = new subjects.FrameRingConsumer(control, FIRST_RING_WORD, rings[0]!);
      for (let seq = log[RELEASED]!; seq < log[COMMITTED]!; seq++) {
        expect(successor.tryPoll(), `frame ${seq} is left for the successor`);
        readFrame(stage, successor, { seq, bytes: sizes[seq]! });
      }
      expect(!successor.tryPoll(), "a dead producer leaves no half-written frame");
    },
  };
}

/**
 * Two rings of one pair of threads: the consumer polls a ring only when its bit is up, until it is empty. The `peek`
 * way leaves bits up while rings are busy, and takes them, and polls once more, when they have run dry.
 */
function dirtyModel(way: "take" | "peek", mortalThreads = 0): Model {
  const rings = [FIRST_RING_WORD, SECOND_RING_WORD];
  const order = [0, 1, 0, 1];
  const bytes = 8;
  return {
    preemptionsMax: mortalThreads === 0 ? 3 : 2,
    mortalThreads,
    programs: [
      (stage) => {
        const { FrameRingProducer, DirtyBits } = stage.subjects;
        const producers = rings.map((word, ring) => new FrameRingProducer(stage.control, word, stage.rings[ring]!));
        const dirty = new DirtyBits(stage.control, DIRTY_WORD, 1);
        return () => {
          for (const [seq, ring] of order.entries()) {
            expect(tryWriteFrame(stage, producers[ring]!, { seq, bytes }), "these frames never fill a ring");
            dirty.mark(ring);
          }
        };
      },
      (stage) => {
        const { FrameRingConsumer, DirtyBits } = stage.subjects;
        const consumers = rings.map((word, ring) => new FrameRingConsumer(stage.control, word, stage.rings[ring]!));
        const dirty = new DirtyBits(stage.control, DIRTY_WORD, 1);
        const nextSeq = [0, 1];
        const drain = (bits: number) => {
          let found = 0;
          for (const [ring, consumer] of consumers.entries()) {
            if ((bits & (1 << ring)) === 0) continue;
            while (consumer.tryPoll()) {
              readFrame(stage, consumer, { seq: nextSeq[ring]!, bytes });
              nextSeq[ring]! += 2;
              found++;
            }
          }
          return found;
        };
        const tryReceive = () => {
          if (way === "take" || drain(dirty.peek(0)) === 0) drain(dirty.take(0));
          return stage.log[RELEASED]! >= order.length;
        };
        return () => {
          const hasAll = stage.lockstep.until(tryReceive);
          expect(hasAll || stage.lockstep.isOtherDead, "every frame is found through its bit");
        };
      },
    ],
    check({ log }) {
      // A producer that dies between commit and mark hides its last frame; all before it were marked.
      const hidden = log[COMMITTED]! - log[RELEASED]!;
      expect(hidden === 0 || (mortalThreads !== 0 && hidden === 1), "no bit is lost");
    },
  };
}

const NEAR_2_31 = 2 ** 31 - 16;
const NEAR_2_32 = 2 ** 32 - 16;

export const ringModels: Record<string, Model> = {
  ringFromZero: ringModel(0, [LONG, LONG, LONG, 0]),
  ringOfShortFrames: ringModel(1024 - 40, [0, 8, 24, 100]),
  /** Room for the last frame alone comes before room for it and its padding. */
  ringTightWrap: ringModel(424, [60, LONG, LONG]),
  ringOfOddFrames: ringModel(1024 - 64, [4, 12, 4]),
  ringAcross2To31: ringModel(NEAR_2_31, [LONG, 0, 60, LONG]),
  ringAcross2To32: ringModel(NEAR_2_32, [60, LONG, LONG, 0]),
  ringProducerDies: ringModel(NEAR_2_31, [LONG, 60, LONG, 4], 1),
  ringConsumerDies: ringModel(NEAR_2_32, [LONG, 60, LONG, 4], 2),
  ringEitherDies: ringModel(1024 - 16, [LONG, LONG], 3),
  dirty: dirtyModel("take"),
  dirtyPeek: dirtyModel("peek"),
  dirtyProducerDies: dirtyModel("take", 1),
  dirtyPeekProducerDies: dirtyModel("peek", 1),
};
