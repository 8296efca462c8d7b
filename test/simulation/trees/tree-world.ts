import { Prng } from "../../../src/base/prng.ts";
import type { Acker } from "../../../src/engine/acker/acker.ts";
import type { FromAcker, ToAcker } from "../../../src/engine/acker/acker-protocol.ts";
import type { Outlet, OutletOwner } from "../../../src/engine/executor/outlet.ts";
import type { RowCounts } from "../../../src/engine/executor/row-book.ts";
import type { StreamRoute } from "../../../src/engine/executor/stream-route.ts";
import type { TrackedEmits } from "../../../src/engine/executor/tracked-emits.ts";
import type { Tracking } from "../../../src/engine/executor/tracking.ts";
import type { Doorbell } from "../../../src/memory/doorbell.ts";
import type { TreeSlots } from "../../../src/memory/tree-slots.ts";
import { scriptedChoice, scriptedGrouping } from "./scripted-grouping.ts";
import { planOf, silentOwner } from "./tree-layout.ts";
import { claim, type OracleTree, TreeOracle } from "./tree-oracle.ts";
import type { TreeSubjects } from "./tree-subjects.ts";
import { TreeTask } from "./tree-task.ts";
import { TreeUser } from "./tree-user.ts";

const ROUNDS_MAX = 300;
const STEPS_PER_TREE_MAX = 2000;
const COLUMN = { name: "emit", type: "int32", nullable: false } as const;

interface Source {
  readonly taskId: number;
  readonly thread: number;
  readonly outlets: Outlet[];
  readonly emits: TrackedEmits;
  readonly route: StreamRoute;
  /** Trees in the order in which they will be opened. */
  readonly toOpen: OracleTree[];
}

/**
 * Several threads' parts in tracking over one memory, on one thread: a seeded generator decides who moves, and every
 * step is one that the engine's threads could make. Throws when the oracle disagrees.
 */
export class TreeWorld {
  readonly oracle = new TreeOracle();
  readonly user: TreeUser;
  steps = 0;
  readonly #subjects: TreeSubjects;
  readonly #random: Prng;
  readonly #threads: number;
  readonly #slots: TreeSlots;
  readonly #trackings: Tracking[] = [];
  readonly #tasks: TreeTask[];
  readonly #sources: Source[] = [];
  readonly #acker: Acker;
  readonly #toAcker: ToAcker[][];
  readonly #fromAcker: FromAcker[][];
  readonly #limits: { timeoutMs: number; lifetimeMs: number };
  readonly #notesProgress: boolean;
  /** Below this, time passes at once. */
  readonly #paceMs: number;
  #nowMs = 1000;
  #isAcker = false;
  /** Indices into the tasks, for the two subscriptions of every stream. */
  #picks: readonly (readonly number[])[];
  /** Routes that lead each tuple to one task, as most do: the engine has a way of its own for them. */
  readonly #isSingle: boolean;

  constructor(subjects: TreeSubjects, seed: number) {
    const random = new Prng(seed);
    this.#subjects = subjects;
    this.#random = random;
    this.#threads = 1 + random.below(4);
    this.#isSingle = random.below(5) === 0;
    this.#picks = this.#isSingle ? [[]] : [[], []];
    this.#toAcker = Array.from({ length: this.#threads }, () => []);
    this.#fromAcker = Array.from({ length: this.#threads }, () => []);
    const timeoutMs = 20 + random.below(200);
    this.#limits = { timeoutMs, lifetimeMs: timeoutMs * (2 + random.below(20)) };
    this.#notesProgress = random.below(3) > 0;
    this.#paceMs = [2, 8, 40][random.below(3)]!;
    const sourceThreads = Array.from({ length: 1 + random.below(3) }, () => random.below(this.#threads));
    const boltThreads = Array.from({ length: 1 + random.below(5) }, () => random.below(this.#threads));
    const pendingMax = 1 + random.below(8);
    const plan = subjects.computeTrackingPlan(planOf(sourceThreads, this.#threads), () => pendingMax);
    this.#slots = this.#watchedSlots(plan.slotCount);
    const completions = new Int32Array(new SharedArrayBuffer(Math.max(1, plan.ringWords) * 4));
    for (let thread = 0; thread < this.#threads; thread++) this.#addTracking(thread, plan, completions);
    this.#tasks = boltThreads.map((thread, index) => {
      const place = { taskId: sourceThreads.length + index, thread, threads: this.#threads };
      return new TreeTask({ subjects, oracle: this.oracle }, place, random);
    });
    const anchorsMax = 1 + random.below(6);
    for (const task of this.#tasks) {
      const tracking = this.#trackings[task.thread]!;
      task.book = new subjects.RowBook(task, tracking, COUNTS_OF_NOBODY);
      task.anchors = new subjects.AnchorSet(tracking.ledger, anchorsMax);
      task.route = this.#routeOf(task, task.thread);
    }
    for (const [taskId, thread] of sourceThreads.entries()) this.#addSource(taskId, thread);
    for (const [thread, tracking] of this.#trackings.entries()) {
      tracking.wire(this.#tasks.filter((task) => task.thread === thread));
    }
    this.#acker = this.#newAcker();
    this.user = new TreeUser({
      subjects,
      oracle: this.oracle,
      random,
      hasMishaps: random.below(2) === 0,
      tasks: this.#tasks,
      chooseTargets: () => this.#chooseTargets(0),
      maybeFlush: (thread) => {
        if (random.below(8) === 0) this.#trackings[thread]!.flush();
      },
      isUndecided: ({ slot, generation }) => slot >= 0 && this.#slots.isLive(slot, generation),
    });
  }

  /** Emits so many trees and goes on until all have ended. */
  run(trees: number): void {
    while (this.oracle.trees.length < trees) {
      claim(this.steps < STEPS_PER_TREE_MAX * trees, `no room for a tree: ${this.#describe()}`);
      this.#step();
    }
    this.user.isWindingDown = true;
    for (let round = 0; !this.#isOver(); round++) {
      claim(round < ROUNDS_MAX, `never over: ${this.#describe()}`);
      for (let step = 0; step < 20; step++) this.#step();
      this.#windDown();
    }
    this.#checkEnd();
  }

  // ---- Steps
  // ---------------------------------------------------------------------------------------------------------

  #step(): void {
    const random = this.#random;
    this.steps++;
    const thread = random.below(this.#threads);
    const tracking = this.#trackings[thread]!;
    const task = this.#tasks[random.below(this.#tasks.length)]!;
    const choice = random.below(32);
    if (choice < 12) this.#runTask(task);
    else if (choice < 15) this.user.actLater(task);
    else if (choice < 18) this.#emitTree();
    else if (choice < 20) tracking.flush();
    else if (choice < 22) tracking.collect();
    else if (choice < 25) this.#deliver(thread);
    else if (choice === 25) this.#flushOutlets(task.outlets);
    else if (choice === 26) this.#serveSource(this.#sources[random.below(this.#sources.length)]!);
    else if (choice === 27) this.#asAcker(() => this.#acker.flush());
    else if (choice === 28) this.#checkTimes();
    else if (choice === 29) this.#nowMs += random.below(this.#paceMs);
    else if (random.below(100) === 0) this.#nowMs += random.below(this.#limits.timeoutMs * 2);
  }

  #runTask(task: TreeTask): void {
    if (task.batch === null) task.tryTakeBatch(this.#random.below(this.#threads));
    for (let rows = this.#random.below(4); rows >= 0 && task.batch !== null; rows--) this.user.execute(task);
  }

  #emitTree(): void {
    if (this.user.isWindingDown) return;
    const random = this.#random;
    const source = this.#sources[random.below(this.#sources.length)]!;
    if (source.emits.waiting > 3) return;
    const targets = this.#chooseTargets(random.below(20) === 0 ? 1 : 0);
    const budget = random.below(3) === 0 ? random.below(58) : random.below(8);
    const tree = this.oracle.plant(1 + random.below(3), budget);
    const emit = this.oracle.emit([tree], targets, true);
    if (targets.length > 0) source.toOpen.push(tree);
    source.emits.emit(source.route, [emit], tree.id, null, null, tree.attempt, false);
    if (random.below(8) === 0) source.route.emit([this.oracle.emit([], this.#chooseTargets(0), false)]);
  }

  /** One message of the talk with the acker, in the one or the other direction. */
  #deliver(thread: number): void {
    if (this.#random.below(2) === 0) {
      const message = this.#toAcker[thread]!.shift();
      if (message !== undefined) this.#asAcker(() => this.#acker.receive(thread, message));
      return;
    }
    const message = this.#fromAcker[thread]!.shift();
    if (message !== undefined) this.#trackings[thread]!.receive(message);
  }

  #checkTimes(): void {
    const nextMs = this.#asAcker(() => this.#acker.check());
    claim(nextMs >= 1 && nextMs <= Math.max(5, this.#limits.timeoutMs), `the acker sleeps for ${nextMs} ms`);
  }

  #flushOutlets(outlets: readonly Outlet[]): void {
    for (const outlet of outlets) {
      outlet.flush(this.#random.below(2) === 0);
      if (outlet.hasBacklog) outlet.drain();
    }
  }

  #serveSource(source: Source): void {
    source.emits.sendWaiting();
    this.#flushOutlets(source.outlets);
    for (let outcome = source.emits.takeOutcome(); outcome !== null; outcome = source.emits.takeOutcome()) {
      this.oracle.ended(outcome.id as number, outcome.attempt, outcome.failure?.reason ?? null);
    }
  }

  // ---- The end
  // -------------------------------------------------------------------------------------------------------

  /** Everybody has a turn. */
  #windDown(): void {
    for (const task of this.#tasks) {
      for (let choice = 0; choice < this.#threads; choice++) this.#runTask(task);
      this.#flushOutlets(task.outlets);
    }
    for (const source of this.#sources) this.#serveSource(source);
    for (const [thread, tracking] of this.#trackings.entries()) {
      tracking.flush();
      tracking.collect();
      while (this.#toAcker[thread]!.length + this.#fromAcker[thread]!.length > 0) this.#deliver(thread);
    }
    this.#checkTimes();
    this.#nowMs += this.#random.below(20);
  }

  #isOver(): boolean {
    if (this.oracle.copiesUnderWay > 0 || this.#tasks.some((task) => task.batch !== null)) return false;
    if (this.oracle.trees.some((tree) => tree.outcome === null)) return false;
    return this.#slotsInUse() === 0;
  }

  #slotsInUse(): number {
    let inUse = 0;
    for (let slot = 0; slot < this.#slots.slotCount; slot++) {
      if (this.#slots.stateOf(slot) !== this.#subjects.TREE_FREE) inUse++;
    }
    return inUse;
  }

  #checkEnd(): void {
    for (let slot = 0; slot < this.#slots.slotCount; slot++) {
      claim(
        this.#slots.liveCountOf(slot) === 0,
        `slot ${slot} comes back with ${this.#slots.liveCountOf(slot)} tuples`,
      );
    }
    for (const { emits } of this.#sources)
      claim(emits.pending === 0 && !emits.isFull, "nothing is pending at the end");
    for (const { book } of this.#tasks) claim(book.openRows === 0, `${book.openRows} rows are open at the end`);
    for (const { id, live } of this.oracle.trees) claim(live === 0, `${live} tuples of tree ${id} live at the end`);
  }

  #describe(): string {
    const open = this.oracle.trees.filter((tree) => tree.outcome === null);
    const texts = open.map(({ id, slot, live }) => `tree ${id} in slot ${slot} with ${live} tuples`);
    return [`${this.#slotsInUse()} slots in use`, `${this.oracle.copiesUnderWay} copies under way`, ...texts].join(
      ", ",
    );
  }

  // ---- Building
  // ------------------------------------------------------------------------------------------------------

  /** The slots, with the oracle looking on. */
  #watchedSlots(slotCount: number): TreeSlots {
    const slots = new this.#subjects.TreeSlots(this.#subjects.allocateTreeSlots(slotCount));
    const { open, add, fail, touch } = this.#subjects.TreeSlots.prototype;
    slots.open = (slot, count, nowMs, attempt) => {
      const tree = this.#sourceOf(slot).toOpen.shift()!;
      this.oracle.moveIn(tree, slot, count, nowMs);
      tree.generation = open.call(slots, slot, count, nowMs, attempt);
      return tree.generation;
    };
    slots.add = (slot, delta, nowMs) => {
      if (this.#notesProgress && nowMs !== null) this.oracle.tenantOf(slot).progressMs = nowMs;
      const isZero = add.call(slots, slot, delta, nowMs);
      if (isZero || slots.isDone(slot)) this.oracle.countedToZero(slot, slots.isDone(slot));
      return isZero;
    };
    slots.fail = (slot, generation) => {
      const isFailed = fail.call(slots, slot, generation);
      if (isFailed && this.#isAcker) this.oracle.expired(slot, this.#nowMs, this.#limits);
      return isFailed;
    };
    slots.touch = (slot, nowMs) => {
      this.oracle.tenantOf(slot).progressMs = nowMs;
      touch.call(slots, slot, nowMs);
    };
    return slots;
  }

  #sourceOf(slot: number): Source {
    return this.#sources.find(({ thread, taskId }) => {
      const { firstSlot, slotCount } = this.#trackings[thread]!.sourceOf(taskId);
      return slot >= firstSlot && slot < firstSlot + slotCount;
    })!;
  }

  #addTracking(thread: number, plan: ReturnType<TreeSubjects["computeTrackingPlan"]>, memory: Int32Array): void {
    const { CompletionRing, Tracking } = this.#subjects;
    const ends = ({ firstWord, capacity }: { firstWord: number; capacity: number }) =>
      new CompletionRing(memory, firstWord, capacity);
    const doorbell = { ring() {} } as unknown as Doorbell;
    const outgoing = Array.from({ length: this.#threads }, (_, consumer) => {
      const ring = plan.rings.find((each) => each.producerThread === thread && each.consumerThread === consumer);
      return ring === undefined ? null : { ring: ends(ring), doorbell };
    });
    const tracking = new Tracking({
      slots: this.#slots,
      sources: plan.sources,
      thread,
      outgoing,
      incoming: plan.rings.filter((ring) => ring.consumerThread === thread).map(ends),
      notesProgress: this.#notesProgress,
      stallReportMs: 1000,
      nowMs: () => this.#nowMs,
      treeNowMs: () => this.#nowMs,
      post: (message) => this.#toAcker[thread]!.push(message),
      startAcker: () => {},
    });
    this.#trackings.push(tracking);
  }

  #addSource(taskId: number, thread: number): void {
    const outlets: Outlet[] = [];
    const owner = { taskId, outlets, ...silentOwner };
    const task = { taskId, component: `source${taskId}` };
    const emits = new this.#subjects.TrackedEmits(task, this.#trackings[thread]!, 1000);
    this.#sources.push({ taskId, thread, outlets, emits, route: this.#routeOf(owner, thread), toOpen: [] });
  }

  #routeOf(owner: OutletOwner & { outlets: Outlet[] }, thread: number): StreamRoute {
    const subjects = this.#subjects;
    const columns = [COLUMN];
    const schema = { component: "c", stream: "s", columns, kinds: [1], append: subjects.rowAppenderFor(columns) };
    const batchRowsMax = 1 + this.#random.below(6);
    const edges = this.#picks.map((_, edgeIndex) => {
      const outlets = this.#tasks.map((target) => {
        const settings = {
          edgeIndex,
          targetTask: target.taskId,
          consumer: "b",
          schema,
          epoch: 1,
          batchRowsMax,
          batchRowsFirst: 1,
        };
        const beforeRoots = () => this.#trackings[thread]!.flush();
        const link =
          target.thread === thread
            ? new subjects.LocalLink(target.local, null, null)
            : target.rings[thread]!.link(beforeRoots);
        return new subjects.Outlet(owner, link, { ...settings, batchRowsFirst: 1, isFeedback: false, guard: null });
      });
      owner.outlets.push(...outlets);
      const picks = () => this.#picks[edgeIndex]!;
      const grouping = this.#isSingle ? scriptedChoice(subjects, picks) : scriptedGrouping(subjects, picks);
      return { consumer: "b", grouping, outlets };
    });
    return new subjects.StreamRoute({ component: "c", stream: "s", direct: false }, edges, () => {});
  }

  /** @param noneOf 1 for an emit that nobody receives */
  #chooseTargets(noneOf: 0 | 1): readonly number[] {
    const random = this.#random;
    const pick = (max: number) => {
      const start = random.below(this.#tasks.length);
      const count = Math.min(max, this.#tasks.length);
      return Array.from({ length: count }, (_, index) => (start + index) % this.#tasks.length);
    };
    const second = random.below(4) === 0 ? pick(1 + random.below(2)) : [];
    if (this.#isSingle) this.#picks = [pick(1)];
    else this.#picks = noneOf === 1 ? [[], []] : [pick(1 + random.below(3)), second];
    return this.#picks.flat().map((index) => this.#tasks[index]!.taskId);
  }

  #newAcker(): Acker {
    return new this.#subjects.Acker({
      messageTimeoutMs: this.#limits.timeoutMs,
      messageLifetimeMs: this.#limits.lifetimeMs,
      timeoutFrom: this.#notesProgress ? "progress" : "emit",
      settleTimeoutMs: 1000,
      stallReportMs: 1000,
      slots: this.#slots,
      threadCount: this.#threads,
      treeNowMs: () => this.#nowMs,
      post: (thread, message) => this.#fromAcker[thread]!.push(message),
    });
  }

  #asAcker<Result>(call: () => Result): Result {
    this.#isAcker = true;
    try {
      return call();
    } finally {
      this.#isAcker = false;
    }
  }
}

/** Books count somewhere; the oracle has counts of its own. */
const COUNTS_OF_NOBODY: RowCounts = {
  words: new Int32Array(3),
  inputs: { get: () => ({ executed: 0, acked: 1, failed: 2 }) } as unknown as RowCounts["inputs"],
  add() {},
};
