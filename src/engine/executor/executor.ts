import type { Clock } from "../../base/clock.ts";
import type { DirtyBits } from "../../memory/dirty-bits.ts";
import type { FromAcker, TaskHolding } from "../acker/acker-protocol.ts";
import type { HookNote } from "./hook-note.ts";
import type { Outlet } from "./outlet.ts";
import type { SpoutReport } from "./position-marks.ts";
import type { RingInlet } from "./ring-inlet.ts";
import type { Task } from "./task.ts";
import type { TaskEpoch, TaskHost } from "./task-parts.ts";
import type { TaskRestarted } from "./task-restart.ts";
import type { Tracking } from "./tracking.ts";

/** What an executor tells the thread that runs it. */
export interface ExecutorEvents {
  /** Work may be there although the loop found none: run a turn soon. */
  wake(): void;
  taskFailed(task: Task, hook: string, error: unknown): void;
  taskDone(task: Task): void;
  taskRestarted(task: Task, restarted: TaskRestarted): void;
  /** Where a spout's task is to begin if it has to be made again: to be kept where this thread's end does no harm. */
  positionMoved(taskId: number, position: SpoutReport): void;
}

/** The rings from one other thread: their dirty words, and each ring by its bit. */
export interface ThreadInlets {
  readonly dirty: DirtyBits;
  readonly byBit: readonly RingInlet[];
}

export interface ExecutorParts {
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  readonly flushMs: number;
  /** This thread's part in tracking; null where it is switched off. */
  readonly tracking: Tracking | null;
  readonly hookNote: HookNote;
}

/** What an executor is given when the epoch changes: see docs/EPOCHS.md. */
export interface ExecutorEpoch {
  readonly tracking: Tracking | null;
  readonly hookNote: HookNote;
  readonly inlets: readonly ThreadInlets[];
  readonly taskEpochOf: (task: Task) => TaskEpoch;
}

/** Counters are published this often while the thread is busy, and whenever it runs out of work. */
const PUBLISH_MS = 5;

/**
 * The agent that runs all tasks of one thread: `doWork()` does one bounded round and returns how much it did.
 *
 * It never waits and never reads a clock but its own, so that the same code runs on a worker thread, on the main
 * thread, and in the inline runtime under virtual time. Who calls it, and what happens when it returns 0, is the
 * caller's choice: see ThreadLoop and InlineRuntime.
 *
 * Tasks run in the order of the graph, sources first, so that what a spout emits is taken up by its local bolts in
 * the same round, while it is still in the cache.
 */
export class Executor implements TaskHost {
  sweep = 1;
  isWorking = false;
  readonly #clock: Clock;
  readonly #events: ExecutorEvents;
  readonly #sweepMs: number;
  #tracking: Tracking | null;
  #hookNote: HookNote;
  #tasks: readonly Task[] = [];
  #inlets: readonly ThreadInlets[] = [];
  #open: Outlet[] = [];
  #nowMs = 0;
  #nextSweepMs = 0;
  #nextPublishMs = 0;
  #nextTimerMs = 0;
  /** True when work was done that the shared counters do not tell yet. */
  #unpublished = true;

  constructor(parts: ExecutorParts) {
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#tracking = parts.tracking;
    this.#hookNote = parts.hookNote;
    // Two sweeps make one flush interval: the first sees that a batch is open, the second sends it.
    this.#sweepMs = parts.flushMs / 2;
  }

  /** @param tasks in the order in which they take turns */
  wire(tasks: readonly Task[], inlets: readonly ThreadInlets[]): void {
    this.#tasks = tasks;
    this.#inlets = inlets;
    this.#tracking?.wire(tasks);
  }

  /** Goes on in the memory of a new epoch. Between two rounds only. */
  beginEpoch(next: ExecutorEpoch): void {
    // What the old epoch has brought to its end by now needs no second attempt.
    this.#tracking?.collect();
    this.#tracking = next.tracking;
    this.#hookNote = next.hookNote;
    this.#inlets = next.inlets;
    this.#open = [];
    next.tracking?.wire(this.#tasks);
    for (const task of this.#tasks) task.beginEpoch(next.taskEpochOf(task));
    this.#unpublished = true;
    this.#nextTimerMs = 0;
  }

  /** See TaskHost. */
  hookEntered(taskId: number, hook: string): void {
    this.#hookNote.enter(taskId, hook);
  }

  /** What the acker says to this thread. */
  receive(message: FromAcker): void {
    this.#tracking?.receive(message);
    this.wake();
  }

  /** What the tasks of this thread hold of pending trees. */
  holders(): TaskHolding[] {
    return this.#tracking?.holders() ?? [];
  }

  /** This thread's part in tracking, in the present epoch. */
  get tracking(): Tracking | null {
    return this.#tracking;
  }

  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  nowMs(): number {
    this.#nowMs = this.#clock.nowMs();
    return this.#nowMs;
  }

  /** The time of the last clock read: a caller that wants to know roughly how long a round took pays nothing. */
  get lastNowMs(): number {
    return this.#nowMs;
  }

  wake(): void {
    this.#nextTimerMs = 0;
    this.#unpublished = true;
    this.#events.wake();
  }

  outletOpened(outlet: Outlet): void {
    outlet.openedInSweep = this.sweep;
    if (outlet.listed) return;
    outlet.listed = true;
    this.#open.push(outlet);
  }

  taskFailed(task: Task, hook: string, error: unknown): void {
    this.#events.taskFailed(task, hook, error);
  }

  taskDone(task: Task): void {
    task.publishCounters();
    this.#events.taskDone(task);
  }

  taskRestarted(task: Task, restarted: TaskRestarted): void {
    this.#events.taskRestarted(task, restarted);
  }

  /** One round over everything. 0 means that nothing can be done before something changes or a timer is due. */
  doWork(): number {
    this.isWorking = true;
    const work = this.#runRound();
    this.isWorking = false;
    this.#hookNote.leave();
    return work;
  }

  #runRound(): number {
    let work = this.#takeDirtyBits();
    const nowMs = this.nowMs();
    if (nowMs >= this.#nextTimerMs) work += this.#runTimers(nowMs);
    const tracking = this.#tracking;
    if (tracking !== null) work += tracking.collect();
    work += this.#runTasks(nowMs);
    if (tracking !== null) {
      tracking.flush();
      // What this thread has brought to its end itself waits for the next round: there must be one.
      if (work === 0 && tracking.hasCompleted) work = 1;
      if (work === 0 && nowMs >= tracking.quiet.dueMs) tracking.quiet.look(nowMs);
    }
    if (work === 0) {
      if (this.#open.length > 0) work = this.#flushIdle();
      else if (this.#unpublished) this.#publish();
    } else {
      this.#unpublished = true;
      if (nowMs >= this.#nextSweepMs) this.#sweep(nowMs);
    }
    return work;
  }

  /** Each task's turn; and what it did with its time, by a look at the clock after each that found work. */
  #runTasks(nowMs: number): number {
    let work = 0;
    let lastMs = nowMs;
    for (const task of this.#tasks) {
      const done = task.doWork();
      work += done;
      const { times } = task;
      if (times === null) continue;
      if (done > 0) {
        const beganMs = lastMs;
        lastMs = this.nowMs();
        times.worked(beganMs, lastMs);
      }
      const { restState } = task;
      if (restState !== times.state) times.become(restState, lastMs);
    }
    return work;
  }

  /** Nothing to do: what is open goes. A thread that only waits for room has no want of rows. */
  #flushIdle(): number {
    return this.#flushOpen(true, !this.wantsRoom());
  }

  #sweep(nowMs: number): void {
    this.#nextSweepMs = nowMs + this.#sweepMs;
    this.#flushOpen(false, true);
    if (nowMs < this.#nextPublishMs) return;
    this.#nextPublishMs = nowMs + PUBLISH_MS;
    this.#publish();
  }

  /** When something is due although nothing arrives; infinity for never. On the executor's clock. */
  nextDeadlineMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const task of this.#tasks) next = Math.min(next, task.nextTimerMs);
    return this.#tracking === null ? next : Math.min(next, this.#tracking.quiet.arm(this.#nowMs));
  }

  /** True while a task holds back what a full ring did not take: whoever frees room must wake this thread. */
  wantsRoom(): boolean {
    for (const task of this.#tasks) if (task.hasBacklog) return true;
    return false;
  }

  /** Sends whatever is open: before a thread lets go of its loop. */
  flush(): void {
    this.#tracking?.flush();
    this.#flushOpen(true, false);
    this.#publish();
  }

  #takeDirtyBits(): number {
    let found = 0;
    for (const { dirty, byBit } of this.#inlets) {
      for (let word = 0; word < dirty.wordCount; word++) {
        let bits = dirty.take(word);
        while (bits !== 0) {
          const bit = 31 - Math.clz32(bits);
          bits &= ~(1 << bit);
          byBit[word * 32 + bit]!.markReadable();
          found++;
        }
      }
    }
    return found;
  }

  #runTimers(nowMs: number): number {
    let work = 0;
    for (const task of this.#tasks) work += task.runTimers(nowMs);
    this.#nextTimerMs = this.nextDeadlineMs();
    return work;
  }

  /** Sends open batches: all of them, or those that were open at the sweep before. */
  #flushOpen(all: boolean, isSlow: boolean): number {
    this.sweep++;
    const open = this.#open;
    let kept = 0;
    let sent = 0;
    for (let i = 0; i < open.length; i++) {
      const outlet = open[i]!;
      if (outlet.hasOpenRows && !all && outlet.openedInSweep >= this.sweep - 1) {
        open[kept++] = outlet;
        continue;
      }
      // Unlisted first: what a failing flush leaves behind is then not met again.
      outlet.listed = false;
      if (!outlet.hasOpenRows) continue;
      sent += outlet.flushFromOutside(isSlow);
    }
    if (kept < open.length) open.length = kept;
    return sent;
  }

  #publish(): void {
    this.#unpublished = false;
    for (const task of this.#tasks) task.publishCounters();
  }
}
