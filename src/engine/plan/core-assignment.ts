import type { AllowedCores } from "./machine.ts";

/** When to bind workers to cores: "auto" when each has an allowed core and one is left over, "on" always. */
export type PinMode = "auto" | "on" | "off";

/** Which worker is bound to which core. */
export interface CoreAssignment {
  /** By worker; null where the worker is not bound. */
  readonly cores: readonly (number | null)[];
  /** One sentence for people: why workers are bound, or why not. */
  readonly reason: string;
}

export interface AssignCoresOptions {
  readonly workerCount: number;
  readonly allowed: AllowedCores;
  readonly pin: PinMode;
  /** Cores that workers of other topologies are bound to, one entry per worker. They are used last. */
  readonly taken?: readonly number[];
}

/** `workers: "auto"` is one worker per usable core. */
export function workerCountFor(workers: number | "auto", allowed: AllowedCores): number {
  return workers === "auto" ? allowed.usable : workers;
}

/** Gives each worker the allowed core that the fewest workers are bound to, lowest id first. */
export function assignCores({ workerCount, allowed, pin, taken = [] }: AssignCoresOptions): CoreAssignment {
  const unbound = new Array<null>(workerCount).fill(null);
  if (pin === "off") return { cores: unbound, reason: "workers are not bound to cores: pin is off" };
  const workersOn = new Map(allowed.cores.map((core) => [core, 0]));
  for (const core of taken) {
    if (workersOn.has(core)) workersOn.set(core, workersOn.get(core)! + 1);
  }
  const freeCores = [...workersOn.values()].filter((workers) => workers === 0).length;
  // One core is for the main thread and V8's helpers: on a bound worker's core they would stop it.
  if (pin === "auto" && workerCount >= freeCores) {
    const missing = `no core is left beside ${workerCount} workers on ${freeCores} free ones`;
    const reason = `workers are not bound to cores: ${missing}`;
    return { cores: unbound, reason };
  }
  const cores = unbound.map(() => {
    const core = leastUsed(workersOn);
    workersOn.set(core, workersOn.get(core)! + 1);
    return core;
  });
  return {
    cores,
    reason: pin === "auto" ? "each worker is bound to a core of its own" : "workers are bound to cores: pin is on",
  };
}

function leastUsed(workersOn: ReadonlyMap<number, number>): number {
  return [...workersOn].reduce((best, entry) => (entry[1] < best[1] ? entry : best))[0];
}
