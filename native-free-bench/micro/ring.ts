import { FRAME_DATA } from "../../src/base/frame-memory.ts";
import { FrameRingConsumer } from "../../src/memory/frame-ring-consumer.ts";
import { FrameRingProducer } from "../../src/memory/frame-ring-producer.ts";
import { RING_CONTROL_WORDS } from "../../src/memory/ring-layout.ts";
import { allocateControl } from "../../src/memory/run-memory.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";

const FRAMES_PER_RUN = 1_000;

/**
 * Both ends of a ring on one thread, so that nothing but their own instructions is measured:
 *
 *     tryClaim, commit -> [ring] -> tryPoll, release      threads: 1
 */
export const microRing = benchmark({
  name: "micro-ring",
  question: "What does a frame cost in the ring itself, without its contents?",
  unit: "ns/frame",
  coresNeeded: 1,
  params: microParams,
  sides: {
    short: microSide("frames of 64 bytes", () => passFrames(64)),
    long: microSide("frames of 4 KiB", () => passFrames(4_096)),
  },
  bars: [],
});

function passFrames(frameBytes: number): MicroOperation {
  const control = allocateControl(RING_CONTROL_WORDS);
  const data = new ArrayBuffer(256 * 1024);
  const producer = new FrameRingProducer(control, 0, data);
  const consumer = new FrameRingConsumer(control, 0, data);
  let [sent, received] = [0, 0];
  return {
    operations: FRAMES_PER_RUN,
    run() {
      for (let frame = 0; frame < FRAMES_PER_RUN; frame++) {
        const offset = producer.tryClaim(frameBytes);
        producer.memory.int32[offset >> 2] = sent | 0;
        producer.commit(frameBytes, FRAME_DATA);
        sent++;
        if (!consumer.tryPoll()) throw new Error("a committed frame cannot be polled");
        if (consumer.memory.int32[consumer.frameOffset >> 2] === (received | 0)) received++;
        consumer.release();
      }
    },
    verify() {
      if (received !== sent || sent === 0) throw new Error(`${sent} frames sent, ${received} received in order`);
    },
  };
}
