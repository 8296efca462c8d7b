import { BasicBolt, type BasicCollector, fields, Spout, type Tuple } from "stormcell";
import { RowSequence, RowSum } from "./row-sequence.ts";
import { RowReport } from "./schemas-a-to-h.ts";

/** The second half of the sixteen schemas; see there. */

const RowI = fields("textI:string", "priceI:float64", "countI:int32", "openI:bool");

export class SpoutI extends Spout({ output: RowI }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.text, row.price, row.count, row.open]);
    }
    return rows.state;
  }
}

export class SinkI extends BasicBolt({ input: RowI, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowI>) {
    this.#sum.add(tuple.textI, tuple.countI, tuple.priceI, tuple.openI);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowJ = fields("countJ:int32", "priceJ:float64", "openJ:bool", "textJ:string");

export class SpoutJ extends Spout({ output: RowJ }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.count, row.price, row.open, row.text]);
    }
    return rows.state;
  }
}

export class SinkJ extends BasicBolt({ input: RowJ, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowJ>) {
    this.#sum.add(tuple.textJ, tuple.countJ, tuple.priceJ, tuple.openJ);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowK = fields("priceK:float64", "textK:string", "countK:int32", "openK:bool");

export class SpoutK extends Spout({ output: RowK }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.price, row.text, row.count, row.open]);
    }
    return rows.state;
  }
}

export class SinkK extends BasicBolt({ input: RowK, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowK>) {
    this.#sum.add(tuple.textK, tuple.countK, tuple.priceK, tuple.openK);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowL = fields("openL:bool", "textL:string", "priceL:float64", "countL:int32");

export class SpoutL extends Spout({ output: RowL }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.open, row.text, row.price, row.count]);
    }
    return rows.state;
  }
}

export class SinkL extends BasicBolt({ input: RowL, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowL>) {
    this.#sum.add(tuple.textL, tuple.countL, tuple.priceL, tuple.openL);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowM = fields("textM:string", "priceM:float64", "openM:bool", "countM:int32");

export class SpoutM extends Spout({ output: RowM }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.text, row.price, row.open, row.count]);
    }
    return rows.state;
  }
}

export class SinkM extends BasicBolt({ input: RowM, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowM>) {
    this.#sum.add(tuple.textM, tuple.countM, tuple.priceM, tuple.openM);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowN = fields("countN:int32", "openN:bool", "textN:string", "priceN:float64");

export class SpoutN extends Spout({ output: RowN }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.count, row.open, row.text, row.price]);
    }
    return rows.state;
  }
}

export class SinkN extends BasicBolt({ input: RowN, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowN>) {
    this.#sum.add(tuple.textN, tuple.countN, tuple.priceN, tuple.openN);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowO = fields("priceO:float64", "openO:bool", "countO:int32", "textO:string");

export class SpoutO extends Spout({ output: RowO }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.price, row.open, row.count, row.text]);
    }
    return rows.state;
  }
}

export class SinkO extends BasicBolt({ input: RowO, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowO>) {
    this.#sum.add(tuple.textO, tuple.countO, tuple.priceO, tuple.openO);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}

const RowP = fields("openP:bool", "priceP:float64", "textP:string", "countP:int32");

export class SpoutP extends Spout({ output: RowP }) {
  readonly #rows: RowSequence;
  constructor(tuples: number) {
    super();
    this.#rows = new RowSequence(tuples);
  }
  nextTuple() {
    const rows = this.#rows;
    for (let call = rows.beginCall(); call > 0; call--) {
      const row = rows.next();
      this.collector.emit([row.open, row.price, row.text, row.count]);
    }
    return rows.state;
  }
}

export class SinkP extends BasicBolt({ input: RowP, output: RowReport }) {
  readonly #sum: RowSum;
  constructor(warmupTuples: number) {
    super();
    this.#sum = new RowSum(warmupTuples);
  }
  execute(tuple: Tuple<typeof RowP>) {
    this.#sum.add(tuple.textP, tuple.countP, tuple.priceP, tuple.openP);
  }
  override onEnd(collector: BasicCollector<typeof RowReport>) {
    collector.emit(this.#sum.report());
  }
}
