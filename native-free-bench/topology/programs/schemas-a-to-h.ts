import { BasicBolt, type BasicCollector, fields, Spout, type Tuple } from "stormcell";
import { RowSequence, RowSum } from "./row-sequence.ts";

/**
 * Sixteen schemas (four columns of four types, in sixteen orders, no name twice), each with a spout and a bolt class
 * of its own. The code repeats itself on purpose: sixteen classes from one factory would share their call sites'
 * types, and how well the engine does when every call site sees its own shape is the question here.
 */
export const RowReport = fields("tuples:float64", "checksum:int32", "startMs:float64", "endMs:float64");

const RowA = fields("textA:string", "countA:int32", "priceA:float64", "openA:bool");

export class SpoutA extends Spout({ output: RowA }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.text, row.count, row.price, row.open]);
    }
    return rows.state;
  }
}

export class SinkA extends BasicBolt({ input: RowA, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowA>) {
    this.#sum.add(tuple.textA, tuple.countA, tuple.priceA, tuple.openA);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowB = fields("countB:int32", "textB:string", "openB:bool", "priceB:float64");

export class SpoutB extends Spout({ output: RowB }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.count, row.text, row.open, row.price]);
    }
    return rows.state;
  }
}

export class SinkB extends BasicBolt({ input: RowB, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowB>) {
    this.#sum.add(tuple.textB, tuple.countB, tuple.priceB, tuple.openB);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowC = fields("priceC:float64", "countC:int32", "textC:string", "openC:bool");

export class SpoutC extends Spout({ output: RowC }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.price, row.count, row.text, row.open]);
    }
    return rows.state;
  }
}

export class SinkC extends BasicBolt({ input: RowC, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowC>) {
    this.#sum.add(tuple.textC, tuple.countC, tuple.priceC, tuple.openC);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowD = fields("openD:bool", "countD:int32", "priceD:float64", "textD:string");

export class SpoutD extends Spout({ output: RowD }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.open, row.count, row.price, row.text]);
    }
    return rows.state;
  }
}

export class SinkD extends BasicBolt({ input: RowD, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowD>) {
    this.#sum.add(tuple.textD, tuple.countD, tuple.priceD, tuple.openD);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowE = fields("textE:string", "countE:int32", "openE:bool", "priceE:float64");

export class SpoutE extends Spout({ output: RowE }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.text, row.count, row.open, row.price]);
    }
    return rows.state;
  }
}

export class SinkE extends BasicBolt({ input: RowE, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowE>) {
    this.#sum.add(tuple.textE, tuple.countE, tuple.priceE, tuple.openE);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowF = fields("countF:int32", "textF:string", "priceF:float64", "openF:bool");

export class SpoutF extends Spout({ output: RowF }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.count, row.text, row.price, row.open]);
    }
    return rows.state;
  }
}

export class SinkF extends BasicBolt({ input: RowF, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowF>) {
    this.#sum.add(tuple.textF, tuple.countF, tuple.priceF, tuple.openF);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowG = fields("priceG:float64", "countG:int32", "openG:bool", "textG:string");

export class SpoutG extends Spout({ output: RowG }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.price, row.count, row.open, row.text]);
    }
    return rows.state;
  }
}

export class SinkG extends BasicBolt({ input: RowG, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowG>) {
    this.#sum.add(tuple.textG, tuple.countG, tuple.priceG, tuple.openG);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowH = fields("openH:bool", "countH:int32", "textH:string", "priceH:float64");

export class SpoutH extends Spout({ output: RowH }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.open, row.count, row.text, row.price]);
    }
    return rows.state;
  }
}

export class SinkH extends BasicBolt({ input: RowH, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowH>) {
    this.#sum.add(tuple.textH, tuple.countH, tuple.priceH, tuple.openH);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}
