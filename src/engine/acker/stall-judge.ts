import { msBetween } from "../../memory/control-words.ts";
import type { FromAcker, Movement, TaskHolding } from "./acker-protocol.ts";

export interface StallParts {
  readonly threadCount: number;
  readonly stallReportMs: number;
  readonly treeNowMs: () => number;
  readonly post: (thread: number, message: FromAcker) => void;
}

/** Share of stallReportMs for which all threads must have told the same; the asking one was quiet before that. */
const QUIET_SHARE = 0.5;

/**
 * Finds out whether nothing moves any more although trees are pending. A thread that has pending trees and nothing to
 * do says so; then all threads are asked how much they have done, and what they hold. While they tell the same again
 * and again, nothing moves; a thread that is busy answers when it is done, and then tells something else.
 */
export class StallJudge {
  readonly #parts: StallParts;
  #round = 0;
  #answers: (Movement | null)[] = [];
  #isAsking = false;
  #seen = "";
  #sinceMs = 0;
  #isReported = false;

  constructor(parts: StallParts) {
    this.#parts = parts;
  }

  /** A thread with pending trees has nothing to do. */
  quiet(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#round++;
    const { threadCount, post } = this.#parts;
    this.#answers = new Array<null>(threadCount).fill(null);
    for (let thread = 0; thread < threadCount; thread++) post(thread, { type: "whatMoved", round: this.#round });
  }

  take(thread: number, round: number, movement: Movement): void {
    if (!this.#isAsking || round !== this.#round) return;
    this.#answers[thread] = movement;
    if (this.#answers.includes(null)) return;
    this.#isAsking = false;
    this.#judge(this.#answers as Movement[]);
  }

  #judge(answers: readonly Movement[]): void {
    const seen = answers.map(({ moves }) => moves).join();
    const nowMs = this.#parts.treeNowMs();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#sinceMs = nowMs;
      this.#isReported = false;
      return;
    }
    const { stallReportMs, threadCount, post } = this.#parts;
    if (this.#isReported || msBetween(this.#sinceMs, nowMs) < stallReportMs * QUIET_SHARE) return;
    const holders: TaskHolding[] = answers.flatMap((answer) => answer.holders);
    if (holders.length === 0) return;
    this.#isReported = true;
    post(threadCount - 1, { type: "stalled", holders });
  }
}
