import { FirstAttempts, rereads } from "../../metrics/first-attempts.ts";
import type { OutputWords, TaskBlock } from "../../metrics/task-block.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import { FAILURE_COUNTERS } from "./outcome-info.ts";
import type { SpoutPosition, SpoutReport } from "./position-marks.ts";

/** What a spout's task counts of its trees, and of which messages it emits for the first time: docs/METRICS.md. */
export class SpoutCounts {
  readonly #block: TaskBlock;
  /** By the number of a stream. */
  readonly #places: readonly OutputWords[];
  /** False where times are not taken, or an ack says nothing of how long it took: where nothing is tracked. */
  readonly #isTimed: boolean;
  #attempts: FirstAttempts;
  /** How long the last trees took that were acked and are not in the histogram yet, and how many they are. */
  #latencyMs = -1;
  #latencies = 0;

  /** @param last what main was told last of this task, on a thread that was lost */
  constructor(block: TaskBlock, isTimed: boolean, last: SpoutReport | null) {
    this.#block = block;
    this.#places = [...block.outputs.values()];
    this.#isTimed = isTimed;
    this.#attempts = new FirstAttempts(rereads(block.firsts, last));
  }

  acked(stream: number, latencyMs: number): void {
    this.#count(this.#places[stream]!.acked);
    // Of a batch, most trees took as long as the one before: one entry does for all of them.
    if (latencyMs !== this.#latencyMs) {
      this.settle();
      this.#latencyMs = latencyMs;
    }
    this.#latencies++;
  }

  /** Enters what waits into the histogram: after each run of acks. */
  settle(): void {
    if (this.#latencies > 0 && this.#isTimed) this.#block.complete!.record(this.#latencyMs, this.#latencies);
    this.#latencies = 0;
  }

  failed(stream: number, reason: TreeFailure["reason"]): void {
    this.#count(this.#places[stream]!.failed);
    this.#block.add(FAILURE_COUNTERS[reason], 1);
  }

  /** To be asked for each emit, once. */
  isReplay(attempt: number, hasPosition: boolean): boolean {
    return !this.#attempts.isFirst(attempt, hasPosition);
  }

  /** @param notDone messages of this instance that were counted and are not done */
  restart(notDone: number): void {
    this.#attempts = new FirstAttempts(this.#comeAgain(notDone));
  }

  /** A position, with what main has to know to go on counting if this thread is lost. */
  report(position: SpoutPosition, notDone: number): SpoutReport {
    return { ...position, firsts: this.#block.firsts, comeAgain: this.#comeAgain(notDone) };
  }

  #comeAgain(notDone: number): number {
    return notDone + this.#attempts.rereadsLeft;
  }

  #count(word: number): void {
    const { words } = this.#block;
    words[word] = (words[word]! + 1) | 0;
  }
}
