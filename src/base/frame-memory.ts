/**
 * The bytes of one ring as typed views. All views cover the same memory from its first byte; offsets handed around
 * are byte offsets and multiples of 8: `offset >> 2` indexes `int32`, `offset >> 3` `float64` and `bigint64`.
 */
export interface FrameMemory {
  readonly bytes: Buffer;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly float64: Float64Array;
  readonly bigint64: BigInt64Array;
  /** For reads of words that are not aligned. */
  readonly view: DataView;
}

/** Views over one buffer, shared or private. Its length must be a multiple of 8. */
export function frameMemoryOver(buffer: ArrayBuffer | SharedArrayBuffer): FrameMemory {
  return {
    bytes: Buffer.from(buffer),
    uint16: new Uint16Array(buffer),
    int32: new Int32Array(buffer),
    float64: new Float64Array(buffer),
    bigint64: new BigInt64Array(buffer),
    view: new DataView(buffer),
  };
}

/** What a frame is. `data` frames hold one batch; all others are signals, a FlatBuffers `Signal` table. */
export const FRAME_DATA = 1;
export const FRAME_SIGNAL = 2;
