import { invariant } from "../base/invariant.ts";
import { CACHE_LINE_BYTES } from "./cache-line.ts";

const CELL_BYTES = 8;
const LINE_CELLS = CACHE_LINE_BYTES / CELL_BYTES;
const OWNER_COUNT_CELL = 0;
const CELLS_PER_OWNER_CELL = 1;

/** How many tasks count, and how many counters each of them has. */
export interface CountersShape {
  readonly ownerCount: number;
  readonly cellsPerOwner: number;
}

/**
 * Memory for the counters of `ownerCount` tasks:
 *
 *     line 0: owner count, cells per owner | owner 0: cells, padded to whole lines | owner 1: ... |
 *
 * The shape stands in the memory itself, so a reader needs nothing but the buffer.
 */
export function allocateCounters(shape: CountersShape): SharedArrayBuffer {
  const { ownerCount, cellsPerOwner } = shape;
  invariant(Number.isInteger(ownerCount) && ownerCount >= 0, "the number of counting tasks is a whole number");
  invariant(Number.isInteger(cellsPerOwner) && cellsPerOwner >= 0, "the number of counters is a whole number");
  const cells = new BigInt64Array(
    new SharedArrayBuffer((LINE_CELLS + ownerCount * stride(cellsPerOwner)) * CELL_BYTES),
  );
  Atomics.store(cells, OWNER_COUNT_CELL, BigInt(ownerCount));
  Atomics.store(cells, CELLS_PER_OWNER_CELL, BigInt(cellsPerOwner));
  return cells.buffer as SharedArrayBuffer;
}

function stride(cellsPerOwner: number): number {
  return Math.ceil(cellsPerOwner / LINE_CELLS) * LINE_CELLS;
}

export function countersShapeOf(buffer: ArrayBuffer | SharedArrayBuffer): CountersShape {
  const cells = new BigInt64Array(buffer);
  return {
    ownerCount: Number(Atomics.load(cells, OWNER_COUNT_CELL)),
    cellsPerOwner: Number(Atomics.load(cells, CELLS_PER_OWNER_CELL)),
  };
}

/** Gives new counters the values of old ones of the same shape, so that totals go on where they were. */
export function copyCounters(from: ArrayBuffer | SharedArrayBuffer, to: ArrayBuffer | SharedArrayBuffer): void {
  const source = new BigInt64Array(from);
  const target = new BigInt64Array(to);
  invariant(source.length === target.length, "counters are copied to memory of the same shape");
  for (let cell = 0; cell < source.length; cell++) Atomics.store(target, cell, Atomics.load(source, cell));
}

/**
 * The counters of one task. The thread that runs the task counts in private numbers and publishes now and then; any
 * other thread makes its own object over the same buffer and only calls `read`.
 *
 * Ownership:  only the thread that runs the task calls `add`, `set` and `publish`.
 * Invariant:  a cell holds the task's count as of its last `publish`, whole numbers within +-2^53.
 * Visibility: each cell is stored and loaded in one atomic step of 64 bits, so no reader sees half a number. Cells of
 *             one `publish` may be seen before the others: a reader that compares two cells must allow for that.
 */
export class SharedCounters {
  readonly cellCount: number;
  readonly #cells: BigInt64Array;
  readonly #firstCell: number;
  readonly #counts: Float64Array;
  readonly #published: Float64Array;
  // A number is split into two halves here and stored as one int64, which is cheaper than to make a BigInt of it.
  readonly #halves = new Int32Array(2);
  readonly #whole = new BigInt64Array(this.#halves.buffer);

  /** Goes on from what is published, so that a restarted task keeps its counts. */
  constructor(buffer: ArrayBuffer | SharedArrayBuffer, owner: number) {
    const shape = countersShapeOf(buffer);
    invariant(owner >= 0 && owner < shape.ownerCount, "counters belong to one of the tasks that they were made for");
    this.cellCount = shape.cellsPerOwner;
    this.#cells = new BigInt64Array(buffer);
    this.#firstCell = LINE_CELLS + owner * stride(shape.cellsPerOwner);
    this.#counts = new Float64Array(this.cellCount);
    this.#published = new Float64Array(this.cellCount);
    for (let cell = 0; cell < this.cellCount; cell++) this.#counts[cell] = this.#published[cell] = this.read(cell);
  }

  /** Adds to a counter, privately: a plain addition. A whole number, which may be negative. */
  add(cell: number, amount: number): void {
    this.#counts[cell]! += amount;
  }

  /** Sets a counter that is a level rather than a sum, privately. A whole number. */
  set(cell: number, value: number): void {
    this.#counts[cell] = value;
  }

  /** The task's own count, published or not. */
  current(cell: number): number {
    return this.#counts[cell]!;
  }

  /** Makes all counts visible to other threads; costs next to nothing for those that did not change. */
  publish(): void {
    const counts = this.#counts;
    const published = this.#published;
    for (let cell = 0; cell < counts.length; cell++) {
      const count = counts[cell]!;
      if (count === published[cell]) continue;
      published[cell] = count;
      this.#halves[0] = count; // Conversion to int32 keeps the low 32 bits, also of negative and of large numbers.
      this.#halves[1] = Math.floor(count / 0x1_0000_0000);
      Atomics.store(this.#cells, this.#firstCell + cell, this.#whole[0]!);
    }
  }

  /** The published count, from any thread. */
  read(cell: number): number {
    invariant(cell >= 0 && cell < this.cellCount, "a counter's number is less than the number of cells");
    return Number(Atomics.load(this.#cells, this.#firstCell + cell));
  }
}
