import type { Clock } from "../../base/clock.ts";
import type { Doorbell } from "../../memory/doorbell.ts";
import type { RoomWanted } from "../../memory/room-wanted.ts";
import type { Executor } from "../executor/executor.ts";
import type { ThreadBells } from "./thread-bells.ts";

export interface ThreadLoopParts {
  readonly executor: Executor;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  readonly roomWanted: RoomWanted;
  /** How long the loop keeps the thread before it lets timers, sockets and promises have a turn. */
  readonly turnMs: number;
  /** How long a loop without work keeps looking before it parks. 0 where busy threads outnumber cores. */
  readonly spinMs: number;
  /** Called once per turn with the time: the heartbeat. */
  onTurn(nowMs: number): void;
  onError(error: unknown): void;
}

/**
 * Runs an executor on a real thread without ever blocking it.
 *
 * While there is work, the loop gives the event loop one turn per `turnMs` (a `setImmediate`). Without work it looks
 * a little longer, then parks: it raises the doorbell's flag, looks once more, and returns to the event loop until
 * the doorbell rings, a timer is due, or user code wakes it. So timers, promises and sockets of user code always run.
 */
export class ThreadLoop {
  readonly #parts: ThreadLoopParts;
  #scheduled = false;
  /** An immediate is on its way, which runs the turn that is scheduled then. */
  #immediateSet = false;
  #parked = false;
  #awaited: Promise<void> | null = null;
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #paused = false;
  /**
   * When the loop found nothing for the first time since it last worked; 0 as long as it works. From before all time
   * after a sleep: a turn that finds nothing at all (a timer that came early, a spout that naps on) does not look
   * around.
   */
  #idleSinceMs = Number.NEGATIVE_INFINITY;
  #doorbell: Doorbell;
  #roomWanted: RoomWanted;

  constructor(parts: ThreadLoopParts) {
    this.#parts = parts;
    this.#doorbell = parts.doorbell;
    this.#roomWanted = parts.roomWanted;
  }

  /**
   * Makes sure that a turn comes soon. From this thread only; other threads ring the doorbell.
   *
   * A parked loop takes the turn as soon as the code that runs now has ended. That happens once in a round of the
   * event loop: what is emitted later in the same round is collected until the next.
   */
  schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    if (this.#immediateSet) return;
    this.#immediateSet = true;
    setImmediate(this.#onImmediate);
    if (this.#parked) queueMicrotask(this.#runScheduled);
  }

  stop(): void {
    this.#stopped = true;
    this.#clearTimer();
    this.#unpark();
  }

  readonly #onImmediate = (): void => {
    this.#immediateSet = false;
    this.#runScheduled();
  };

  readonly #runScheduled = (): void => {
    if (this.#scheduled) this.#runTurn();
  };

  /** Gives the sign of life that a turn gives. */
  beat(): void {
    this.#parts.onTurn(this.#parts.clock.nowMs());
  }

  /** Runs no round until `resume`. Not from inside a round. */
  pause(): void {
    this.#paused = true;
    this.#clearTimer();
    this.#unpark();
  }

  resume(): void {
    this.#paused = false;
    this.schedule();
  }

  /** Parks on other words from now on: the memory of a new epoch. While paused. */
  beginEpoch({ doorbell, roomWanted }: ThreadBells): void {
    this.#unpark();
    // Ends the wait that may be pending there: it would keep the old memory alive.
    this.#doorbell.ringAlways();
    this.#awaited = null;
    this.#doorbell = doorbell;
    this.#roomWanted = roomWanted;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #runTurn(): void {
    this.#scheduled = false;
    if (this.#stopped) return;
    this.#unpark();
    const { executor, clock, turnMs, spinMs } = this.#parts;
    try {
      const startMs = clock.nowMs();
      this.#parts.onTurn(startMs);
      if (this.#paused) return;
      for (;;) {
        const work = executor.doWork();
        const nowMs = executor.lastNowMs;
        if (this.#stopped) return;
        if (work > 0) this.#idleSinceMs = 0;
        else if (this.#idleSinceMs === 0) this.#idleSinceMs = nowMs;
        if (work === 0 && nowMs - this.#idleSinceMs >= spinMs) break;
        if (nowMs - startMs >= turnMs) {
          this.schedule();
          return;
        }
      }
      this.#idleSinceMs = Number.NEGATIVE_INFINITY;
      this.#park();
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  #park(): void {
    const { executor } = this.#parts;
    if (executor.wantsRoom()) this.#roomWanted.set();
    this.#doorbell.prepareToPark();
    this.#parked = true;
    // The last look, after the flag is up: whatever was published before the flag could be seen is found here,
    // whatever comes later rings.
    if (executor.doWork() > 0) {
      this.schedule();
      return;
    }
    const rung = this.#doorbell.parkAsync();
    if (rung === null) {
      this.schedule();
      return;
    }
    // The doorbell gives the same promise again while its one wait is pending: it must not collect reactions.
    if (rung !== this.#awaited) rung.then(this.#onRing);
    this.#awaited = rung;
    this.#setTimer();
  }

  /** At once: the ring came by a round of the event loop of its own. */
  readonly #onRing = (): void => {
    if (!this.#scheduled) this.#runTurn();
  };

  #unpark(): void {
    if (!this.#parked) return;
    this.#parked = false;
    this.#doorbell.cancelPark();
    this.#roomWanted.clear();
  }

  /** One timer for the nearest deadline; a timer that comes too early only costs a look. */
  #setTimer(): void {
    const dueMs = this.#parts.executor.nextDeadlineMs();
    if (dueMs === this.#timerDueMs && this.#timer !== null) return;
    this.#clearTimer();
    this.#timerDueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, dueMs - this.#parts.clock.nowMs());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#scheduled && !this.#stopped) this.#lookFromSleep();
    }, Math.ceil(delayMs));
  }

  /**
   * A timer is due, and most often nothing comes of it: an idle thread does little else than this, so it stays parked
   * for it. The flag is up and the wait is pending all the while, so whatever comes after the look still rings.
   */
  #lookFromSleep(): void {
    if (!this.#parked) {
      this.#runTurn();
      return;
    }
    const { executor } = this.#parts;
    try {
      const work = executor.doWork();
      this.#parts.onTurn(executor.lastNowMs);
      if (this.#stopped) return;
      if (work > 0) this.#runTurn();
      else this.#setTimer();
    } catch (error) {
      this.#parts.onError(error);
    }
  }
}
