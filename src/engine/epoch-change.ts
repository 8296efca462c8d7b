/** Stands for the acker's thread where threads are numbered. */
export const ACKER_THREAD = -2;
/** Stands for a thread of which only its end is known. */
export const UNKNOWN_THREAD = -1;

/** A thread that was lost and replaced. */
export interface Replacement {
  /** A worker's number, or ACKER_THREAD. */
  readonly thread: number;
  readonly cause: unknown;
}

export interface EpochChangeEvents {
  /** A thread has not come into the epoch in time. `isNew` for one that was started in the place of a lost one. */
  late(thread: number, isNew: boolean): void;
  /** All threads are in the epoch. `tookMs` since the first loss. */
  done(replaced: readonly Replacement[], tookMs: number): void;
}

export interface EpochChangeParts {
  /** How long a thread that goes on gets, and how long one that is started. */
  readonly confirmMs: number;
  readonly startMs: number;
  readonly nowMs: () => number;
  readonly events: EpochChangeEvents;
}

/**
 * Main's side of an epoch change: who still has to come into the new epoch. A further loss on the way begins the next
 * epoch, and everybody has to confirm again.
 */
export class EpochChange {
  epoch = 1;
  readonly #parts: EpochChangeParts;
  /** By thread: what ends its patience. */
  readonly #awaited = new Map<number, NodeJS.Timeout>();
  /** Workers that were started and are not ready yet. */
  readonly #starting = new Set<number>();
  #replaced: Replacement[] = [];
  #sinceMs = 0;
  #isChanging = false;

  constructor(parts: EpochChangeParts) {
    this.#parts = parts;
  }

  /** True from a loss until all threads have come into the new epoch. */
  get isChanging(): boolean {
    return this.#isChanging;
  }

  /** True for a worker that was started in the place of a lost one, and is not ready yet. */
  isStarting(thread: number): boolean {
    return this.#starting.has(thread);
  }

  /** Begins the next epoch. The caller then tells or starts each of the threads. */
  begin(replacement: Replacement, workerCount: number): void {
    this.epoch++;
    if (!this.#isChanging) this.#sinceMs = this.#parts.nowMs();
    this.#isChanging = true;
    this.#replaced.push(replacement);
    if (replacement.thread >= 0) this.#starting.add(replacement.thread);
    for (let thread = 0; thread < workerCount; thread++) {
      // One that is starting keeps its deadline, unless it is the one that was lost just now.
      if (this.#starting.has(thread) && this.#awaited.has(thread) && thread !== replacement.thread) continue;
      this.#await(thread);
    }
  }

  /** A thread says that it is in an epoch, or ready in it. What it says of an epoch before counts for nothing. */
  confirmed(thread: number, epoch: number): void {
    if (epoch !== this.epoch || !this.#isChanging) return;
    this.#starting.delete(thread);
    clearTimeout(this.#awaited.get(thread));
    this.#awaited.delete(thread);
    if (this.#awaited.size > 0) return;
    this.#isChanging = false;
    const replaced = this.#replaced;
    this.#replaced = [];
    this.#parts.events.done(replaced, this.#parts.nowMs() - this.#sinceMs);
  }

  stop(): void {
    for (const timer of this.#awaited.values()) clearTimeout(timer);
    this.#awaited.clear();
    this.#isChanging = false;
  }

  #await(thread: number): void {
    clearTimeout(this.#awaited.get(thread));
    const isNew = this.#starting.has(thread);
    const { confirmMs, startMs, events } = this.#parts;
    const timer = setTimeout(() => events.late(thread, isNew), isNew ? startMs : confirmMs);
    this.#awaited.set(thread, timer);
  }
}
