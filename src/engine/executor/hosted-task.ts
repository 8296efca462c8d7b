import { EngineError } from "../../base/engine-error.ts";
import type { ErrorCode } from "../../base/error-catalog.ts";
import { TICK_TUPLE } from "../../tuple/tick-tuple.ts";
import type { CreatedInstance } from "./create-instance.ts";
import type { FailurePlan } from "./failure-plan.ts";
import { NOTHING, Task } from "./task.ts";
import type { TaskParts } from "./task-parts.ts";
import { type Recreatable, TaskRestart, tryLastHook } from "./task-restart.ts";
import { TickLane } from "./tick-lane.ts";

export interface HostedParts extends TaskParts {
  /** Time between two calls of `onTick`; null for none. */
  readonly tickMs: number | null;
  /** Whether a bolt without `onTick` is given ticks as tuples: when it has asked for ticks itself. */
  readonly ticksAsTuples: boolean;
  readonly failures: FailurePlan;
  readonly seed: number;
}

/** What is told of a failure after which the task is to be restarted. */
export interface PlannedRestart {
  readonly hook: string;
  readonly error: unknown;
  readonly delayMs: number;
}

/** Mistakes of the program that no new instance heals: the run fails at once. */
const NOT_HEALED: ReadonlySet<ErrorCode> = new Set([
  "CLAIM_BAD_REQUEST",
  "COMPONENT_MISSING_HOOK",
  "COMPONENT_WRONG_INSTANCE",
  "EMIT_DIRECT_STREAM",
  "EMIT_DIRECT_TARGET",
  "EMIT_NOT_DIRECT",
  "EMIT_OVERFLOW",
  "EMIT_UNKNOWN_STREAM",
  "FEEDBACK_SPILL",
  "GROUPING_BAD_CHOICE",
  "GROUPING_BAD_FACTORY",
  "SIMULATION_TOO_LONG",
  "SPOUT_RESULT_INVALID",
]);

/**
 * A task that runs an instance of a user's class: makes it, calls its first and last hooks, and makes it anew when a
 * hook has thrown and the component's policy says so. docs/FAILURES.md is the contract.
 */
export abstract class HostedTask extends Task implements Recreatable {
  /** Called when the instance is given up and another will be made. */
  onRestart: (planned: PlannedRestart) => void = () => {};
  /** Called when the last hook of an instance that was given up has thrown. */
  onLastHookFailed: (error: unknown) => void = () => {};
  protected readonly failures: FailurePlan;
  readonly #restart: TaskRestart;
  #instance: CreatedInstance | null = null;
  readonly #ticks: TickLane;
  readonly #ticksAsTuples: boolean;
  /** The instance's first hook has succeeded: it is owed its last one. */
  #isUp = false;

  constructor(parts: HostedParts) {
    super(parts);
    this.failures = parts.failures;
    this.#ticks = new TickLane(parts.tickMs);
    this.#ticksAsTuples = parts.ticksAsTuples;
    this.#restart = new TaskRestart(this, parts.failures, parts.seed, {
      recreated: (restarted) => {
        this.count("restarts");
        this.phase = "running";
        this.host.taskRestarted(this, restarted);
        if (this.active) this.runHook("activate", () => this.#call("activate"), NOTHING);
        this.host.wake();
      },
      failedAgain: (error) => this.restart(this.hook, error),
    });
  }

  /** Names of the first and the last hook. */
  protected abstract readonly hookNames: { readonly first: string; readonly last: string };
  /** Makes an instance and takes it up. */
  protected abstract create(): CreatedInstance;
  /** The instance is given up: what it held fails with that error. */
  protected abstract letGo(error: unknown): void;
  /** When the task wants a turn of its own accord, besides for ticks. */
  protected get nextOwnTimerMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** False in the middle of what a tick must not come between. */
  protected get mayTick(): boolean {
    return !this.held;
  }

  /** What the first hook is given beside the context. */
  protected get firstArguments(): readonly unknown[] {
    return [];
  }

  async open(): Promise<void> {
    await this.makeInstance();
    this.phase = "running";
  }

  async makeInstance(): Promise<void> {
    this.hook = "constructor";
    this.#instance = this.create();
    this.hook = this.hookNames.first;
    await this.#call(this.hookNames.first, this.#instance.context, ...this.firstArguments);
    this.#instance.opened?.();
    this.#isUp = true;
  }

  async close(): Promise<void> {
    this.phase = "closing";
    await this.#restart.close();
    this.hook = this.hookNames.last;
    try {
      if (this.#isUp) await this.#call(this.hookNames.last);
    } finally {
      this.#instance?.ended?.();
    }
    this.phase = "closed";
  }

  override activate(): void {
    if (this.active || !this.#isAlive) return;
    super.activate();
    if (this.#tickHook !== null) this.#ticks.start(this.host.nowMs());
    this.activated();
    if (this.phase === "running") this.runHook("activate", () => this.#call("activate"), NOTHING);
  }

  override deactivate(): void {
    if (!this.active || !this.#isAlive) return;
    super.deactivate();
    if (this.phase === "running") this.runHook("deactivate", () => this.#call("deactivate"), NOTHING);
  }

  /** Before the hook of that name. */
  protected activated(): void {}

  override get awaitsPromise(): boolean {
    return super.awaitsPromise || this.#restart.isOpening;
  }

  override get nextTimerMs(): number {
    if (this.phase === "restarting") return this.#restart.dueMs;
    const mayTick = this.phase === "running" && this.mayTick;
    return Math.min(mayTick ? this.#ticks.nextMs : Number.POSITIVE_INFINITY, this.nextOwnTimerMs);
  }

  override runTimers(nowMs: number): number {
    return this.phase === "restarting" ? this.#restart.run(nowMs) : this.#runTick(nowMs);
  }

  /** Ticks have a lane of their own: they run while the output is blocked and whatever waits in the input. */
  #runTick(nowMs: number): number {
    if (this.phase !== "running" || !this.mayTick || this.#tickHook === null) return 0;
    if (!this.#ticks.take(nowMs)) return 0;
    this.runHook("onTick", this.#tickHook, () => this.#ticks.ended(this.host.nowMs()));
    return 1;
  }

  /** What a tick calls; null where nobody wants any. */
  get #tickHook(): (() => unknown) | null {
    if (this.#instance === null) return null;
    const { hooks, collector } = this.#instance;
    if (hooks.onTick !== undefined) return () => hooks.onTick!(collector);
    return this.#ticksAsTuples && hooks.execute !== undefined ? () => hooks.execute!(TICK_TUPLE, collector) : null;
  }

  /** A hook that executes no tuple threw. What `onEnd` has not emitted nobody would ever miss: the run fails. */
  protected override hookFailed(hook: string, error: unknown): void {
    const isFinal = this.phase !== "running" || this.failures.policy === "fail-run" || hook === "onEnd";
    if (isFinal || (error instanceof EngineError && NOT_HEALED.has(error.code))) this.fail(hook, error);
    else this.restart(hook, error);
  }

  /** Gives the instance up, and makes another after the backoff; fails the run when that came too often. */
  protected restart(hook: string, error: unknown): void {
    const delayMs = this.#restart.plan(hook, error, this.host.nowMs());
    if (delayMs === null) {
      this.fail(hook, this.failures.restartsMax === 0 ? error : this.#restart.limitError(hook, error));
      return;
    }
    this.phase = "restarting";
    this.beginAnew();
    const given = this.#instance;
    given?.retire();
    this.letGo(error);
    const ended = () => given?.ended?.();
    if (this.#isUp) {
      this.hook = this.hookNames.last;
      tryLastHook(() => this.#call(this.hookNames.last), this.onLastHookFailed, ended);
    } else ended();
    this.#instance = null; // It ends once: should its successor not even be made, nothing is left to end.
    this.#isUp = false;
    this.onRestart({ hook, error, delayMs });
    this.host.wake();
  }

  /** Calls a hook that may not be there. */
  #call(name: string, ...given: readonly unknown[]): unknown {
    const hooks = this.#instance!.hooks as Readonly<Record<string, ((...given: unknown[]) => unknown) | undefined>>;
    return hooks[name]?.(...given);
  }

  get #isAlive(): boolean {
    return this.phase === "running" || this.phase === "restarting";
  }
}
