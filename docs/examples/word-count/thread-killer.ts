import { setTimeout as delay } from "node:timers/promises";
import type { Run } from "stormcell";
import { killThread, type ThreadDeath } from "stormcell/testing";

/** A thread that was made to die. */
export interface Kill {
  /** A worker's number, or the thread that keeps the time of tuple trees. */
  readonly thread: number | "acker";
  readonly death: ThreadDeath;
}

export interface SurvivedKill extends Kill {
  /** From the loss until all threads went on. */
  readonly recoveryMs: number;
}

export interface KillSettings {
  readonly seed: number;
  readonly onKill: (kill: SurvivedKill) => void;
}

/** After a loss the job has so much time at least, however slow the machine: it would never come to its end. */
const RESPITE_MS = 200;

export const PAUSE_MS = { min: 300, max: 1_000 } as const;
const DEATHS: readonly (ThreadDeath | "acker")[] = ["terminate", "throw", "exit", "acker", "reject", "memory"];
/** A worker may need so long to die, or else the job is taken for broken. */
const DEATH_MS = 30_000;

/** Who dies when, and of what: the same for the same seed. */
export class KillSchedule {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** How long a job must take for `kills` of them. */
  static durationMs(seed: number, kills: number): number {
    const schedule = new KillSchedule(seed);
    let totalMs = 0;
    for (let kill = 0; kill < kills; kill++) totalMs += schedule.next(1).pauseMs;
    return totalMs;
  }

  next(workers: number): Kill & { readonly pauseMs: number } {
    const pauseMs = PAUSE_MS.min + this.#below(PAUSE_MS.max - PAUSE_MS.min + 1);
    const death = DEATHS[this.#below(DEATHS.length)]!;
    const worker = this.#below(workers);
    return death === "acker" ? { pauseMs, thread: "acker", death: "terminate" } : { pauseMs, thread: worker, death };
  }

  /** From 0 to below `limit`; a step of mulberry32, which is enough for games. */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}

/**
 * Kills a thread of the run every 300 to 1,000 ms until it ends, but none before the last one has been replaced.
 *
 * @returns the kills that the run has survived; rejects when one of them had no effect
 */
export async function killThreads(run: Run<unknown>, settings: KillSettings): Promise<SurvivedKill[]> {
  const schedule = new KillSchedule(settings.seed);
  const kills: SurvivedKill[] = [];
  const ended = new AbortController();
  const noteEnd = () => ended.abort();
  run.completed().then(noteEnd, noteEnd);
  const { signal } = ended;
  let killedMs = performance.now();
  let respiteMs = 0;
  for (;;) {
    const { pauseMs, ...kill } = schedule.next(run.plan.workerCount);
    const untilMs = Math.max(killedMs + pauseMs, respiteMs);
    await delay(Math.max(0, untilMs - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return kills;
    killedMs = performance.now();
    const replaced = nextReplacement(run, kill, signal);
    killThread(run, kill.thread, kill.death);
    const recoveryMs = await replaced;
    if (recoveryMs === null) return kills;
    kills.push({ ...kill, recoveryMs });
    settings.onKill(kills.at(-1)!);
    respiteMs = performance.now() + RESPITE_MS;
  }
}

/** How long it took until all threads went on; null when the run has ended. */
async function nextReplacement(run: Run<unknown>, kill: Kill, ended: AbortSignal): Promise<number | null> {
  let isReplaced = (_: { recoveryMs: number }): void => {};
  const replacement = new Promise<number>((resolve) => {
    isReplaced = ({ recoveryMs }) => resolve(recoveryMs);
  });
  run.on("workerReplaced", isReplaced);
  const over = new AbortController();
  const stop = AbortSignal.any([ended, over.signal]);
  const tooLate = delay(DEATH_MS, undefined, { signal: stop }).then(
    () => Promise.reject(new Error(`${describeKill(kill)}: no thread was replaced within ${DEATH_MS / 1_000} s`)),
    () => null,
  );
  try {
    return await Promise.race([replacement, tooLate]);
  } finally {
    over.abort();
    run.off("workerReplaced", isReplaced);
  }
}

/** Such as "worker 1: exit". */
export function describeKill({ thread, death }: Kill): string {
  return `${thread === "acker" ? "acker" : `worker ${thread}`}: ${death}`;
}
