// Compiled, never run. Each expected error is a mistake that a user must be told about by the compiler; should one of
// them ever compile, the build fails at that line.
import {
  BasicBolt,
  type BasicCollector,
  basicBolt,
  direct,
  fields,
  fromAsyncIterable,
  fromIterable,
  type OutputCollector,
  RichBolt,
  richBolt,
  Spout,
  type SpoutCollector,
  spout,
  type TaskContext,
  type Tuple,
} from "../../src/index.ts";

export const Sentence = fields("sentence:string");
export const Word = fields("word: string");
export const Count = fields("word:string", "count:int32");
export const Order = fields("sku:string", "qty:int32", "note:string?", "extra");
export const Payment = fields("sku:string", "cents:int64");
export const Reply = fields("text:string");

export class SplitSentence extends BasicBolt({ input: Sentence, output: Word }) {
  execute(tuple: Tuple<typeof Sentence>, collector: BasicCollector<typeof Word>) {
    for (const word of tuple.sentence.split(" ")) collector.emit([word]);
    const attempt: number = tuple.$.attempt;
    const input: "default" = tuple.$.input;
    // @ts-expect-error no such field
    tuple.word;
    // @ts-expect-error fields cannot be written
    tuple.sentence = "";
    // @ts-expect-error wrong value
    collector.emit([1]);
    // @ts-expect-error too few values
    collector.emit([]);
    // @ts-expect-error too many values
    collector.emit(["a", "b"]);
    // @ts-expect-error null in a column that is not nullable
    collector.emit([null]);
    // @ts-expect-error no such stream
    collector.emitTo("nope", ["a"]);
    // @ts-expect-error the default stream is not direct
    collector.emitDirect("default", 1, ["a"]);
    // @ts-expect-error a basic bolt does not ack
    collector.ack(tuple);
    return void [attempt, input];
  }
}

export const CountStreams = { default: Count, rare: Word, replies: direct(Reply) };

export class WordCount extends BasicBolt({ input: Word, output: CountStreams, tickMs: 1_000 }) {
  #counts = new Map<string, number>();

  override prepare(context: TaskContext) {
    const tasks: readonly number[] = context.tasksOf("other");
    // @ts-expect-error options are unknown until they are looked at
    context.options.files;
    void tasks;
  }

  execute(tuple: Tuple<typeof Word>, collector: BasicCollector<typeof CountStreams>) {
    const count = (this.#counts.get(tuple.word) ?? 0) + 1;
    this.#counts.set(tuple.word, count);
    collector.emit([tuple.word, count]);
    collector.emitTo("rare", [tuple.word]);
    collector.emitDirect("replies", 3, ["hello"]);
    const told: readonly number[] = collector.emitAndTell([tuple.word, count]);
    // @ts-expect-error no such stream
    collector.emitTo("nope", [tuple.word]);
    // @ts-expect-error a direct stream needs a task
    collector.emitTo("replies", ["hello"]);
    // @ts-expect-error a stream that is not direct takes no task
    collector.emitDirect("rare", 3, [tuple.word]);
    // @ts-expect-error wrong value for a direct stream
    collector.emitDirect("replies", 3, [3]);
    return void told;
  }

  override onTick(collector: BasicCollector<typeof CountStreams>) {
    for (const [word, count] of this.#counts) collector.emit([word, count]);
  }
}

const RepliesOnly = { replies: direct(Reply) };

export class NoDefault extends BasicBolt({ input: Word, output: RepliesOnly }) {
  execute(_tuple: Tuple<typeof Word>, collector: BasicCollector<typeof RepliesOnly>) {
    collector.emitDirect("replies", 1, ["x"]);
    // @ts-expect-error there is no default stream
    collector.emit(["x"]);
  }
}

export class NoOutput extends BasicBolt({ input: Word }) {
  execute(tuple: Tuple<typeof Word>, collector: BasicCollector<undefined>) {
    // @ts-expect-error nothing is declared to be emitted
    collector.emit([tuple.word]);
  }
}

const JoinInputs = { orders: Order, payments: Payment };

export class Join extends RichBolt({ input: JoinInputs, output: Count, concurrency: 16 }) {
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  async execute(tuple: Tuple<typeof JoinInputs>) {
    if (tuple.$input === "orders") {
      const note: string | null = tuple.note;
      // @ts-expect-error an extra of type any is unknown until it is looked at
      tuple.extra.anything;
      this.collector.emit(tuple, [tuple.sku, tuple.qty]);
      this.collector.emit([tuple, tuple], [tuple.sku, tuple.qty]);
      this.collector.emitUnanchored([tuple.sku, tuple.qty]);
      this.collector.ack(tuple);
      void note;
    } else {
      const cents: bigint = tuple.cents;
      // @ts-expect-error a payment has no note
      tuple.note;
      this.collector.fail(tuple, new Error(`late: ${cents}`));
    }
    // @ts-expect-error only fields that both inputs have, until the input is known
    tuple.qty;
    // @ts-expect-error an anchor is required: a forgotten one does not compile
    this.collector.emit(["a", 1]);
    // @ts-expect-error what anchors is a tuple, not its values
    this.collector.emit(["a"], ["a", 1]);
    // @ts-expect-error the collector is ours
    this.collector = null;
  }
}

// @ts-expect-error execute is missing
export class Idle extends RichBolt({ input: Word }) {}

// @ts-expect-error fields(...) makes inputs
export const badInput = () => BasicBolt({ input: ["word:string"] });

export class Numbers extends Spout({ output: { default: Count, replies: direct(Reply) } }) {
  #next = 0;

  override open(context: TaskContext, { position }: { position: unknown }) {
    this.#next = typeof position === "number" ? position : context.taskIndex;
  }

  nextTuple() {
    if (this.#next > 10) return "exhausted";
    this.collector.emit(["a", this.#next], this.#next, this.#next);
    this.collector.emitDirect("replies", 1, ["x"], "id");
    // @ts-expect-error wrong value
    this.collector.emit([this.#next, "a"]);
    // @ts-expect-error a spout has nothing to anchor to
    this.collector.emitUnanchored(["a", 1]);
    this.#next += 1;
    return undefined;
  }

  override ack(id: unknown, info: { latencyMs: number }) {
    void [id, info];
  }
}

export class Wrong extends Spout({ output: Word }) {
  // @ts-expect-error nextTuple says nothing, "idle" or "exhausted"
  nextTuple() {
    return "done";
  }
}

export const split = basicBolt({
  input: Sentence,
  output: Word,
  execute(tuple, collector) {
    for (const word of tuple.sentence.split(" ")) collector.emit([word]);
    // @ts-expect-error no such field
    tuple.nothing;
    // @ts-expect-error wrong value
    collector.emit([1]);
  },
});

export const count = basicBolt({
  input: Word,
  output: Count,
  create: (context) => {
    const counts = new Map<string, number>();
    const task: number = context.taskId;
    void task;
    return {
      execute(tuple) {
        counts.set(tuple.word, (counts.get(tuple.word) ?? 0) + 1);
        // @ts-expect-error no such field
        tuple.nothing;
      },
      onEnd(collector) {
        for (const [word, n] of counts) collector.emit([word, n]);
        // @ts-expect-error wrong order
        for (const [word, n] of counts) collector.emit([n, word]);
      },
    };
  },
});

export const join = richBolt({
  input: JoinInputs,
  output: Count,
  create: async (_context, collector) => ({
    execute(tuple) {
      if (tuple.$input === "orders") collector.emit(tuple, [tuple.sku, tuple.qty]);
      collector.ack(tuple);
      // @ts-expect-error an anchor is required
      collector.emit(["a", 1]);
    },
  }),
});

export const echo = richBolt({
  input: Word,
  output: Word,
  execute(tuple, collector) {
    collector.emit(tuple, [tuple.word]);
    collector.ack(tuple);
  },
});

export const numbers = spout({
  output: Count,
  create: (context, collector) => {
    let next = context.taskIndex;
    return {
      nextTuple() {
        if (next > 10) return "exhausted";
        collector.emit(["a", next++], next);
        // @ts-expect-error wrong value
        collector.emit([next]);
        return undefined;
      },
      fail(_id, info) {
        if (info.reason === "timeout") next = 0;
        // @ts-expect-error there is no such reason
        if (info.reason === "boredom") next = 0;
      },
    };
  },
});

export const clock = spout({
  output: Count,
  nextTuple(collector) {
    collector.emit(["now", 1]);
    return "idle";
  },
});

// @ts-expect-error execute or create is missing
export const incomplete = () => basicBolt({ input: Word, output: Word });

export const lines = fromIterable(Sentence, function* () {
  yield ["a b"];
});
export const shared = fromIterable(Count, ({ taskIndex, taskCount }) =>
  Array.from({ length: taskCount }, (_, i): [string, number] => ["a", i + taskIndex]),
);
export const slow = fromAsyncIterable(Sentence, async function* () {
  yield ["a b"];
});
export const wrongRows = () =>
  // @ts-expect-error wrong value in the rows
  fromIterable(Sentence, function* () {
    yield [1];
  });
export const wrongKind = () =>
  // @ts-expect-error an async iterable has its own form
  fromIterable(Sentence, async function* () {
    yield ["a"];
  });

// Collectors can be passed on with their type.
export function report(collector: OutputCollector<typeof Count>, spoutCollector: SpoutCollector<typeof Word>): void {
  collector.emitUnanchored(["a", 1]);
  spoutCollector.emit(["a"]);
}
