import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBuffer } from "flatbuffers";
import { frameMemoryOver } from "../../../src/base/frame-memory.ts";
import { InvariantError } from "../../../src/base/invariant.ts";
import { Signal as StockSignal } from "../../../src/tuple/codec/generated/signal.ts";
import { SignalKind } from "../../../src/tuple/codec/generated/signal-kind.ts";
import { readSignal, SIGNAL_FRAME_BYTES, writeSignal } from "../../../src/tuple/codec/signal-codec.ts";
import { SIGNAL_BARRIER, SIGNAL_END_OF_STREAM, SIGNAL_FLUSH, SIGNAL_WATERMARK } from "../../../src/tuple/signal.ts";

const signals = [SIGNAL_FLUSH, SIGNAL_END_OF_STREAM, SIGNAL_BARRIER, SIGNAL_WATERMARK].flatMap((kind) =>
  [0, 1.5, 2 ** 53, -1].map((value) => ({ kind, sourceTask: 7 + kind, epoch: 2 ** 32 - 1, value })),
);

test("signals come back as they were written, for our reader and for the generated one", () => {
  const memory = frameMemoryOver(new SharedArrayBuffer(128));
  for (const signal of signals) {
    memory.bytes.fill(0xa5);
    assert.equal(writeSignal(memory, 40, signal), SIGNAL_FRAME_BYTES);
    assert.deepEqual(readSignal(memory, 40, SIGNAL_FRAME_BYTES), signal);
    const buffer = new ByteBuffer(Buffer.from(memory.bytes.subarray(40, 40 + SIGNAL_FRAME_BYTES)));
    assert.ok(buffer.__has_identifier("SCS1"));
    const stock = StockSignal.getRootAsSignal(buffer);
    assert.deepEqual([stock.kind(), stock.sourceTask(), stock.epoch(), stock.value()], Object.values(signal));
    assert.ok(memory.bytes.subarray(40 + SIGNAL_FRAME_BYTES).every((byte) => byte === 0xa5));
  }
});

test("the kinds are those of the schema", () => {
  const { Flush, EndOfStream, Barrier, Watermark } = SignalKind;
  assert.deepEqual(
    [SIGNAL_FLUSH, SIGNAL_END_OF_STREAM, SIGNAL_BARRIER, SIGNAL_WATERMARK],
    [Flush, EndOfStream, Barrier, Watermark],
  );
});

test("a damaged signal is refused", () => {
  const memory = frameMemoryOver(new SharedArrayBuffer(64));
  const good = signals[0]!;
  for (const word of [0, 1, 2, 3, 4, 5, 6]) {
    writeSignal(memory, 8, good);
    memory.int32[2 + word] = 99;
    assert.throws(() => readSignal(memory, 8, SIGNAL_FRAME_BYTES), InvariantError);
  }
  writeSignal(memory, 8, good);
  assert.throws(() => readSignal(memory, 8, 40), InvariantError);
  assert.throws(() => readSignal(memory, 24, SIGNAL_FRAME_BYTES), InvariantError);
});
