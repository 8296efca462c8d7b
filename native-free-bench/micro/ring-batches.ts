import { FRAME_DATA } from "../../src/base/frame-memory.ts";
import { FrameRingConsumer } from "../../src/memory/frame-ring-consumer.ts";
import { FrameRingProducer } from "../../src/memory/frame-ring-producer.ts";
import { frameSpan, RING_CONTROL_WORDS } from "../../src/memory/ring-layout.ts";
import { allocateControl } from "../../src/memory/run-memory.ts";
import { benchmark, type Side } from "../harness/benchmark.ts";
import { type MicroOperation, type MicroParams, microParams, microSide } from "../harness/micro.ts";

const RING_BYTES = 4 * 2 ** 20;
/** About what a row of one string of 10 characters takes in a frame. */
const ROW_BYTES = 14;
const FRAME_OVERHEAD_BYTES = 64;
const FRAMES_MAX = 1_000;

/**
 * The two ends of a ring apart from each other, with frames as long as batches of so many rows; each row of the frame
 * is touched once, as its contents are not what is measured here:
 *
 *     tryClaim, commit -> [ring]        [ring] -> tryPoll, release        threads: 1
 */
export const microRingBatches = benchmark({
  name: "micro-ring-batches",
  question: "What does it cost to publish a frame of so many rows, and to consume one?",
  unit: "ns/frame",
  coresNeeded: 1,
  rounds: 3,
  params: microParams,
  sides: { ...endsOf(1), ...endsOf(16), ...endsOf(256), ...endsOf(1_024) },
  bars: [],
});

function endsOf(rows: number): Record<string, Side<MicroParams>> {
  return {
    [`publish${rows}`]: microSide(`publish ${rows} rows`, () => ringOf(rows).publish),
    [`consume${rows}`]: microSide(`consume ${rows} rows`, () => ringOf(rows).consume),
  };
}

function ringOf(rows: number): { publish: MicroOperation; consume: MicroOperation } {
  const frameBytes = FRAME_OVERHEAD_BYTES + rows * ROW_BYTES;
  const frames = Math.min(FRAMES_MAX, Math.floor(RING_BYTES / 2 / frameSpan(frameBytes)));
  const control = allocateControl(RING_CONTROL_WORDS);
  const data = new SharedArrayBuffer(RING_BYTES);
  const producer = new FrameRingProducer(control, 0, data);
  const consumer = new FrameRingConsumer(control, 0, data);
  let [sent, received] = [0, 0];
  const fill = () => {
    for (let frame = 0; frame < frames; frame++) {
      const offset = producer.tryClaim(frameBytes);
      for (let row = 0; row <= rows; row++) producer.memory.int32[(offset + row * ROW_BYTES) >> 2] = sent | 0;
      producer.commit(frameBytes, FRAME_DATA);
      sent++;
    }
  };
  const drain = () => {
    while (consumer.tryPoll()) {
      let last = 0;
      for (let row = 0; row <= rows; row++)
        last = consumer.memory.int32[(consumer.frameOffset + row * ROW_BYTES) >> 2]!;
      if (last === (received | 0)) received++;
      consumer.release();
    }
  };
  const verify = () => {
    drain();
    if (received !== sent || sent === 0) throw new Error(`${sent} frames sent, ${received} received in order`);
  };
  return {
    publish: { operations: frames, prepare: drain, run: fill, verify },
    consume: { operations: frames, prepare: fill, run: drain, verify },
  };
}
