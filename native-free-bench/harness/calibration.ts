import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Size } from "./benchmark.ts";
import type { CalibrationData } from "./calibration-thread.ts";
import { stopWhenInterrupted } from "./interruption.ts";

/** A machine that took longer than its fastest by more than this share was busy with something else. */
export const BUSY_SHARE = 0.15;

/** What a calibration loop said before and after a benchmark. */
export interface Calibration {
  /** Nanoseconds per step, in order: before, after, and before and after again for each time it was resumed. */
  readonly readingsNs: readonly number[];
  /** The fastest of the whole sitting so far. */
  readonly fastestNs: number;
  /** By which share the slowest of the readings took longer than that. */
  readonly slowdown: number;
  readonly busy: boolean;
}

/** A reading serves as the one before the next benchmark too, unless this much time went by. */
const READING_VALID_MS = 1_000;
const SETTINGS: Readonly<Record<Size, CalibrationData>> = {
  smoke: { steps: 20_000, samples: 3 },
  full: { steps: 8_000_000, samples: 9 },
};

/**
 * Has every core count the same loop at once. Nothing of the engine is in it, so whatever makes it slower than it was
 * makes the benchmarks slower too: another program, a neighbour on the same machine, a lower clock.
 */
export class Calibrator {
  readonly #size: Size;
  #last = { readingNs: Number.POSITIVE_INFINITY, atMs: Number.NEGATIVE_INFINITY };
  #fastestNs: number;

  /** `fastestNs`: that of the sitting which is resumed. */
  constructor(size: Size, fastestNs = Number.POSITIVE_INFINITY) {
    this.#size = size;
    this.#fastestNs = fastestNs;
  }

  async readBefore(): Promise<number> {
    return performance.now() - this.#last.atMs < READING_VALID_MS ? this.#last.readingNs : this.read();
  }

  /** Nanoseconds per step on the core that took longest. */
  async read(): Promise<number> {
    const threads = Array.from({ length: availableParallelism() }, () => countOnThread(SETTINGS[this.#size]));
    const readingNs = Math.max(...(await Promise.all(threads)));
    this.#last = { readingNs, atMs: performance.now() };
    this.#fastestNs = Math.min(this.#fastestNs, readingNs);
    return readingNs;
  }

  judge(readingsNs: readonly number[]): Calibration {
    return judgeReadings(readingsNs, Math.min(this.#fastestNs, ...readingsNs));
  }
}

export function judgeReadings(readingsNs: readonly number[], fastestNs: number): Calibration {
  const slowdown = Math.max(...readingsNs) / fastestNs - 1;
  return { readingsNs, fastestNs, slowdown, busy: slowdown > BUSY_SHARE };
}

async function countOnThread(data: CalibrationData): Promise<number> {
  const worker = new Worker(new URL("./calibration-thread.js", import.meta.url), { workerData: data, execArgv: [] });
  const forget = stopWhenInterrupted(async () => {
    await worker.terminate();
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`a calibration thread ended with code ${code}`)));
    });
  } finally {
    forget();
    await worker.terminate();
  }
}
