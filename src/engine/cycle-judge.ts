import type { PhysicalPlan } from "./plan/physical-plan.ts";
import type { CycleReport } from "./worker/worker-protocol.ts";

export interface CycleMessages {
  /** Asks every worker for its reports. */
  ask(): void;
  tellQuiet(cycle: number): void;
  /** Calls back once, after that time on the run's own clock; the returned function calls it off. */
  after(delayMs: number, call: () => void): () => void;
}

/** Pause between two questions. */
const ASK_MS = 2;
/** A cycle is told twice that it is quiet: once to flush, once to end. */
const ROUNDS = 2;

/**
 * Finds out that a cycle has run empty. Its parts lie on several threads, so one look is not enough: rows may be
 * under way between the moments at which two threads were asked. A cycle is quiet when all its parts were, with as
 * many rows received as sent, twice in a row with the same counts.
 */
export class CycleJudge {
  readonly #messages: CycleMessages;
  readonly #workerCount: number;
  readonly #rounds = new Map<number, number>();
  #reports = new Map<number, readonly CycleReport[]>();
  #before = new Map<number, string>();
  #callOff: (() => void) | null = null;
  #stopped = false;
  #isWatching = false;

  constructor(plan: PhysicalPlan, messages: CycleMessages) {
    this.#messages = messages;
    this.#workerCount = plan.workerCount;
    for (const { cycle } of plan.components) if (cycle !== null) this.#rounds.set(cycle, 0);
  }

  start(): void {
    this.#isWatching = true;
    if (this.#callOff !== null || this.#stopped || !this.#isNeeded()) return;
    this.#callOff = this.#messages.after(ASK_MS, () => this.#messages.ask());
  }

  /** A new epoch: rows were lost and counts begin anew, so every cycle is judged from the beginning. */
  beginEpoch(): void {
    const isWatching = this.#isWatching;
    this.#callOff?.();
    this.#callOff = null;
    for (const cycle of this.#rounds.keys()) this.#rounds.set(cycle, 0);
    this.#reports = new Map();
    this.#before = new Map();
    if (isWatching) this.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#callOff?.();
  }

  take(thread: number, reports: readonly CycleReport[]): void {
    this.#reports.set(thread, reports);
    if (this.#reports.size < this.#workerCount) return;
    for (const [cycle, rounds] of this.#rounds) if (rounds < ROUNDS) this.#judge(cycle, rounds);
    this.#reports = new Map();
    this.#callOff = null;
    this.start();
  }

  #judge(cycle: number, rounds: number): void {
    const parts = [...this.#reports.values()].flat().filter((report) => report.cycle === cycle);
    const sent = parts.reduce((sum, part) => sum + part.sent, 0);
    const received = parts.reduce((sum, part) => sum + part.received, 0);
    const quiet = parts.every((part) => part.quiet) && sent === received;
    const seen = quiet ? `${sent}` : "busy";
    if (quiet && this.#before.get(cycle) === seen) {
      this.#rounds.set(cycle, rounds + 1);
      this.#before.delete(cycle);
      this.#messages.tellQuiet(cycle);
      return;
    }
    this.#before.set(cycle, seen);
  }

  #isNeeded(): boolean {
    return [...this.#rounds.values()].some((rounds) => rounds < ROUNDS);
  }
}
