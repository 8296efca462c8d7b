import { EngineError } from "../base/engine-error.ts";
import type { InlineDriver } from "../engine/inline-driver.ts";
import type { RunState, RunSummary, RunTotals } from "../engine/run-types.ts";
import type { TopologyRun } from "../engine/topology-run.ts";
import type { MetricsSnapshot, SnapshotOptions } from "../metrics/metrics-snapshot.ts";
import type { FeedersOf, OutputsOf } from "../topology/topology-ports.ts";
import type { TopologySpec } from "../topology/topology-spec.ts";
import type { Fields, Row } from "../tuple/field-types.ts";
import { type Question, rowsOf } from "./read-recording.ts";
import type { Recording } from "./recording.ts";
import { Trace } from "./trace.ts";

export interface SimulationParts {
  readonly run: TopologyRun;
  readonly spec: TopologySpec;
  readonly driver: InlineDriver;
  readonly nowMs: () => number;
  readonly pendingHooks: () => string[];
  readonly recording: Recording;
  readonly seed: number;
  readonly stuckTimeoutMs: number;
  /** Called once, when the run has ended. */
  readonly ended: () => Promise<void>;
}

/** Looks per stuckTimeoutMs at whether anything goes on. */
const LOOKS = 4;

/**
 * A topology that runs on the calling thread, under virtual time, and writes down all that it does. Made by
 * `simulate`. It starts by itself, in the next turn of the event loop.
 */
export class Simulation<Ports> implements AsyncDisposable {
  readonly seed: number;
  /** What the test feeds. */
  readonly feeders: FeedersOf<Ports>;
  /**
   * What the test reads, with back-pressure as in any run. An output that was not touched before the simulation
   * started drops its tuples: `emittedBy` tells them all the same.
   */
  readonly outputs: OutputsOf<Ports>;
  readonly #parts: SimulationParts;
  readonly #touched = new Set<string>();
  #started: Promise<unknown> | null = null;
  readonly #completed: Promise<RunSummary>;
  #failStuck: (error: Error) => void = () => {};
  #waiting = 0;
  #watch: NodeJS.Timeout | null = null;

  constructor(parts: SimulationParts) {
    this.#parts = parts;
    this.seed = parts.seed;
    this.feeders = parts.run.feeders as unknown as FeedersOf<Ports>;
    this.outputs = this.#guardedOutputs();
    const stuck = new Promise<never>((_, reject) => {
      this.#failStuck = reject;
    });
    this.#completed = this.#complete(stuck);
    // A test that never asks for the end still hears of a failure from whatever else it waits for.
    this.#completed.catch(() => {});
    setImmediate(() => this.#start());
  }

  /** Virtual time. */
  get nowMs(): number {
    return this.#parts.nowMs();
  }

  get state(): RunState {
    return this.#parts.run.state;
  }

  /** What the components have done so far, in counts. */
  totals(): RunTotals {
    return this.#parts.run.totals();
  }

  /** All that is counted and timed, as of now. Windows are of real time, however much virtual time has passed. */
  metrics(options?: SnapshotOptions): MetricsSnapshot {
    return this.#parts.run.metrics(options);
  }

  /** All that has happened so far. */
  get trace(): Trace {
    return new Trace([...this.#parts.recording.events]);
  }

  /**
   * Resolves when the run has ended, with its summary in virtual time; rejects with the failure that ended it, which
   * tells the seed. Lets time move by itself from then on.
   */
  completed(): Promise<RunSummary> {
    this.#parts.driver.releaseTime();
    return this.#whileWaiting(this.#completed);
  }

  /**
   * Moves virtual time on, and does all that is due on the way. Also ends when the run does; rejects if that fails.
   *
   * @throws EngineError (rejects) SIMULATION_BAD_SETTING
   */
  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw new EngineError("SIMULATION_BAD_SETTING", {
        problem: `time cannot be moved by ${String(ms)} milliseconds`,
        facts: { allowed: "a finite number from 0" },
        remedy: "say advance(1_000) for a second",
      });
    }
    await this.#afterStart(() => this.#parts.driver.whenAt(this.nowMs + ms));
  }

  /**
   * Runs until nothing is left to do at the present moment of virtual time.
   *
   * @throws EngineError (rejects) SIMULATION_NOT_SETTLING
   */
  async settle(): Promise<void> {
    await this.#afterStart(() => this.#parts.driver.whenSettled());
  }

  /** Lets spouts emit again. */
  activate(): void {
    this.#parts.run.activate();
  }

  /** Stops calling spouts. */
  deactivate(): void {
    this.#parts.run.deactivate();
  }

  /** Ends in order: spouts stop, what was emitted is processed. Lets time move by itself. */
  drain(options?: { readonly deadlineMs?: number }): Promise<RunSummary> {
    this.#parts.driver.releaseTime();
    const drained = this.#afterStart(() => this.#parts.run.drain(options));
    // What fails the drain fails the run: `completed` tells it with the seed.
    return drained.then(
      () => this.completed(),
      () => this.completed(),
    );
  }

  /** Ends at once. */
  kill(): Promise<RunSummary> {
    void this.#parts.run.kill().catch(() => {});
    return this.completed();
  }

  /**
   * All tuples that a component has emitted so far, in order: over all its tasks, and its streams unless one is
   * named. With fields given, as objects with these fields.
   *
   * @throws EngineError SIMULATION_UNKNOWN_NAME, SIMULATION_FIELDS_DIFFER
   */
  emittedBy(component: string, stream?: string): unknown[][];
  emittedBy<F extends Fields>(component: string, as: F, stream?: string): Row<F>[];
  emittedBy(component: string, as?: unknown, place?: string): unknown {
    return this.#rows({ kind: "emit", component, as, place });
  }

  /** All tuples that the tasks of a bolt have been given so far, in order: see `emittedBy`. */
  executedBy(component: string, input?: string): unknown[][];
  executedBy<F extends Fields>(component: string, as: F, input?: string): Row<F>[];
  executedBy(component: string, as?: unknown, place?: string): unknown {
    return this.#rows({ kind: "execute", component, as, place });
  }

  /** Ends the run if it goes on, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
  }

  #rows(question: Question): unknown[] {
    return rowsOf(this.#parts.recording.events, this.#parts.spec, question);
  }

  #start(): Promise<unknown> {
    this.#started ??= (async () => {
      for (const [port, output] of Object.entries(this.#parts.run.outputs)) {
        if (!this.#touched.has(port)) output.detach();
      }
      // What fails at the start fails the run, and is told by its end.
      await this.#parts.run.start().catch(() => {});
    })();
    return this.#started;
  }

  async #afterStart<T>(act: () => Promise<T>): Promise<T> {
    return await this.#whileWaiting(
      (async () => {
        await this.#start();
        const result = await Promise.race([act(), this.#completed.then(() => undefined as T)]);
        // A moment that never came because the run failed is no moment.
        if (this.state === "stopping" || this.state === "failed") await this.#completed;
        return result;
      })(),
    );
  }

  async #complete(stuck: Promise<never>): Promise<RunSummary> {
    try {
      const summary = await Promise.race([this.#parts.run.completed(), stuck]);
      return { ...summary, elapsedMs: this.nowMs };
    } catch (error) {
      throw withSeed(error, this.seed, this.nowMs);
    } finally {
      await this.#parts.ended();
    }
  }

  #guardedOutputs(): OutputsOf<Ports> {
    const ports: PropertyDescriptorMap = {};
    for (const [port, output] of Object.entries(this.#parts.run.outputs)) {
      const get = () => {
        if (this.#started !== null && !this.#touched.has(port)) throw dropped(port);
        this.#touched.add(port);
        return output;
      };
      ports[port] = { get, enumerable: true };
    }
    return Object.defineProperties({}, ports) as OutputsOf<Ports>;
  }

  /** Nobody should wait for a simulation that has come to a standstill: by the real clock, which alone moves then. */
  async #whileWaiting<T>(promise: Promise<T>): Promise<T> {
    this.#waiting++;
    if (this.#waiting === 1) this.#watchProgress();
    try {
      return await promise;
    } finally {
      this.#waiting--;
      if (this.#waiting === 0 && this.#watch !== null) clearInterval(this.#watch);
    }
  }

  #watchProgress(): void {
    const { driver, stuckTimeoutMs, run } = this.#parts;
    let before = -1;
    let looks = 0;
    this.#watch = setInterval(() => {
      looks = driver.steps === before ? looks + 1 : 0;
      before = driver.steps;
      if (looks < LOOKS || this.state === "starting") return; // startTimeoutMs looks after the start.
      this.#failStuck(this.#stuckError());
      void run.kill().catch(() => {});
    }, stuckTimeoutMs / LOOKS);
  }

  #stuckError(): EngineError {
    const { pendingHooks, run, stuckTimeoutMs } = this.#parts;
    const unread = Object.entries(run.outputs).filter(([, output]) => output.hasUnread);
    return new EngineError("SIMULATION_STUCK", {
      problem: `the simulation has made no progress for ${stuckTimeoutMs} ms of real time, and somebody waits for it`,
      facts: {
        "hooks whose promise is pending": pendingHooks(),
        "outputs with tuples that nobody reads": unread.map(([port]) => port),
        "feeders that are not ended": Object.entries(run.feeders).flatMap(([port, { phase }]) =>
          phase === "done" ? [] : [port],
        ),
      },
      remedy: "settle those promises, read those outputs, end() those feeders; or raise stuckTimeoutMs",
    });
  }
}

/** The same error, as far as a program can tell, that says how to get it again. */
function withSeed(error: unknown, seed: number, nowMs: number): unknown {
  if (!(error instanceof EngineError)) return error;
  return new EngineError(error.code, {
    problem: error.problem,
    facts: { ...error.facts, seed, nowMs },
    remedy: `${error.remedy}; the same seed, ${seed}, gives the same again`,
    cause: error.cause,
  });
}

function dropped(port: string): EngineError {
  return new EngineError("SIMULATION_OUTPUT_DROPPED", {
    problem: `nobody had asked for the output "${port}" when the simulation started, so its tuples were dropped`,
    remedy: `take simulation.outputs.${port} before the first await, or ask emittedBy(...) instead`,
  });
}
