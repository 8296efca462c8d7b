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
  #reported: SpoutReport | null;
  /** How long the last trees took that were acked and are not in the histogram yet, and how many they are. */
  #latencyMs = -1;
  #latencies = 0;

  /** @param last what main was told last of this task, on a thread that was lost */
  constructor(block: TaskBlock, isTimed: boolean, last: SpoutReport | null) {
    this.#block = block;
    this.#places = [...block.outputs.values()];
    this.#isTimed = isTimed;
    this.#reported = last;
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

  /** True while messages come again that were counted by an instance before this. */
  get expectsRereads(): boolean {
    return this.#attempts.rereadsLeft > 0;
  }

  /** To be asked for each emit, once. */
  isReplay(attempt: number, hasPosition: boolean): boolean {
    return !this.#attempts.isFirst(attempt, hasPosition);
  }

  /** An emit was refused that was said to be a replay, or not. */
  refused(attempt: number, isReplay: boolean): void {
    if (isReplay && attempt === 1) this.#attempts.undo();
  }

  /** Another instance begins, behind the position that was reported last. */
  restart(): void {
    this.#attempts = new FirstAttempts(rereads(this.#block.firsts, this.#reported));
  }

  /**
   * A position, with what main has to know to go on counting if this thread is lost.
   *
   * @param notDone messages behind it that this instance has emitted and counted
   */
  report(position: SpoutPosition, notDone: number): SpoutReport {
    const comeAgain = notDone + this.#attempts.rereadsLeft;
    this.#reported = { ...position, firsts: this.#block.firsts, comeAgain };
    return this.#reported;
  }

  #count(word: number): void {
    const { words } = this.#block;
    words[word] = (words[word]! + 1) | 0;
  }
}
