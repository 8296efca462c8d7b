import { SIGNAL_FLUSH } from "../../tuple/signal.ts";
import type { CreatedSpout, SpoutHooks } from "./create-instance.ts";
import { HostedTask } from "./hosted-task.ts";
import { END_DRAINED, END_EXHAUSTED } from "./input-end.ts";
import { Nap } from "./nap.ts";
import { infoOf } from "./outcome-info.ts";
import type { Outlet } from "./outlet.ts";
import type { AckListener, TreeOutcome } from "./pending-trees.ts";
import type { PositionMark, SpoutPosition } from "./position-marks.ts";
import { RateLimit } from "./rate-limit.ts";
import { SpoutCounts } from "./spout-counts.ts";
import type { SpoutParts } from "./spout-parts.ts";
import { SpoutProgress } from "./spout-progress.ts";
import { badSpoutResult } from "./spout-result.ts";
import type { StreamRoute } from "./stream-route.ts";
import { isThenable } from "./task.ts";
import type { TaskEpoch } from "./task-parts.ts";
import { NOBODYS, TrackedEmits } from "./tracked-emits.ts";
import { UntrackedEmits } from "./untracked-emits.ts";

/** `nextTuple` calls in one turn at most: the bolts behind it on this thread get theirs while the rows are warm. */
const CALLS_PER_TURN = 128;
const OUTCOMES_PER_TURN = 1024;
/** While trees of an exhausted source are pending, bolts are asked this often to let go of what they hold. */
export const REFLUSH_MS = 100;
/** Calls between two looks at the clock, while each takes less than QUICK_CALL_MS; else each has its own. */
const CALLS_PER_CLOCK_READ = 32;
const QUICK_CALL_MS = 0.25 / CALLS_PER_CLOCK_READ;

/**
 * Runs one spout: calls `nextTuple` while there is room, backs off while it has nothing, ends its streams when it is
 * exhausted.
 */
export class SpoutTask extends HostedTask implements AckListener {
  protected override readonly hookNames = { first: "open", last: "close" } as const;
  /** What of the source is done. */
  readonly progress: SpoutProgress;
  readonly counts: SpoutCounts;
  readonly #parts: SpoutParts;
  readonly #rate: RateLimit | null;
  #hooks: SpoutHooks | null = null;
  #created: CreatedSpout | null = null;
  /** A promise of `nextTuple` is pending. */
  #waiting = false;
  readonly #nap: Nap;
  #callsPerLook = 1;
  /** Its last word was "exhausted": it is called again only if a tree fails. */
  #exhausted = false;
  #ending = false;
  #drained = false;
  readonly #emits: TrackedEmits | UntrackedEmits;
  #flushRounds = 0;
  #nextFlushMs = 0;
  #emittedBefore = 0;
  #emittedEarlier = 0;

  constructor(parts: SpoutParts) {
    super(parts);
    this.#parts = parts;
    this.#nap = new Nap(parts.idleMs, parts.idleMaxMs);
    const { tracking, emitOverflowMax } = parts;
    const { component, taskId } = parts.plan;
    this.counts = new SpoutCounts(parts.block, tracking !== null && this.times !== null, parts.start ?? null);
    const tell = (position: SpoutPosition) => parts.positionMoved(this.counts.report(position, this.#notDone));
    this.progress = new SpoutProgress(parts.start, tell);
    this.#rate = parts.maxRatePerSecond === null ? null : new RateLimit(parts.maxRatePerSecond, parts.rateBurst);
    this.#emits =
      tracking === null ? new UntrackedEmits() : new TrackedEmits({ taskId, component }, tracking, emitOverflowMax);
  }

  /**
   * An emit with an id. Returns the outlets that take a copy; good until the next call.
   *
   * @throws EngineError EMIT_OVERFLOW, and what an emit throws for its values
   */
  emitTracked(
    route: StreamRoute,
    values: readonly unknown[],
    id: unknown,
    position: unknown,
    target: number | null,
    attempt: number,
  ): readonly Outlet[] {
    if (!this.host.isWorking) this.host.wake();
    const { progress } = this;
    const isPlain = position === undefined && !progress.isUsed;
    const marks = isPlain ? 0 : progress.markCount;
    const mark = isPlain ? null : progress.begin(id, position);
    const isReplay = this.counts.isReplay(attempt, position !== undefined);
    try {
      return this.#emits.emit(route, values, id, mark, target, attempt, isReplay);
    } catch (error) {
      this.counts.refused(attempt, isReplay);
      if (!isPlain) progress.undo(id, mark, progress.markCount > marks);
      throw error;
    }
  }

  /** A message that failed is not emitted again. */
  giveUp(id: unknown): void {
    this.count("deadLettered");
    this.progress.giveUp(id);
  }

  override beginEpoch(next: TaskEpoch): void {
    super.beginEpoch(next);
    if (next.tracking !== null && this.#emits instanceof TrackedEmits) this.#emits.beginEpoch(next.tracking);
  }

  override async makeInstance(): Promise<void> {
    await super.makeInstance();
    this.#emits.waitsForEnd = this.#hooks!.settled !== undefined;
  }

  protected override create(): CreatedSpout {
    if (this.progress.isUsed) this.#beginAgain();
    this.#created = this.#parts.create();
    this.#hooks = this.#created.hooks;
    return this.#created;
  }

  /**
   * A spout that says where in its source it is emits again what was pending, behind the position that it is opened
   * with. How the first attempt ends is then nobody's affair: the new instance may give the same ids to other tuples.
   */
  #beginAgain(): void {
    for (let ended = this.#emits.takeOutcome(); ended !== null; ended = this.#emits.takeOutcome()) this.#count(ended);
    // It may report, with what was pending: so this comes first.
    this.progress.restart();
    this.counts.restart();
    this.#emits.disown();
    if (!this.#drained) this.#exhausted = false;
  }

  /** Messages with a position that were counted as emitted, and that an instance which begins here emits again. */
  get #notDone(): number {
    return this.progress.markCount - this.#emits.uncountedMarks;
  }

  protected override get firstArguments(): readonly unknown[] {
    return [this.progress.start];
  }

  /** Its pending trees are the task's: their ends are told to the instance that comes, or to nobody. */
  protected override letGo(): void {
    this.#emittedEarlier = this.#emittedTotal();
    this.#created = null;
    this.#waiting = false;
    this.#nap.end();
    this.#nap.shorten();
  }

  protected override activated(): void {
    this.#nap.end();
  }

  override drain(): void {
    this.#drained = true;
    // As Storm does: a spout that waits for its source learns by this that it need not any more.
    this.deactivate();
    this.host.wake();
  }

  protected override get nextOwnTimerMs(): number {
    if (this.phase !== "running" || this.held) return Number.POSITIVE_INFINITY;
    return Math.min(this.progress.reportDueMs, this.#resumingMs);
  }

  /** While it may be asked for tuples: what it emits in a tick is new like theirs. */
  protected override get mayTick(): boolean {
    return super.mayTick && this.active && !this.#waiting && !this.#exhausted && !this.#drained;
  }

  get #resumingMs(): number {
    // Nothing more is to come but acks and fails.
    if ((this.#exhausted || this.#drained) && this.#isPending) return this.#nextFlushMs;
    if (!this.active || this.#waiting) return Number.POSITIVE_INFINITY;
    if (this.#nap.isOn) return this.#nap.endMs;
    return this.#rate !== null && this.#rate.resumeMs > 0 ? this.#rate.resumeMs : Number.POSITIVE_INFINITY;
  }

  get #isPending(): boolean {
    return this.#emits.pending > 0 || this.#emits.hasOutcome;
  }

  doWork(): number {
    let work = 0;
    if (this.phase !== "running" || this.held) return this.isBlocked ? this.drainBacklog() : 0;
    work += this.#tellOutcomes();
    if (this.progress.hasNews) this.#publishProgress();
    if (this.isBlocked) {
      work += this.drainBacklog();
      if (this.isBlocked) return work;
    }
    if (this.held || this.phase !== "running") return work;
    if (this.#emits.waiting > 0) work += this.#sendWaiting();
    if ((this.#drained || this.#exhausted) && !this.#ending) return work + this.#tryEnd();
    if (!this.active || this.#ending || this.#waiting || this.isBlocked) return work;
    if (this.#emits.isFull) return work;
    if (this.#nap.isOn && !this.#nap.isOver(this.host.nowMs())) return work;
    const allowance = this.#rate?.allowance(this.#emittedTotal(), this.host.nowMs()) ?? Number.POSITIVE_INFINITY;
    return allowance === 0 ? work : work + this.#callNextTuple(allowance);
  }

  protected override setLevels(): void {
    this.block.setLevel("pendingTrees", this.#emits.pending);
  }

  #publishProgress(): void {
    try {
      this.progress.publish(this.host.nowMs());
    } catch (error) {
      this.fail("emit", error);
    }
  }

  override get awaitsPromise(): boolean {
    return super.awaitsPromise || this.#waiting;
  }

  isQuiet(): boolean {
    const isNapping = this.#nap.isOn || (this.#rate?.resumeMs ?? 0) > 0;
    return this.phase !== "running" || (!this.#waiting && !this.isBlocked && isNapping);
  }

  #callNextTuple(allowance: number): number {
    const hooks = this.#hooks!;
    const { collector } = this.#created!;
    let lookedMs = this.host.nowMs();
    const deadlineMs = lookedMs + this.#parts.turnMs;
    const emits = this.#emits;
    const emitsMax = collector.emits + allowance;
    let window = this.#callsPerLook;
    let untilClock = window;
    let calls = 0;
    this.hook = "nextTuple";
    emits.beginCalls(true);
    try {
      while (calls < CALLS_PER_TURN) {
        const before = collector.emits;
        const result = hooks.nextTuple(collector);
        calls++;
        if (result !== undefined && !this.#takeResult(result)) break;
        if (this.isBlocked || emits.isFull || collector.emits >= emitsMax) break;
        if (result === undefined && collector.emits === before) {
          this.#nap.fall(this.host.nowMs());
          break;
        }
        if (--untilClock > 0) continue;
        const nowMs = this.host.nowMs();
        window = nowMs - lookedMs < QUICK_CALL_MS * window ? CALLS_PER_CLOCK_READ : 1;
        untilClock = window;
        if (nowMs >= deadlineMs) break;
        lookedMs = nowMs;
        emits.beginCalls(true);
      }
    } catch (error) {
      this.hookFailed("nextTuple", error);
    } finally {
      emits.beginCalls(false);
    }
    this.#callsPerLook = window;
    const emitted = this.#emittedTotal();
    const progress = emitted - this.#emittedBefore;
    this.#emittedBefore = emitted;
    if (progress > 0) this.#nap.shorten();
    return this.#exhausted || progress > 0 ? Math.max(1, progress) : 0;
  }

  /** Calls `ack` and `fail` for what has come to its end. One that returns a promise holds the rest back. */
  #tellOutcomes(): number {
    const emits = this.#emits;
    let told = 0;
    // Before the acks, of which there may always be more.
    while (emits.hasOther && told < OUTCOMES_PER_TURN && !this.held && this.phase === "running") {
      const outcome = emits.takeOutcome()!;
      told++;
      this.#count(outcome);
      if (outcome.id !== NOBODYS) this.#tell(outcome);
    }
    if (!this.held && this.phase === "running") told += emits.tellAcked(OUTCOMES_PER_TURN, this);
    this.counts.settle();
    return told;
  }

  treeAcked(id: unknown, mark: PositionMark | null, latencyMs: number, attempt: number, stream: number): boolean {
    this.counts.acked(stream, latencyMs);
    if (mark !== null) this.progress.acked(mark);
    const hooks = this.#hooks!;
    if (hooks.ack === undefined || id === NOBODYS) return true;
    this.callHook("ack", hooks, hooks.ack, id, { latencyMs, attempt });
    return !this.held && this.phase === "running";
  }

  #count({ id, mark, stage, failure, latencyMs, stream }: TreeOutcome): void {
    if (failure === null) {
      this.counts.acked(stream, latencyMs);
      if (stage === "late") this.progress.completedLate(id);
      else this.progress.acked(mark);
    } else if (stage !== "late") {
      this.counts.failed(stream, failure.reason);
      const hooks = this.#hooks;
      this.progress.failed(id, mark, hooks?.fail !== undefined || hooks?.settled !== undefined);
    }
  }

  #tell(outcome: TreeOutcome): void {
    const hooks = this.#hooks!;
    const { id, stage, failure } = outcome;
    // It may want to emit it again, exhausted or not.
    if (stage === "late" || failure !== null) this.#mayEmitAgain();
    const name = stage === "late" ? "settled" : failure === null ? "ack" : "fail";
    const hook = hooks[name] as ((id: unknown, info: unknown) => unknown) | undefined;
    if (hook !== undefined) this.callHook(name, hooks, hook, id, infoOf(outcome));
  }

  #mayEmitAgain(): void {
    if (!this.#drained) this.#exhausted = false;
    this.#nap.end();
  }

  #sendWaiting(): number {
    try {
      return this.#emits.sendWaiting();
    } catch (error) {
      this.fail("emit", error);
      return 1;
    }
  }

  /** Acts on what `nextTuple` returned. False when no further call may follow now. */
  #takeResult(result: unknown): boolean {
    if (result === "exhausted") {
      this.#exhausted = true;
      return false;
    }
    if (result === "idle") {
      this.#nap.fall(this.host.nowMs());
      return false;
    }
    if (isThenable(result)) {
      this.#waiting = true;
      const before = this.#emittedTotal();
      const { life } = this;
      result.then(
        (value) => {
          if (life === this.life) this.#settled(value, before);
        },
        (error) => {
          if (life === this.life && !this.#ending) this.hookFailed("nextTuple", error);
        },
      );
      return false;
    }
    throw badSpoutResult(this.plan.component, result);
  }

  #settled(value: unknown, emittedBefore: number): void {
    this.#waiting = false;
    // A drain does not wait for a source that has nothing to say: its streams have ended.
    if (this.#ending) return;
    try {
      if (value !== undefined) this.#takeResult(value);
      else if (this.#emittedTotal() === emittedBefore) this.#nap.fall(this.host.nowMs());
      if (this.#emittedTotal() !== emittedBefore) this.#nap.shorten();
    } catch (error) {
      this.hookFailed("nextTuple", error);
    }
    this.host.wake();
  }

  /**
   * The next step of ending: a flush behind the data, so that bolts let go of what they hold, again and again while
   * trees are pending; the end of the streams when none is.
   */
  #tryEnd(): number {
    const nowMs = this.host.nowMs();
    if (this.#isPending) {
      if (this.#flushRounds > 0 && nowMs < this.#nextFlushMs) return 0;
      this.sendSignal(SIGNAL_FLUSH, this.#flushRounds++);
      this.#nextFlushMs = nowMs + REFLUSH_MS;
      return 1;
    }
    if (this.#flushRounds === 0) this.sendSignal(SIGNAL_FLUSH, 0);
    this.#ending = true;
    this.endStreams(this.#drained ? END_DRAINED : END_EXHAUSTED);
    this.phase = "done";
    this.host.taskDone(this);
    return 1;
  }

  #emittedTotal(): number {
    return this.#emittedEarlier + (this.#created?.collector.emits ?? 0);
  }
}
