import { setTimeout as delay } from "node:timers/promises";
import type { Prng } from "../../../src/base/prng.ts";
import { ACKER_THREAD } from "../../../src/engine/epoch-change.ts";
import { type KillKind, killThread } from "../../../src/engine/kill-thread.ts";
import { nameOf } from "../../../src/engine/loss-policy.ts";
import type { WorkerReplaced } from "../../../src/engine/run-types.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import { describeRun } from "./describe-run.ts";

export interface PlannedKill {
  /** After the kill before. */
  readonly pauseMs: number;
  readonly thread: number;
  readonly how: KillKind;
}

export const PAUSE_MS = { min: 300, max: 1_000 } as const;
const KINDS = ["terminate", "throw", "exit", "memory", "acker", "reject"] as const;
/** A thread that is killed may need so long to die: one that has to fill its memory before, most. */
const DEATH_MS = 20_000;
/** A job that gets nothing done for so long hangs. */
const STANDSTILL_MS = 20_000;
const LOOK_MS = 10;

/** Every kind in turn, in an order of its own in each round; workers at random. */
export function planKills(prng: Prng, kills: number, workers: number): PlannedKill[] {
  const planned: PlannedKill[] = [];
  while (planned.length < kills) {
    const round = [...KINDS];
    while (round.length > 0) {
      const [kind] = round.splice(prng.below(round.length), 1);
      const pauseMs = PAUSE_MS.min + prng.below(PAUSE_MS.max - PAUSE_MS.min + 1);
      const worker = prng.below(workers);
      planned.push(
        kind === "acker"
          ? { pauseMs, thread: ACKER_THREAD, how: "terminate" }
          : { pauseMs, thread: worker, how: kind! },
      );
    }
  }
  return planned.slice(0, kills);
}

/** What became of a run that threads were taken from. */
export interface Disturbance {
  readonly killed: number;
  readonly replaced: readonly WorkerReplaced[];
  /** By kill: the trees that were pending when it came, as far as their spouts had told of them. */
  readonly pending: readonly number[];
}

/**
 * Kills the run's threads as planned, also while it still recovers from the kill before, until it ends or the plan
 * does; then waits for its end. Rejects, with the run's state, when a kill has no effect or nothing moves any more.
 */
export async function disturb(run: TopologyRun, plan: readonly PlannedKill[]): Promise<Disturbance> {
  const replaced: WorkerReplaced[] = [];
  run.on("workerReplaced", (event) => replaced.push(event));
  const pending: number[] = [];
  const standstill = new StandstillWatch(run);
  let killed = 0;
  for (const { pauseMs, thread, how } of plan) {
    await standstill.during(pauseMs);
    if (run.state !== "active") break;
    const { epoch } = run;
    pending.push(pendingOf(run));
    run[killThread](thread, how);
    const deadlineMs = performance.now() + DEATH_MS;
    while (run.epoch === epoch && run.state === "active") {
      if (performance.now() > deadlineMs) throw hanging(run, `${nameOf(thread)} does not die of "${how}"`);
      await delay(LOOK_MS);
    }
    if (run.epoch > epoch) killed++;
  }
  while (run.state === "active" || run.state === "stopping") await standstill.during(LOOK_MS);
  return { killed, replaced, pending };
}

/** Trees that the spouts of the run have opened and not heard the end of. */
function pendingOf(run: TopologyRun): number {
  const { emitted, acked, failed } = run.totals().byComponent.reader!;
  return Math.max(0, emitted - acked - failed);
}

/** Sees a run that gets nothing done. */
class StandstillWatch {
  readonly #run: TopologyRun;
  #acked = -1;
  #sinceMs = 0;

  constructor(run: TopologyRun) {
    this.#run = run;
  }

  async during(pauseMs: number): Promise<void> {
    const untilMs = performance.now() + pauseMs;
    do {
      await delay(Math.min(100, Math.max(1, untilMs - performance.now())));
      this.#look();
    } while (performance.now() < untilMs && this.#run.state === "active");
  }

  #look(): void {
    const { acked } = this.#run.totals().byComponent.reader!;
    const nowMs = performance.now();
    if (acked !== this.#acked || this.#acked === -1) {
      this.#acked = acked;
      this.#sinceMs = nowMs;
    } else if (nowMs - this.#sinceMs > STANDSTILL_MS) throw hanging(this.#run, "nothing moves any more");
  }
}

function hanging(run: TopologyRun, problem: string): Error {
  return new Error(`${problem}\n${describeRun(run)}`);
}
