import { setTimeout as realTime } from "node:timers/promises";
import { basicBolt, defineTopology, direct, fields, fromIterable, richBolt, spout } from "../../../src/index.ts";

export const Sentence = fields("sentence:string");
export const Word = fields("word:string");
export const Count = fields("word:string", "count:int32");
export const At = fields("at:float64", "seen:int32");

const splitWords = basicBolt({
  input: Sentence,
  output: { default: Word, empty: Sentence },
  execute({ sentence }, collector) {
    if (sentence === "") collector.emitTo("empty", [sentence]);
    for (const word of sentence.split(" ")) if (word !== "") collector.emit([word]);
  },
});

export const countWords = basicBolt({
  input: Word,
  output: Count,
  create: () => {
    const counts = new Map<string, number>();
    return {
      execute({ word }, collector) {
        if (word === "fail") throw new Error("this word is refused");
        const count = (counts.get(word) ?? 0) + 1;
        counts.set(word, count);
        collector.emit([word, count]);
      },
    };
  },
});

export const wordCount = defineTopology(
  import.meta.url,
  (builder, options: { readonly sentences: readonly string[] }) => {
    const lines = builder.setSpout(
      "lines",
      fromIterable(Sentence, () => options.sentences.map((sentence) => [sentence] as const)),
    );
    const words = builder.setBolt("split", splitWords, { parallelism: 2 }).shuffleGrouping(lines);
    const counts = builder.setBolt("count", countWords, { parallelism: 3 }).fieldsGrouping(words, ["word"]);
    return { counts: builder.output(counts) };
  },
);

export const SENTENCES = ["to be or", "", "not to be"];

/** A spout that never pauses, a bolt that counts its tuples and tells the count with each tick. */
export const busy = defineTopology(
  import.meta.url,
  (builder, options: { readonly idleAfter?: number } | undefined) => {
    const numbers = builder.setSpout(
      "numbers",
      spout({
        output: fields("n:int32"),
        create: (_context, collector) => {
          let n = 0;
          return {
            nextTuple: () => {
              if (n === (options?.idleAfter ?? Number.POSITIVE_INFINITY)) return "idle";
              collector.emit([n++]);
              return undefined;
            },
          };
        },
      }),
    );
    const ticking = basicBolt({
      input: fields("n:int32"),
      output: At,
      tickMs: 10,
      create: (context) => {
        let seen = 0;
        return {
          execute() {
            seen++;
          },
          onTick: (collector) => collector.emit([context.nowMs(), seen]),
        };
      },
    });
    builder.setBolt("tell", ticking).shuffleGrouping(numbers);
  },
);

export const fed = defineTopology(import.meta.url, (builder) => {
  const words = builder.setFeeder("words", Word);
  return { words, counts: builder.output(builder.setBolt("count", countWords).shuffleGrouping(words)) };
});

const Thing = fields("thing");

/** Things through a bolt that ticks, and may change what it received; once to an output and once directly. */
export const echoes = defineTopology(
  import.meta.url,
  (builder, options: { readonly tuples: number; readonly spoils?: boolean }) => {
    const things = builder.setSpout(
      "things",
      fromIterable(Thing, function* () {
        for (let n = 0; n < options.tuples; n++) yield [{ n }];
      }),
    );
    const echo = basicBolt({
      input: Thing,
      output: { default: Thing, spare: direct(Thing) },
      tickMs: 1,
      create: (context) => ({
        execute(tuple, collector) {
          const thing = tuple.thing as { n: number };
          if (!options.spoils) collector.emit([thing]);
          else {
            collector.emitDirect("spare", context.tasksOf("reader")[0]!, [{ n: thing.n }]);
            thing.n = -1;
          }
        },
        onTick() {},
      }),
    });
    const echoed = builder.setBolt("echo", echo).shuffleGrouping(things);
    builder.setBolt("reader", basicBolt({ input: Thing, execute() {} })).directGrouping(echoed.stream("spare"));
    return { echoes: builder.output(echoed) };
  },
);

/** A spout that gives ids, a basic bolt and a rich one: all that acking has a way of its own for. */
export const tracked = defineTopology(import.meta.url, (builder) => {
  const source = spout({
    output: Word,
    create: (_context, collector) => {
      const steps = [
        () => collector.emit(["a"], 1),
        () => collector.emitTo("default", ["b"], 2),
        () => void collector.emitAndTell(["c"], 3),
        () => void collector.emitToAndTell("default", ["d"], 4),
      ];
      return { nextTuple: () => (steps.length === 0 ? "exhausted" : steps.shift()!()) };
    },
  });
  const again = basicBolt({ input: Word, output: Word, execute: ({ word }, collector) => collector.emit([word]) });
  const enrich = richBolt({
    input: Word,
    output: Word,
    execute(tuple, collector) {
      collector.emit(tuple, [tuple.word]);
      collector.emitAndTell([tuple], [tuple.word]);
      collector.ack(tuple);
    },
  });
  const words = builder.setSpout("words", source);
  const repeated = builder.setBolt("again", again).shuffleGrouping(words);
  const enriched = builder.setBolt("enrich", enrich).shuffleGrouping(repeated);
  builder.setBolt("end", basicBolt({ input: Word, execute() {} })).shuffleGrouping(enriched);
});

export const waiting = defineTopology(import.meta.url, (builder, options: { readonly ms: number }) => {
  const words = builder.setSpout(
    "words",
    fromIterable(Word, () => [["a"]]),
  );
  const wait = basicBolt({
    input: Word,
    output: Word,
    execute: async ({ word }, collector) => {
      if (options.ms === Number.POSITIVE_INFINITY) await new Promise(() => {});
      await realTime(options.ms);
      collector.emit([word]);
    },
  });
  builder.setBolt("wait", wait).shuffleGrouping(words);
});
