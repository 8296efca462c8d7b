import { VirtualClock } from "../../../src/base/clock.ts";
import type { CommandContext } from "../../../src/cli/command-context.ts";
import { runCommandLine } from "../../../src/cli/command-line.ts";
import type { EngineFace, RunFace, RunSummaryFace, Settings, TaskTotals } from "../../../src/cli/engine-face.ts";
import type { RemoteProcess } from "../../../src/cli/remote-process.ts";
import { computePlan } from "../../../src/engine/plan/compute-plan.ts";
import type { LiveState } from "../../../src/http/live-state.ts";
import { optionsFor, wordCount } from "../../unit/plan/plan-fixtures.ts";
import { topologies } from "./run-cli.ts";

/** Of a topology that has done nothing yet. */
export const IDLE_STATE: LiveState = {
  timeMs: null,
  uptimeMs: 0,
  epoch: 1,
  state: "active",
  totals: null,
  complete: null,
  components: {},
  edges: [],
  workers: [],
  errorCount: 0,
};

/** A promise that the test settles. */
export class Settleable<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** The command in this process, on an engine and a terminal that the test plays. */
export class ScriptedCommand {
  readonly clock = new VirtualClock();
  readonly started = new Settleable<void>();
  readonly submitted = new Settleable<RunFace>();
  readonly ended = new Settleable<RunSummaryFace>();
  /** What happened, in order. */
  readonly calls: string[] = [];
  settings: Settings = {};
  options: unknown = null;
  startSignal: AbortSignal | null = null;
  totals: TaskTotals = { emitted: 0, transferred: 0, executed: 0, failed: 0 };
  terminalColumns: number | null = null;
  terminalRows: number | null = null;
  isOutTerminal = false;
  processes: readonly RemoteProcess[] = [];
  /** By name, what was written. */
  readonly files = new Map<string, string>();
  live: LiveState = IDLE_STATE;
  /** What the dashboard was asked to open on. */
  ui: true | number | null = null;
  outputs: RunFace["outputs"] = {};
  feeders: RunFace["feeders"] = {};
  closing: Promise<void> = Promise.resolve();
  out = "";
  err = "";
  exitedWith: number | null = null;
  timerIntervalMs = 0;
  readonly #interruptListeners = new Set<() => void>();
  readonly #timers = new Set<() => void>();

  get interruptListeners(): number {
    return this.#interruptListeners.size;
  }

  get timers(): number {
    return this.#timers.size;
  }

  run(...args: string[]): Promise<number> {
    return runCommandLine(args, this.#context());
  }

  interrupt(): void {
    for (const listener of this.#interruptListeners) listener();
  }

  /** Lets time pass, and every timer fire once at its end. */
  passTime(ms: number): void {
    this.clock.advanceTo(this.clock.nowMs() + ms);
    for (const action of this.#timers) action();
  }

  /** The run that submitTopology resolves with. */
  face(): RunFace {
    return {
      name: "wordCount",
      plan: computePlan(wordCount(), optionsFor(2)),
      outputs: this.outputs,
      feeders: this.feeders,
      completed: () => this.ended.promise,
      drain: async ({ deadlineMs }) => {
        this.calls.push(`drain ${deadlineMs}`);
      },
      totals: () => ({ ...this.totals, byComponent: {} }),
    };
  }

  summary(change: Partial<RunSummaryFace> = {}): RunSummaryFace {
    const lines = { emitted: 1_000, transferred: 1_000, executed: 0, failed: 0 };
    const split = { emitted: 1_234_567, transferred: 2_469_134, executed: 1_000, failed: 3 };
    const ids = { emitted: 0, transferred: 0, executed: 0, failed: 0 };
    return {
      topology: "wordCount",
      outcome: "completed",
      elapsedMs: 12_345,
      workers: 2,
      cores: [0, 3],
      totals: {
        emitted: 1_235_567,
        transferred: 2_470_134,
        executed: 1_000,
        failed: 3,
        byComponent: { lines, split, "__output.ids": ids },
      },
      left: 0,
      ...change,
    };
  }

  #engine(): EngineFace {
    return {
      isTopology: (value) => typeof (value as { build?: unknown } | null)?.build === "function",
      planOf: (_topology, { workerCount }) => computePlan(wordCount(), optionsFor(workerCount)),
      createCluster: (settings) => {
        this.settings = settings;
        return {
          submitTopology: (name, _topology, { options, signal }) => {
            this.calls.push(`submit ${name}`);
            this.options = options;
            this.startSignal = signal;
            signal.addEventListener("abort", () => this.submitted.reject(signal.reason));
            this.started.resolve();
            return this.submitted.promise;
          },
          serveUi: async (ui) => {
            this.ui = ui;
            this.calls.push("serveUi");
            const close = async () => void this.calls.push("closeUi");
            return { link: "http://127.0.0.1:8080/#token=scripted", close };
          },
          liveState: () => this.live,
          close: async () => {
            this.calls.push("close");
            await this.closing;
          },
        };
      },
    };
  }

  #context(): CommandContext {
    return {
      engine: this.#engine(),
      clock: this.clock,
      writeOut: (text) => {
        this.out += text;
      },
      writeErr: (text) => {
        this.err += text;
      },
      terminalColumns: () => this.terminalColumns,
      terminalRows: () => this.terminalRows,
      isOutTerminal: () => this.isOutTerminal,
      findProcesses: async () => this.processes,
      folder: topologies,
      onInterrupt: (listener) => {
        this.#interruptListeners.add(listener);
        return () => this.#interruptListeners.delete(listener);
      },
      every: (intervalMs, action) => {
        this.timerIntervalMs = intervalMs;
        this.#timers.add(action);
        return () => this.#timers.delete(action);
      },
      startChild: () => {
        throw new Error("no child process is started from here");
      },
      pause: async (ms) => this.clock.advanceTo(this.clock.nowMs() + ms),
      saveFile: async (file, content) => {
        let text = "";
        for await (const part of content) text += Buffer.from(part).toString();
        this.files.set(file, text);
        return text.length;
      },
      exitNow: (exitCode) => {
        this.exitedWith ??= exitCode;
      },
    };
  }
}

/** Lets everything that is ready run: a bounded number of turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
