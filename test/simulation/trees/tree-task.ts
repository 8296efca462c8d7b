import type { Prng } from "../../../src/base/prng.ts";
import type { AnchorSet } from "../../../src/engine/executor/anchor-set.ts";
import type { Link } from "../../../src/engine/executor/link.ts";
import type { LocalQueue } from "../../../src/engine/executor/local-queue.ts";
import type { Outlet, OutletOwner } from "../../../src/engine/executor/outlet.ts";
import type { RingSender } from "../../../src/engine/executor/ring-link.ts";
import type { RowBook } from "../../../src/engine/executor/row-book.ts";
import type { StreamRoute } from "../../../src/engine/executor/stream-route.ts";
import type { TupleHolder } from "../../../src/engine/executor/tracking.ts";
import type { BatchWriter } from "../../../src/tuple/codec/batch-writer.ts";
import type { TupleBatch } from "../../../src/tuple/tuple-batch.ts";
import { claim, type OracleNode, type TreeOracle } from "./tree-oracle.ts";
import type { TreeSubjects } from "./tree-subjects.ts";

const FRAMES_MAX = 4;

/** The way from one thread to one task: what a ring and its codec do, with frames that are copies of batches. */
export class TestRing {
  readonly frames: TupleBatch[] = [];
  readonly frameRowsMax: number;
  readonly #subjects: TreeSubjects;
  readonly #random: Prng;
  #written: TupleBatch | null = null;

  constructor(subjects: TreeSubjects, random: Prng) {
    this.#subjects = subjects;
    this.#random = random;
    this.frameRowsMax = 1 + random.below(6);
  }

  /** The engine's own link into this ring; a row counts as one byte. */
  link(beforeRoots: () => void): Link {
    let prepared: { batch: TupleBatch; from: number; to: number };
    const writer = {
      prepare: (batch: TupleBatch, from: number, to: number) => {
        prepared = { batch, from, to };
        return to - from;
      },
      write: () => {
        this.#written = this.#copyRows(prepared.batch, prepared.from, prepared.to);
        return prepared.to - prepared.from;
      },
    };
    const sender = {
      producer: { frameBytesMax: this.frameRowsMax, memory: null, tryClaim: () => (this.#hasRoom() ? 0 : -1) },
      commit: () => this.frames.push(this.#written!),
      isTurnOf: () => true,
      noteOffer: () => {},
      holdsBack: () => {},
      pendingRows: () => this.frames.length,
    };
    return new this.#subjects.RingLink(
      sender as unknown as RingSender,
      writer as unknown as BatchWriter,
      "default",
      beforeRoots,
    );
  }

  #hasRoom(): boolean {
    return this.frames.length < FRAMES_MAX && this.#random.below(8) > 0;
  }

  #copyRows(batch: TupleBatch, from: number, to: number): TupleBatch {
    const { TupleBatch, rootsStart, rootsEnd } = this.#subjects;
    const columns = batch.columns.map((column) => column.slice(from, to));
    const copy = new TupleBatch(batch.edgeIndex, batch.sourceTask, batch.epoch, columns);
    copy.count = to - from;
    if (batch.roots === null) return copy;
    const first = rootsStart(batch, from);
    copy.roots = batch.roots.slice(first, rootsEnd(batch, to - 1));
    copy.rootPairs = copy.roots.length / 2;
    const offsets = batch.rootOffsets;
    if (offsets !== null) copy.rootOffsets = offsets.slice(from, to + 1).map((offset) => offset - offsets[from]!);
    return copy;
  }
}

/** A row that its task has executed and not settled. */
export interface HeldRow {
  readonly batch: TupleBatch;
  readonly row: number;
  readonly node: OracleNode;
  /** Of a basic bolt whose promise is pending: the engine settles it. */
  readonly isPromised: boolean;
  /** Its bolt never comes back to it: only the end of its trees gets rid of it. */
  readonly isForgotten: boolean;
}

/** A bolt's task: the engine's half of it, and what the oracle knows of its tuples. */
export class TreeTask implements TupleHolder, OutletOwner {
  readonly taskId: number;
  readonly plan: { readonly component: string };
  readonly thread: number;
  readonly local: LocalQueue;
  /** By producing thread; null for its own. */
  readonly rings: (TestRing | null)[];
  readonly outlets: Outlet[] = [];
  book!: RowBook;
  anchors!: AnchorSet;
  route!: StreamRoute;
  held: HeldRow[] = [];
  /** Rows that are settled or expired: for acks that come twice or too late. */
  readonly past: HeldRow[] = [];
  batch: TupleBatch | null = null;
  nextRow = 0;
  readonly moves = 0;
  readonly heldRows = 0;
  readonly awaitsPromise = false;
  /** True when the next row that finds no room throws, as it does beyond `emitOverflowMax`. */
  refusesBacklog = false;
  readonly #subjects: TreeSubjects;
  readonly #oracle: TreeOracle;
  readonly #nodes = new WeakMap<TupleBatch, OracleNode[]>();

  constructor(
    parts: { subjects: TreeSubjects; oracle: TreeOracle },
    place: { taskId: number; thread: number; threads: number },
    random: Prng,
  ) {
    this.#subjects = parts.subjects;
    this.#oracle = parts.oracle;
    this.taskId = place.taskId;
    this.thread = place.thread;
    this.plan = { component: `bolt${place.taskId}` };
    this.local = new parts.subjects.LocalQueue(1 + random.below(16));
    this.rings = Array.from({ length: place.threads }, (_, thread) =>
      thread === place.thread ? null : new TestRing(parts.subjects, random),
    );
  }

  readonly sweep = 0;

  outletOpened(): void {}
  batchShipped(): void {}

  backlogChanged(_outlet: Outlet, rows: number): void {
    if (rows <= 0 || !this.refusesBacklog) return;
    this.refusesBacklog = false;
    throw new RefusedError();
  }

  outletFailed(error: unknown): void {
    throw error;
  }

  nodeOf(row: number): OracleNode {
    return this.#nodes.get(this.batch!)![row]!;
  }

  /** Takes the next batch from a queue that `choice` points at. False when that one is empty. */
  tryTakeBatch(choice: number): boolean {
    const ring = this.rings[choice] ?? null;
    const item = ring === null ? this.local.next() : (ring.frames.shift() ?? null);
    if (item === null || !("count" in item)) return false;
    this.batch = item;
    this.nextRow = 0;
    item.holder = this;
    const values = item.columns[0] as number[];
    const nodes: OracleNode[] = [];
    for (let row = 0; row < item.count; row++) {
      const node = this.#oracle.arrive(values[row]!, this.taskId);
      nodes.push(node);
      this.#checkRoots(item, row, node);
    }
    this.#nodes.set(item, nodes);
    this.book.strikeDead(item, 0);
    this.#noteStrikes(item, 0);
    return true;
  }

  expire(trees: ReadonlyMap<number, number>): void {
    this.book.expire(trees);
    for (const { batch, row, node } of this.held) this.#noteStrikesOf(batch, row, node);
    if (this.batch !== null) {
      this.book.strikeDead(this.batch, this.nextRow);
      this.#noteStrikes(this.batch, this.nextRow);
    }
    const expired = this.held.filter(({ node }) => node.state !== "held");
    this.past.push(...expired);
    this.held = this.held.filter(({ node }) => node.state === "held");
  }

  heldOf(slot: number, generation: number): number {
    const held = this.book.heldOf(slot, generation);
    const tree = this.#oracle.tenantOf(slot);
    if (tree.generation !== generation) return held;
    const known = this.held.filter(({ node }) => node.trees.includes(tree)).length;
    claim(held === known, `task ${this.taskId} holds ${known} tuples of tree ${tree.id}, not ${held}`);
    return held;
  }

  /** A row carries the trees that it belongs to, each once. */
  #checkRoots(batch: TupleBatch, row: number, node: OracleNode): void {
    const { rootsStart, rootsEnd } = this.#subjects;
    const found: string[] = [];
    if (batch.roots !== null) {
      for (let at = rootsStart(batch, row); at < rootsEnd(batch, row); at += 2) {
        found.push(`${batch.roots[at]}.${batch.roots[at + 1]}`);
      }
    }
    const expected = node.trees.map(({ slot, generation }) => `${slot}.${generation}`);
    const isSame = found.length === expected.length && expected.every((root) => found.includes(root));
    claim(isSame, `tuple ${node.emit} has the roots ${found.join(" ")}, not ${expected.join(" ")}`);
  }

  #noteStrikes(batch: TupleBatch, from: number): void {
    const nodes = this.#nodes.get(batch)!;
    for (let row = from; row < batch.count; row++) this.#noteStrikesOf(batch, row, nodes[row]!);
  }

  #noteStrikesOf(batch: TupleBatch, row: number, node: OracleNode): void {
    const { rootsStart, rootsEnd, ROW_EXPIRED } = this.#subjects;
    if (batch.roots === null || !node.isTracked || node.state === "settled") return;
    for (const tree of node.trees) {
      let isStruck = true;
      for (let at = rootsStart(batch, row); at < rootsEnd(batch, row); at += 2) {
        if (batch.roots[at] === tree.slot && batch.roots[at + 1] === tree.generation) isStruck = false;
      }
      if (isStruck) this.#oracle.strike(node, tree);
    }
    const isExpired = batch.rowStates?.[row] === ROW_EXPIRED;
    claim(isExpired === (node.state === "expired"), `tuple ${node.emit} is ${node.state}, and expired: ${isExpired}`);
  }
}

/** What a task's emit throws when too much waits. */
export class RefusedError extends Error {}
