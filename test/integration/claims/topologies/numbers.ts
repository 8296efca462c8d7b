import { fields, Spout } from "../../../../src/index.ts";

export const N = fields("n:int32");

/** Emits so many numbers that are its task's own, and each again that fails; then waits to be drained. */
export class Numbers extends Spout({ output: N }) {
  readonly #rows: number;
  #waiting: number[] = [];

  constructor(rows: number) {
    super();
    this.#rows = rows;
  }

  override open({ taskIndex }: { taskIndex: number }): void {
    this.#waiting = Array.from({ length: this.#rows }, (_, n) => taskIndex * this.#rows + n);
  }

  nextTuple() {
    const n = this.#waiting.shift();
    if (n === undefined) return "idle";
    this.collector.emit([n], n);
    return undefined;
  }

  override fail(id: unknown): void {
    this.#waiting.push(id as number);
  }
}
