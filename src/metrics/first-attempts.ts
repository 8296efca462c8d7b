/** What main heard with the last position of a spout's task. */
export interface FirstsAtReport {
  /** First attempts that the task had counted. */
  readonly firsts: number;
  /**
   * Those of them that an instance opened with that position emits again: what is not done, and what the present
   * instance itself has still to emit again.
   */
  readonly comeAgain: number;
}

/**
 * How many messages a new instance will emit that were counted as first attempts before: what was counted at the
 * loss, less what does not come again. Null stands for a task that never gave a position: nobody knows, and so
 * nothing.
 */
export function rereads(firstsAtLoss: number, report: FirstsAtReport | null): number {
  if (report === null) return 0;
  return Math.max(0, firstsAtLoss - (report.firsts - report.comeAgain));
}

/**
 * Tells first attempts from replays, for one instance of a spout: so that the sum of first attempts is the number of
 * messages in the source, whatever was lost and read again.
 */
export class FirstAttempts {
  #rereads: number;

  /** @param rereads messages that come again although their attempt is the first: see `rereads` */
  constructor(rereads: number) {
    this.#rereads = rereads;
  }

  /** How many messages are still to come again: a part of `comeAgain` in the task's next report. */
  get rereadsLeft(): number {
    return this.#rereads;
  }

  /** What was asked for was refused: the message still comes again. */
  undo(): void {
    this.#rereads++;
  }

  /** To be asked for each emit of the spout, once. */
  isFirst(attempt: number, hasPosition: boolean): boolean {
    if (attempt > 1) return false;
    if (this.#rereads === 0 || !hasPosition) return true;
    this.#rereads--;
    return false;
  }
}
