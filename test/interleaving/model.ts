import type { Lockstep } from "./lockstep.ts";
import { ViolationError } from "./virtual-waits.ts";

/** The code under test: modules of `src`, as they are or with a bug planted. */
export type Subjects = typeof import("../../src/memory/frame-ring-producer.ts") &
  typeof import("../../src/memory/frame-ring-consumer.ts") &
  typeof import("../../src/memory/ring-layout.ts") &
  typeof import("../../src/memory/dirty-bits.ts") &
  typeof import("../../src/memory/doorbell.ts") &
  typeof import("../../src/memory/mutex.ts") &
  typeof import("../../src/memory/condition.ts") &
  typeof import("../../src/memory/semaphore.ts") &
  typeof import("../../src/memory/barrier.ts") &
  typeof import("../../src/memory/latch.ts") &
  typeof import("../../src/memory/tree-slots.ts") &
  typeof import("../../src/memory/completion-ring.ts") &
  typeof import("../../src/engine/acker/acker.ts");

export const SUBJECT_FILES = [
  "memory/frame-ring-producer",
  "memory/frame-ring-consumer",
  "memory/ring-layout",
  "memory/dirty-bits",
  "memory/doorbell",
  "memory/mutex",
  "memory/condition",
  "memory/semaphore",
  "memory/barrier",
  "memory/latch",
  "memory/tree-slots",
  "memory/completion-ring",
  "engine/acker/acker",
] as const;

/** What the programs of a model work on; wiped before every execution. */
export interface Stage {
  readonly lockstep: Lockstep;
  readonly subjects: Subjects;
  /** Control words; plain access to them is a violation. */
  readonly control: Int32Array;
  readonly rings: readonly SharedArrayBuffer[];
  /** Plain words for what the programs note down for each other and for `check`. */
  readonly log: Int32Array;
}

export const STAGE_CONTROL_WORDS = 512;
export const STAGE_RING_BYTES = 1024;
export const STAGE_RINGS = 2;
export const STAGE_LOG_WORDS = 16;

/** Two small programs over the code under test, and what must hold at the end, whatever the schedule. */
export interface Model {
  readonly preemptionsMax: number;
  /** Bit t set: thread t may die at any step. */
  readonly mortalThreads: number;
  /** Makes the memory ready; thread 0, before anything else. */
  prepare?(stage: Stage): void;
  /** By thread: opens its ends, then returns what it runs under the schedule. */
  readonly programs: readonly [(stage: Stage) => () => void, (stage: Stage) => () => void];
  /** Thread 0, when both programs have ended or died. */
  check?(stage: Stage): void;
}

export function expect(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new ViolationError(claim);
}
