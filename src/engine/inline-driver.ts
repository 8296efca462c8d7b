import type { VirtualClock } from "../base/clock.ts";
import { EngineError } from "../base/engine-error.ts";
import type { Prng } from "../base/prng.ts";

/** Anything that does bounded work when asked, and knows when it wants to be asked next. */
export interface InlineAgent {
  doWork(): number;
  nextDeadlineMs(): number;
}

/** How virtual time passes. */
export interface InlineTime {
  /**
   * Rounds of uninterrupted work that make a millisecond: without them time would stand still, and with it ticks and
   * timeouts, as long as some spout always has something to emit.
   */
  readonly roundsPerMs: number;
  /** False: time moves only while somebody waits for a moment to come. */
  readonly autoAdvance: boolean;
  /** Rounds at one moment after which there is no hope that `whenSettled` will see an end of them. */
  readonly settleRoundsMax: number;
}

export const INLINE_TIME: InlineTime = { roundsPerMs: 64, autoAdvance: true, settleRoundsMax: 3_000 };

export interface InlineDriverParts {
  readonly clock: VirtualClock;
  readonly prng: Prng;
  readonly agents: readonly InlineAgent[];
  readonly time: InlineTime;
  /** True while a promise of user code is pending: only the world outside can say when that settles. */
  readonly awaitsWorld: () => boolean;
  /** True while the program waits until something of what it gave is taken. */
  readonly isFed: () => boolean;
  /** After each turn that was all work. */
  readonly stillBusy: () => void;
  readonly failed: (error: unknown) => void;
}

/** Rounds between two turns of the event loop: few enough that promises of user code are not kept waiting long. */
const ROUNDS_PER_TURN = 64;

interface Waiter {
  /** Minus infinity: whenever nothing is left to do. */
  readonly dueMs: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Calls all agents of a run on this thread, in an order drawn from the seed, and moves virtual time.
 *
 * Time moves to the next deadline when no agent has anything to do, and promises of the program had a turn to change
 * that; it moves on a little while the agents are always busy; it stands still while a promise of user code is
 * pending. Where it may not move by itself, at most `roundsPerMs` rounds are done at each moment, so that what is
 * done does not depend on how long the program takes to ask for more.
 */
export class InlineDriver {
  readonly #parts: InlineDriverParts;
  #autoAdvance: boolean;
  /** The engine's own timer, on the virtual clock: a real one would make the trace depend on the machine. */
  #timer: { dueMs: number; call: () => void } | null = null;
  #waiters: Waiter[] = [];
  /** Rounds with work at this moment of virtual time, since nothing was left to do. */
  #busyRounds = 0;
  #settlingRounds = 0;
  /** Nothing was left to do, and the event loop has had a turn since. */
  #wasQuiet = false;
  #scheduled = false;
  #stopped = false;
  /** Rounds with work and moves of time so far: whether anything goes on. */
  steps = 0;

  constructor(parts: InlineDriverParts) {
    this.#parts = parts;
    this.#autoAdvance = parts.time.autoAdvance;
  }

  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => this.#runTurn());
  }

  /** Ends all work. Whoever waits for a moment waits no longer. */
  stop(): void {
    this.#stopped = true;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  /** From now on time moves by itself. */
  releaseTime(): void {
    this.#autoAdvance = true;
    this.wake();
  }

  /** Calls back once, at a moment of virtual time; the returned function calls it off. One call at a time. */
  after(delayMs: number, call: () => void): () => void {
    this.#timer = { dueMs: this.#parts.clock.nowMs() + delayMs, call };
    this.wake();
    return () => {
      this.#timer = null;
    };
  }

  /** Resolves when that moment has come, and all that can be done at it was done. */
  whenAt(dueMs: number): Promise<void> {
    return this.#wait(dueMs);
  }

  /**
   * Resolves when nothing is left to do at the present moment.
   *
   * @throws EngineError (rejects) SIMULATION_NOT_SETTLING
   */
  whenSettled(): Promise<void> {
    return this.#wait(Number.NEGATIVE_INFINITY);
  }

  #wait(dueMs: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ dueMs, resolve, reject });
      this.wake();
    });
  }

  #runTurn(): void {
    this.#scheduled = false;
    try {
      for (let round = 0; round < ROUNDS_PER_TURN; round++) {
        if (this.#stopped) return;
        if (this.#busyRounds >= this.#parts.time.roundsPerMs && !this.#passWhileBusy()) return;
        if (this.#runRound() > 0) {
          this.#busyRounds++;
          this.steps++;
          this.#wasQuiet = false;
        } else if (!this.#passWhileQuiet()) return;
      }
      this.#parts.stillBusy();
      this.wake();
    } catch (error) {
      this.#parts.failed(error);
    }
  }

  /** Every agent once, in an order that the seed decides. */
  #runRound(): number {
    const order = [...this.#parts.agents];
    let work = 0;
    while (order.length > 0) {
      const next = this.#parts.prng.below(order.length);
      work += order[next]!.doWork();
      order.splice(next, 1);
    }
    return work;
  }

  /** Nothing is left to do. False when this turn is over. */
  #passWhileQuiet(): boolean {
    this.#busyRounds = 0;
    if (!this.#wasQuiet) {
      // Readers of outputs, feeding programs and settled promises have their say before time moves.
      this.#wasQuiet = true;
      this.wake();
      return false;
    }
    if (this.#parts.awaitsWorld()) return false;
    this.#settlingRounds = 0;
    if (this.#resolveDue(false)) return false;
    const nowMs = this.#parts.clock.nowMs();
    // What is due already and was not done waits for something else than time.
    const deadlines = this.#parts.agents.map((agent) => agent.nextDeadlineMs()).filter((dueMs) => dueMs > nowMs);
    return this.#moveTo(Math.min(...deadlines, this.#timer?.dueMs ?? Number.POSITIVE_INFINITY, this.#nextDueMs()));
  }

  /** There was work for as long as a moment may last. False when this turn is over. */
  #passWhileBusy(): boolean {
    if (this.#resolveDue(true)) return false;
    const nowMs = this.#parts.clock.nowMs();
    if (this.#moveTo(Math.min(nowMs + 1, this.#nextDueMs()))) {
      this.#busyRounds = 0;
      return true;
    }
    const settling = this.#waiters.length > 0;
    if (!settling && !this.#parts.isFed()) return false;
    this.#settlingRounds += this.#busyRounds;
    this.#busyRounds = 0;
    const { settleRoundsMax } = this.#parts.time;
    if (this.#settlingRounds < settleRoundsMax) return true;
    this.#settlingRounds = 0;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(notSettling({ nowMs, settleRoundsMax }));
    return false;
  }

  /** Resolves who has waited for this moment; when work goes on, not those who wait for its end. */
  #resolveDue(isBusy: boolean): boolean {
    const nowMs = this.#parts.clock.nowMs();
    const due = this.#waiters.filter(
      ({ dueMs }) => dueMs <= nowMs && !(isBusy && dueMs === Number.NEGATIVE_INFINITY),
    );
    if (due.length === 0) return false;
    this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
    // What they do next comes before the next round.
    this.wake();
    return true;
  }

  #nextDueMs(): number {
    const due = this.#waiters.map(({ dueMs }) => dueMs).filter((dueMs) => dueMs !== Number.NEGATIVE_INFINITY);
    return Math.min(Number.POSITIVE_INFINITY, ...due);
  }

  /** False when there is no such moment, or nobody lets time move so far. */
  #moveTo(toMs: number): boolean {
    const { clock } = this.#parts;
    const nextDueMs = this.#nextDueMs();
    const isAllowed = this.#autoAdvance || (nextDueMs !== Number.POSITIVE_INFINITY && toMs <= nextDueMs);
    if (toMs === Number.POSITIVE_INFINITY || !isAllowed) return false;
    clock.advanceTo(toMs);
    this.steps++;
    this.#wasQuiet = false;
    const timer = this.#timer;
    if (timer !== null && timer.dueMs <= clock.nowMs()) {
      this.#timer = null;
      timer.call();
    }
    return true;
  }
}

function notSettling(facts: { readonly nowMs: number; readonly settleRoundsMax: number }): EngineError {
  return new EngineError("SIMULATION_NOT_SETTLING", {
    problem: "the topology still finds something to do at one moment of virtual time, after very many rounds",
    facts,
    remedy: 'let spouts return "idle" now and then, or use advance(ms), which always ends, or raise settleRoundsMax',
  });
}
