import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  FailedException,
  fields,
  type OutputCollector,
  RichBolt,
  Spout,
  type Tuple,
} from "../../../../src/index.ts";

/** What a spout learned of its tuples, one line per outcome. */
export const Outcome = fields("id:int32", "outcome:string", "component:string?", "attempt:int32");
export const N = fields("n:int32");

export interface TreeOptions {
  readonly tuples: number;
  /** By the name of a bolt: what it does to tuple n. */
  readonly behaviour: string;
  /** How many children the first bolt emits for each tuple. */
  readonly children?: number;
}

/** Emits 0 .. tuples-1 with ids, and tells the outcome of each on a stream of its own. */
class Numbers extends Spout({ output: { default: N, outcomes: Outcome } }) {
  readonly #tuples: number;
  #next = 0;
  #settled = 0;

  constructor(options: TreeOptions) {
    super();
    this.#tuples = options.tuples;
  }

  nextTuple() {
    if (this.#next === this.#tuples) return this.#settled === this.#tuples ? "exhausted" : "idle";
    this.collector.emit([this.#next], this.#next++);
    return undefined;
  }

  override ack(id: unknown, info: { attempt: number }): void {
    this.#settled++;
    this.collector.emitTo("outcomes", [id as number, "acked", null, info.attempt]);
  }

  override fail(
    id: unknown,
    info: { reason: string; component: string | null; error: unknown; attempt: number },
  ): void {
    this.#settled++;
    const text = info.error instanceof Error ? `${info.reason}: ${info.error.message}` : info.reason;
    this.collector.emitTo("outcomes", [id as number, text, info.component, info.attempt]);
  }
}

class Fan extends BasicBolt({ input: N, output: N }) {
  readonly #children: number;

  constructor(options: TreeOptions) {
    super();
    this.#children = options.children ?? 3;
  }

  execute({ n }: Tuple<typeof N>, collector: BasicCollector<typeof N>): void {
    for (let child = 0; child < this.#children; child++) collector.emit([n]);
  }
}

class Leaf extends RichBolt({ input: N }) {
  readonly #behaviour: string;
  #held: Tuple<typeof N>[] = [];

  constructor(options: TreeOptions) {
    super();
    this.#behaviour = options.behaviour;
  }

  async #later(tuple: Tuple<typeof N>, collector: OutputCollector<undefined>): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collector.ack(tuple);
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<undefined>): void | Promise<void> {
    switch (this.#behaviour) {
      case "ack":
        collector.ack(tuple);
        return;
      case "async":
        return this.#later(tuple, collector);
      case "callback":
        setTimeout(() => collector.ack(tuple), 1);
        return;
      case "hold until flush":
        this.#held.push(tuple);
        return;
      case "fail the odd":
        if (tuple.n % 2 === 1) collector.fail(tuple, new Error(`odd ${tuple.n}`));
        else collector.ack(tuple);
        return;
      case "throw at 3":
        if (tuple.n === 3) throw new FailedException("three");
        collector.ack(tuple);
        return;
      case "forget 5":
        if (tuple.n !== 5) collector.ack(tuple);
        return;
      case "twice 2":
        collector.ack(tuple);
        if (tuple.n === 2) collector.ack(tuple);
        return;
    }
  }

  override onFlush(collector: OutputCollector<undefined>): void {
    for (const tuple of this.#held) collector.ack(tuple);
    this.#held = [];
  }
}

/** numbers → fan → leaf, and numbers:outcomes → the program. */
export const trees = defineTopology(import.meta.url, (builder, options: TreeOptions) => {
  const numbers = builder.setSpout("numbers", Numbers, { create: () => new Numbers(options) });
  const fan = builder
    .setBolt("fan", Fan, { create: () => new Fan(options), parallelism: 2 })
    .shuffleGrouping(numbers);
  builder.setBolt("leaf", Leaf, { create: () => new Leaf(options), parallelism: 2 }).fieldsGrouping(fan, ["n"]);
  return { outcomes: builder.output(numbers.stream("outcomes")) };
});
