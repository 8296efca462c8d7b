import { loadWord } from "../memory/control-words.ts";

export interface HeartbeatWatchParts {
  readonly workerCount: number;
  readonly timeoutMs: number;
  /** Where each worker's heartbeat is kept now: it moves when the epoch changes. */
  readonly wordOf: (thread: number) => { readonly control: Int32Array; readonly word: number };
  /** Main's clock. */
  readonly nowMs: () => number;
  /** True while somebody may be holding a thread on purpose. */
  readonly isDebugged: () => boolean;
  /** Asks a worker for a sign of life. */
  readonly ping: (thread: number) => void;
  readonly hung: (thread: number, silentMs: number) => void;
}

/** Looks per timeout: a worker is found out at most one of them late. */
const LOOKS_PER_TIMEOUT = 8;
const LOOK_MS_MAX = 1000;
/** A look that comes later than this many times its interval tells of a gap in main's own time. */
const GAP_FACTOR = 2;

/**
 * Finds workers that give no sign of life. A busy one stores its time with every turn; one without work stores
 * nothing and is asked to. Silence is counted in looks, not by the clock: while main itself did not run (a sleeping
 * machine, a stopped process, a long computation of the program) nobody's silence is known.
 */
export class HeartbeatWatch {
  readonly #parts: HeartbeatWatchParts;
  readonly #lookMs: number;
  readonly #seen: number[];
  readonly #silentMs: number[];
  /** Workers that are not to be watched: not ready yet, or gone. */
  readonly #ignored = new Set<number>();
  #lastLookMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: HeartbeatWatchParts) {
    this.#parts = parts;
    this.#lookMs = Math.max(10, Math.min(LOOK_MS_MAX, parts.timeoutMs / LOOKS_PER_TIMEOUT));
    this.#seen = new Array<number>(parts.workerCount).fill(0);
    this.#silentMs = new Array<number>(parts.workerCount).fill(0);
  }

  start(): void {
    this.#lastLookMs = this.#parts.nowMs();
    this.#timer = setInterval(() => this.look(), this.#lookMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** A worker that is being started has other deadlines. */
  ignore(thread: number): void {
    this.#ignored.add(thread);
  }

  watch(thread: number): void {
    this.#ignored.delete(thread);
    this.#silentMs[thread] = 0;
  }

  /** One look at all workers; called by the timer. */
  look(): void {
    const { nowMs, workerCount, isDebugged } = this.#parts;
    const now = nowMs();
    const elapsedMs = now - this.#lastLookMs;
    this.#lastLookMs = now;
    const isGap = elapsedMs > GAP_FACTOR * this.#lookMs || isDebugged();
    for (let thread = 0; thread < workerCount; thread++) {
      if (this.#ignored.has(thread)) continue;
      if (isGap) this.#parts.ping(thread);
      else this.#lookAt(thread, elapsedMs);
    }
  }

  #lookAt(thread: number, elapsedMs: number): void {
    const { control, word } = this.#parts.wordOf(thread);
    const beat = loadWord(control, word);
    if (beat !== this.#seen[thread]) {
      this.#seen[thread] = beat;
      this.#silentMs[thread] = 0;
      return;
    }
    const silentMs = this.#silentMs[thread]! + elapsedMs;
    this.#silentMs[thread] = silentMs;
    if (silentMs < this.#parts.timeoutMs) {
      // Again and again: a sign of life that was given while main did not look must not be the last one.
      if (silentMs >= this.#parts.timeoutMs / 4) this.#parts.ping(thread);
      return;
    }
    this.#silentMs[thread] = 0;
    this.#parts.hung(thread, silentMs);
  }
}
