/** Kinds of in-band frames that are not data; the numbers are those of `SignalKind` in `codec/tuple-batch.fbs`. */
export const SIGNAL_FLUSH = 1;
export const SIGNAL_END_OF_STREAM = 2;
export const SIGNAL_BARRIER = 3;
export const SIGNAL_WATERMARK = 4;

/**
 * A signal from one task to one task, travelling behind all data that its sender published to that task before.
 * `value` is the barrier's checkpoint id, the watermark's time in ms, or 0.
 */
export interface Signal {
  readonly kind: number;
  readonly sourceTask: number;
  readonly epoch: number;
  readonly value: number;
}
