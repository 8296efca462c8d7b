import type { Prng } from "../../../src/base/prng.ts";
import { claim, type OracleNode, type OracleTree, type TreeOracle } from "./tree-oracle.ts";
import type { TreeSubjects } from "./tree-subjects.ts";
import { type HeldRow, RefusedError, type TreeTask } from "./tree-task.ts";

/** What the user's code needs of its world. */
export interface UserParts {
  readonly subjects: TreeSubjects;
  readonly oracle: TreeOracle;
  readonly random: Prng;
  /** False where bolts only ack, hold and forget. */
  readonly hasMishaps: boolean;
  readonly tasks: readonly TreeTask[];
  /** Chooses the targets of the next emit; returns the ids of the tasks. */
  readonly chooseTargets: () => readonly number[];
  /** At any point in the middle of user code, the engine may bring its ledger into the shared counts. */
  readonly maybeFlush: (thread: number) => void;
  /** True while the tree may still be acked. */
  readonly isUndecided: (tree: OracleTree) => boolean;
}

const PAST_MAX = 6;

/** The code of the bolts, good and bad: emits, acks, fails, holds, forgets, and gets it wrong. */
export class TreeUser {
  /** From the end of the sources on: settles what comes, and starts nothing new. */
  isWindingDown = false;
  /** Errors that the engine owed to mistakes, and gave. */
  mistakes = 0;
  readonly #parts: UserParts;

  constructor(parts: UserParts) {
    this.#parts = parts;
  }

  /** Executes the next row of the task's batch. */
  execute(task: TreeTask): void {
    const { random, subjects } = this.#parts;
    const batch = task.batch!;
    const row = task.nextRow++;
    const node = task.nodeOf(row);
    if (task.nextRow === batch.count) task.batch = null;
    if (node.state === "expired") return;
    claim(batch.rowStates?.[row] !== subjects.ROW_EXPIRED, `tuple ${node.emit} was expired while its trees live`);
    node.state = "held";
    const isPromised = random.below(4) === 0;
    const held: HeldRow = { batch, row, node, isPromised, isForgotten: random.below(12) === 0 };
    if (random.below(3) === 0) this.#executeBasic(task, held);
    else this.#executeRich(task, { ...held, isPromised: false });
  }

  /** Something that a bolt does outside of `execute`: from a timer, or when a promise settles. */
  actLater(task: TreeTask): void {
    const { random } = this.#parts;
    const held = task.held[random.below(Math.max(1, task.held.length))];
    const choice = random.below(20);
    if (choice === 0) this.#ackStranger(task);
    else if (choice <= 4 && task.past.length > 0) this.#settleAgain(task);
    else if (held === undefined || held.isForgotten) return;
    else if (held.isPromised) this.#settlePromise(task, held, !this.#hasMishap(8));
    else if (choice <= 7) this.#emitLater(task, held);
    else if (choice === 8) task.book.resetTimeout(tupleOf(held));
    else this.#settleRow(task, held, !this.#hasMishap(8));
    task.past.splice(0, Math.max(0, task.past.length - PAST_MAX));
  }

  #emitLater(task: TreeTask, held: HeldRow): void {
    try {
      this.#emit(task, this.#someAnchors(task, held));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
    }
  }

  /** As BoltTask does it for a basic bolt. */
  #executeBasic(task: TreeTask, held: HeldRow): void {
    const { random } = this.#parts;
    const { batch, row, node } = held;
    try {
      for (let emits = random.below(3); emits > 0; emits--) this.#emitBasic(task, held);
      if (this.#hasMishap(12)) throw new RefusedError();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#noteFailure(node);
      task.book.failRow(batch, row, error);
      this.#parts.oracle.settle(node);
      return;
    }
    if (held.isPromised) {
      this.#keepOpen(task, held);
      return;
    }
    task.book.ackRows(batch, row, row + 1);
    this.#parts.oracle.settle(node);
    this.#parts.maybeFlush(task.thread);
  }

  #executeRich(task: TreeTask, held: HeldRow): void {
    const { random } = this.#parts;
    const { batch, row, node } = held;
    try {
      for (let emits = random.below(3); emits > 0; emits--) this.#emit(task, this.#someAnchors(task, held));
      if (random.below(20) < (this.isWindingDown ? 17 : 13)) this.#settleRow(task, held, !this.#hasMishap(12));
      if (this.#hasMishap(20)) this.#ackTwice(task, held);
      if (this.#hasMishap(20)) this.#emitAfterAck(task, held);
      if (this.#hasMishap(20)) throw new RefusedError();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#noteFailure(node);
      task.book.failRow(batch, row, error);
      if (node.state === "held") this.#parts.oracle.settle(node);
    }
    if (node.state === "held") this.#keepOpen(task, held);
    else task.past.push(held);
  }

  /** One time in so many something goes wrong, in a world in which things go wrong. */
  #hasMishap(oneIn: number): boolean {
    return this.#parts.hasMishaps && this.#parts.random.below(oneIn) === 0;
  }

  #keepOpen(task: TreeTask, held: HeldRow): void {
    task.book.noteOpen(held.batch, held.row, held.row + 1);
    if (held.node.isTracked) task.held.push(held);
  }

  // ---- Emits
  // ---------------------------------------------------------------------------------------------------------

  /** The row itself, or rows that the task holds, with a chance of the same one twice. */
  #someAnchors(task: TreeTask, own: HeldRow): HeldRow[] {
    const { random } = this.#parts;
    const anchors = [own];
    while (random.below(3) === 0 && task.held.length > 0 && anchors.length < 5) {
      anchors.push(task.held[random.below(task.held.length)]!);
    }
    if (random.below(8) === 0) anchors.push(own);
    return anchors;
  }

  /** As a rich bolt's collector does it. */
  #emit(task: TreeTask, anchors: readonly HeldRow[]): void {
    const { oracle } = this.#parts;
    const isTracked = anchors.some(({ node }) => node.isTracked);
    const trees = [...new Set(anchors.flatMap(({ node }) => node.trees))];
    if (!this.#mayEmit(trees, isTracked)) return;
    task.anchors.clear();
    try {
      for (const anchor of anchors) task.book.anchor(tupleOf(anchor), task.anchors);
    } catch (error) {
      claim(codeOf(error) === "ANCHORS_TOO_MANY", `anchoring to ${anchors.length} tuples threw ${String(error)}`);
      this.mistakes++;
      return;
    }
    const targets = this.#parts.chooseTargets();
    if (!task.anchors.hadRoots) {
      claim(!isTracked, "anchors of trees are seen");
      task.route.emit([oracle.emit([], targets, false)]);
      return;
    }
    if (task.anchors.pairCount === 0) {
      claim(trees.length === 0, "an emit is dropped only when all its trees are dead");
      return;
    }
    this.#send(task, trees, targets);
  }

  /** Trees have budgets; what belongs to none dies out by chance. */
  #mayEmit(trees: readonly OracleTree[], isTracked: boolean): boolean {
    if (this.isWindingDown || trees.some((tree) => tree.budget <= 0)) return false;
    return isTracked || this.#parts.random.below(8) === 0;
  }

  #emitBasic(task: TreeTask, { batch, row, node }: HeldRow): void {
    if (!this.#mayEmit(node.trees, node.isTracked)) return;
    const targets = this.#parts.chooseTargets();
    task.anchors.clear();
    task.anchors.addRow(batch, row);
    if (task.anchors.hadRoots) this.#send(task, node.trees, targets);
    else task.route.emit([this.#parts.oracle.emit([], targets, false)]);
  }

  /** Now and then the copy that finds no room throws: it and those before it are on their way all the same. */
  #send(task: TreeTask, trees: readonly OracleTree[], targets: readonly number[]): void {
    const { oracle } = this.#parts;
    const emit = oracle.emit(trees, targets, true);
    const sentBefore = task.outlets.map((outlet) => outlet.rowsTaken);
    task.refusesBacklog = this.#hasMishap(6);
    try {
      task.route.emitRooted([emit], task.anchors);
      this.#parts.maybeFlush(task.thread);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const unsent = [...targets];
      for (const [index, outlet] of task.outlets.entries()) {
        const sent = outlet.rowsTaken - sentBefore[index]!;
        for (let copy = 0; copy < sent; copy++) unsent.splice(unsent.indexOf(outlet.targetTask), 1);
      }
      oracle.neverSent(emit, unsent);
      throw error;
    } finally {
      task.refusesBacklog = false;
    }
  }

  // ---- Acks and fails
  // ------------------------------------------------------------------------------------------------

  #settleRow(task: TreeTask, held: HeldRow, isGood: boolean): void {
    if (isGood) task.book.ack(tupleOf(held));
    else {
      this.#noteFailure(held.node);
      task.book.fail(tupleOf(held), new Error("no good"));
    }
    this.#parts.oracle.settle(held.node);
    this.#forget(task, held);
    this.#parts.maybeFlush(task.thread);
  }

  #settlePromise(task: TreeTask, held: HeldRow, isGood: boolean): void {
    if (isGood) task.book.ackRow(held.batch, held.row);
    else {
      this.#noteFailure(held.node);
      task.book.failRow(held.batch, held.row, new Error("rejected"));
    }
    this.#parts.oracle.settle(held.node);
    this.#forget(task, held);
  }

  #forget(task: TreeTask, held: HeldRow): void {
    const index = task.held.indexOf(held);
    if (index < 0) return;
    task.held.splice(index, 1);
    if (!held.isPromised) task.past.push(held);
  }

  /** An ack or a fail of a tuple that was settled before is a mistake; of one that has expired, only late. */
  #settleAgain(task: TreeTask): void {
    const { random } = this.#parts;
    const past = task.past[random.below(task.past.length)]!;
    if (past.node.state === "expired") {
      const late = task.book.late;
      if (past.isPromised) task.book.ackRow(past.batch, past.row);
      else if (random.below(2) === 0) task.book.ack(tupleOf(past));
      else task.book.fail(tupleOf(past), undefined);
      claim(task.book.late === late + 1, "a late ack is counted");
    } else if (!past.isPromised && this.#hasMishap(2)) this.#ackTwice(task, past);
  }

  #ackTwice(task: TreeTask, held: HeldRow): void {
    if (held.node.state !== "settled") return;
    this.#noteFailure(held.node);
    this.#mistake("ACK_TWICE", () => {
      if (this.#parts.random.below(2) === 0) task.book.ack(tupleOf(held));
      else task.book.fail(tupleOf(held), undefined);
    });
  }

  #emitAfterAck(task: TreeTask, held: HeldRow): void {
    if (held.node.state !== "settled") return;
    task.anchors.clear();
    this.#noteFailure(held.node);
    this.#mistake("ANCHOR_FINISHED", () => task.book.anchor(tupleOf(held), task.anchors));
  }

  /** What is no tuple of this task. */
  #ackStranger(task: TreeTask): void {
    const other = this.#parts.tasks.find(({ held, taskId }) => taskId !== task.taskId && held.length > 0);
    const stranger = other === undefined ? {} : tupleOf(other.held[0]!);
    this.#mistake("ACK_NOT_YOURS", () => task.book.ack(stranger));
  }

  #mistake(code: string, call: () => void): void {
    let thrown: unknown = null;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    claim(codeOf(thrown) === code, `a mistake gave ${String(thrown)}, not ${code}`);
    this.mistakes++;
  }

  /** The trees of a tuple that is failed now: they must fail, unless something else was decided before. */
  #noteFailure(node: OracleNode): void {
    const trees = node.state === "settled" ? node.settledTrees : node.trees;
    for (const tree of trees) if (this.#parts.isUndecided(tree)) tree.mustFail = true;
  }
}

function tupleOf({ batch, row }: HeldRow): { $batch: unknown; $row: number } {
  return { $batch: batch, $row: row };
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
