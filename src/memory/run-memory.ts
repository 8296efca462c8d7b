import { EngineError } from "../base/engine-error.ts";
import { invariant } from "../base/invariant.ts";
import type { ControlLayout } from "./control-layout.ts";
import { allocateMetricWords } from "./hot-counters.ts";
import { checkRingBytes } from "./ring-layout.ts";
import { allocateTreeSlots } from "./tree-slots.ts";

/** Bytes that several threads see. Other rooms hand them around under this name. */
export type SharedBytes = SharedArrayBuffer;

/**
 * All memory that the threads of a run share. A message that carries it gives the receiver the same memory, not a
 * copy.
 */
export interface RunMemory {
  readonly control: Int32Array;
  /** By ring index. */
  readonly rings: readonly SharedBytes[];
  /** What all tasks count: see docs/METRICS.md. */
  readonly metrics: Int32Array;
  /** Slots of pending trees: see TreeSlots. Empty where nothing is tracked. */
  readonly trees: Int32Array;
  /** All completion rings, one behind the other. */
  readonly completions: Int32Array;
}

export interface RunMemorySizes {
  /** Capacity by ring index, each a power of two. */
  readonly ringBytes: readonly number[];
  readonly metricWords: number;
  readonly treeSlots: number;
  readonly completionWords: number;
}

/** Allocates zeroed memory for a run: empty rings, doorbells awake, no bits, counts of 0. */
export function allocateRunMemory(layout: ControlLayout, sizes: RunMemorySizes): RunMemory {
  invariant(sizes.ringBytes.length === layout.ringCount, "every ring of the layout has a size");
  for (const ringBytes of sizes.ringBytes) checkRingBytes(ringBytes);
  try {
    return {
      control: allocateControl(layout.wordCount),
      rings: sizes.ringBytes.map((ringBytes) => new SharedArrayBuffer(ringBytes)),
      metrics: allocateMetricWords(sizes.metricWords),
      trees: allocateTreeSlots(sizes.treeSlots),
      completions: allocateControl(sizes.completionWords),
    };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const ringBytesTotal = sizes.ringBytes.reduce((total, ringBytes) => total + ringBytes, 0);
    throw new EngineError("SHARED_MEMORY_EXHAUSTED", {
      problem: "the memory that the threads of a run share cannot be allocated",
      facts: {
        rings: layout.ringCount,
        ringBytesTotal,
        controlWords: layout.wordCount,
        metricWords: sizes.metricWords,
        treeSlots: sizes.treeSlots,
      },
      remedy: "make the rings or maxSpoutPending smaller, or run fewer tasks or workers",
      cause,
    });
  }
}

/** Zeroed control words that threads can share. */
export function allocateControl(wordCount: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT));
}
