import { EngineError } from "../../base/engine-error.ts";
import { rootsEnd, rootsStart, STRUCK } from "../../tuple/batch-roots.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { Rooting } from "./rooting.ts";
import type { TreeLedger } from "./tree-ledger.ts";

/** The trees that an emitted tuple will belong to: those of its anchors, each once. */
export class AnchorSet implements Rooting {
  readonly pairs: number[] = [];
  pairCount = 0;
  /** True when an anchor belonged to a tree, alive or not: a tuple for dead trees only is not worth sending. */
  hadRoots = false;
  readonly #ledger: TreeLedger;
  readonly #anchorsMax: number;

  constructor(ledger: TreeLedger, anchorsMax: number) {
    this.#ledger = ledger;
    this.#anchorsMax = anchorsMax;
  }

  clear(): void {
    this.pairCount = 0;
    this.hadRoots = false;
  }

  /** The trees of one row, and no others. @throws EngineError ANCHORS_TOO_MANY */
  setRow(batch: TupleBatch, row: number): void {
    const { roots } = batch;
    if (roots === null || batch.rootOffsets !== null) {
      this.clear();
      this.addRow(batch, row);
      return;
    }
    const slot = roots[row * 2]!;
    this.hadRoots = true;
    this.pairs[0] = slot;
    this.pairs[1] = roots[row * 2 + 1]!;
    this.pairCount = slot === STRUCK ? 0 : 1;
  }

  /** @throws EngineError ANCHORS_TOO_MANY */
  addRow(batch: TupleBatch, row: number): void {
    const roots = batch.roots;
    if (roots === null) return;
    const end = rootsEnd(batch, row);
    for (let at = rootsStart(batch, row); at < end; at += 2) {
      this.hadRoots = true;
      if (roots[at] !== STRUCK) this.#add(roots[at]!, roots[at + 1]!);
    }
  }

  begin(copies: number): void {
    if (copies === 0) return;
    for (let pair = 0; pair < this.pairCount; pair++) this.#ledger.add(this.pairs[pair * 2]!, copies);
  }

  takeBack(copies: number): void {
    this.begin(-copies);
  }

  #add(slot: number, generation: number): void {
    const { pairs } = this;
    for (let pair = 0; pair < this.pairCount; pair++) if (pairs[pair * 2] === slot) return;
    if (this.pairCount === this.#anchorsMax) this.#throwTooMany();
    pairs[this.pairCount * 2] = slot;
    pairs[this.pairCount * 2 + 1] = generation;
    this.pairCount++;
  }

  #throwTooMany(): never {
    throw new EngineError("ANCHORS_TOO_MANY", {
      problem: "a tuple is anchored to more trees than it may belong to",
      facts: { anchorsMax: this.#anchorsMax },
      remedy: "anchor to fewer tuples, or raise anchorsMax",
    });
  }
}
