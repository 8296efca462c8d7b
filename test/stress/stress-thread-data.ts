/**
 * One end of a ring under stress. Both ends know the lengths of all frames from the seed; everything else is in the
 * frames.
 */
export interface StressThreadData {
  readonly role: "producer" | "consumer";
  readonly control: Int32Array;
  readonly data: SharedArrayBuffer;
  readonly seed: number;
  readonly frames: number;
  /** `spin`: poll until it works. `park`: find frames by dirty bits, and sleep when there is nothing to do. */
  readonly waiting: "spin" | "park";
}

export interface StressReport {
  /** Distinct places in the ring before which a frame did not fit any more. */
  readonly wrapOffsets: number;
  readonly parks: number;
}

export const RING_WORD = 0;
export const DIRTY_WORD = 64;
export const CONSUMER_BELL_WORD = 96;
export const PRODUCER_BELL_WORD = 128;
export const STRESS_CONTROL_WORDS = 160;
