import { Worker } from "node:worker_threads";
import type { Exploration, ExplorationOrder, ExplorerMemory } from "./explorer-thread.ts";
import { LOCKSTEP_WORDS } from "./lockstep.ts";
import { STAGE_CONTROL_WORDS, STAGE_LOG_WORDS, STAGE_RING_BYTES, STAGE_RINGS } from "./model.ts";
import { models } from "./models.ts";

export interface ExploreOptions {
  readonly preemptionsMax?: number;
  readonly schedulesMax?: number;
  /** Folder of the compiled sources to run; default: the real one. */
  readonly subjectsUrl?: string;
}

const REAL_SUBJECTS_URL = new URL("../../src", import.meta.url).href;
const NOTE_BYTES = 2048;

/** Runs models under every schedule of two threads up to a number of preemptions. Close it, or its threads stay. */
export class Explorer {
  readonly #workers: readonly Worker[];

  constructor() {
    const words = (count: number) => new Int32Array(new SharedArrayBuffer(count * 4));
    const memory: ExplorerMemory = {
      shared: words(LOCKSTEP_WORDS + 1),
      control: words(STAGE_CONTROL_WORDS),
      rings: Array.from({ length: STAGE_RINGS }, () => new SharedArrayBuffer(STAGE_RING_BYTES)),
      log: words(STAGE_LOG_WORDS),
      note: new Uint8Array(new SharedArrayBuffer(NOTE_BYTES)),
    };
    const entry = new URL("explorer-thread.js", import.meta.url);
    this.#workers = [0, 1].map((thread) => new Worker(entry, { workerData: { thread, memory } }));
  }

  /** Stops at the first violation; without one, when all schedules were run. */
  async explore(modelName: string, options: ExploreOptions = {}): Promise<Exploration> {
    const model = models[modelName];
    if (model === undefined) throw new Error(`no model "${modelName}"`);
    const order: ExplorationOrder = {
      modelName,
      subjectsUrl: options.subjectsUrl ?? REAL_SUBJECTS_URL,
      limits: {
        preemptionsMax: options.preemptionsMax ?? model.preemptionsMax,
        mortalThreads: model.mortalThreads,
      },
      schedulesMax: options.schedulesMax ?? Number.POSITIVE_INFINITY,
    };
    const answers = this.#workers.map(
      (worker) =>
        new Promise<Exploration>((resolve, reject) => {
          worker.once("message", (answer) => {
            worker.off("error", reject);
            resolve(answer);
          });
          worker.once("error", reject);
        }),
    );
    for (const worker of this.#workers) worker.postMessage(order);
    return (await Promise.all(answers))[0]!;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
