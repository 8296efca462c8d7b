import assert from "node:assert/strict";
import { Prng } from "../../../src/base/prng.ts";
import { basicBolt, defineTopology, fields, spout, type TopologyBuilder } from "../../../src/index.ts";

const Item = fields("n:int32", "text:string");
const Count = fields("component:string", "taskIndex:int32", "count:int32", "sum:float64", "extra:float64");

/** A finite spout of items `from, from + step, ...` below `tuples`. */
function itemSpout(tuples: number, textLength = 0) {
  return spout({
    output: Item,
    create: (context, collector) => {
      let n = context.taskIndex;
      return {
        nextTuple() {
          if (n >= tuples) return "exhausted";
          collector.emit([n, `${n}`.padEnd(textLength, "x")]);
          n += context.taskCount;
          return undefined;
        },
      };
    },
  });
}

interface CountingOptions {
  /** Time that one execute takes. */
  readonly busyMs?: number;
}

/** Counts and adds up what arrives; reports it with the largest heap that it saw. */
function counter({ busyMs = 0 }: CountingOptions = {}) {
  return basicBolt({
    input: Item,
    output: Count,
    create: (context) => {
      let count = 0;
      let sum = 0;
      let heapMax = 0;
      return {
        execute(tuple) {
          count++;
          sum += tuple.n;
          if (busyMs === 0) return;
          if (count % 100 === 0) heapMax = Math.max(heapMax, process.memoryUsage().heapUsed);
          const until = performance.now() + busyMs;
          while (performance.now() < until) {}
        },
        onEnd: (collector) => collector.emit([context.component, context.taskIndex, count, sum, heapMax]),
      };
    },
  });
}

const forward = basicBolt({
  input: Item,
  output: Item,
  execute: (tuple, collector) => collector.emit([tuple.n, tuple.text]),
});

/** One execute that emits very many tuples. */
export const burst = defineTopology(import.meta.url, (builder, { tuples }: { tuples: number }) => {
  const one = builder.setSpout("one", itemSpout(3));
  const many = builder
    .setBolt(
      "many",
      basicBolt({
        input: Item,
        output: Item,
        execute: (tuple, collector) => {
          for (let n = 0; n < tuples; n++) collector.emit([n, `${tuple.n}:${n}`]);
        },
      }),
    )
    .shuffleGrouping(one);
  return { counts: builder.output(builder.setBolt("count", counter(), { parallelism: 2 }).shuffleGrouping(many)) };
});

/** Far more tasks than workers. */
export const manyTasks = defineTopology(import.meta.url, (builder, { tuples }: { tuples: number }) => {
  const items = builder.setSpout("items", itemSpout(tuples), { parallelism: 4 });
  const first = builder.setBolt("first", forward, { parallelism: 20 }).shuffleGrouping(items);
  const second = builder.setBolt("second", forward, { parallelism: 20 }).fieldsGrouping(first, ["n"]);
  const counts = builder.setBolt("count", counter(), { parallelism: 20 }).partialKeyGrouping(second, ["n"]);
  return { counts: builder.output(counts) };
});

/** A bolt that is far slower than its spout. */
export const slowBolt = defineTopology(
  import.meta.url,
  (builder, { tuples, busyMs }: { tuples: number; busyMs: number }) => {
    const items = builder.setSpout("items", itemSpout(tuples, 100));
    return { counts: builder.output(builder.setBolt("slow", counter({ busyMs })).shuffleGrouping(items)) };
  },
);

const Order = fields("sku:string", "quantity:int32");
const Payment = fields("note:string?", "cents:float64", "sku:string");

/** A bolt with two inputs of different schema. */
export const twoInputs = defineTopology(import.meta.url, (builder, { tuples }: { tuples: number }) => {
  const orders = builder.setSpout(
    "orders",
    pairSpout(Order, tuples, (n) => [`sku${n % 50}`, n]),
  );
  const payments = builder.setSpout(
    "payments",
    pairSpout(Payment, tuples, (n) => [n % 3 === 0 ? null : `note ${n}`, n / 4, `sku${n % 50}`]),
  );
  const join = basicBolt({
    input: { orders: Order, payments: Payment },
    output: Count,
    create: (context) => {
      let quantity = 0;
      let cents = 0;
      let notes = 0;
      return {
        execute(tuple) {
          if (tuple.$input === "orders") quantity += tuple.quantity;
          else {
            cents += tuple.cents;
            if (tuple.note !== null) notes++;
          }
        },
        onEnd: (collector) => collector.emit(["join", context.taskIndex, notes, quantity, cents]),
      };
    },
  });
  const joined = builder
    .setBolt("join", join, { parallelism: 3 })
    .fieldsGrouping(orders, ["sku"], { as: "orders" })
    .fieldsGrouping(payments, ["sku"], { as: "payments" });
  return { counts: builder.output(joined) };
});

function pairSpout<F extends typeof Order | typeof Payment>(row: F, tuples: number, make: (n: number) => unknown[]) {
  return spout({
    output: row,
    create: (_context, collector) => {
      let n = 0;
      return {
        nextTuple() {
          if (n === tuples) return "exhausted";
          collector.emit(make(n++) as never);
          return undefined;
        },
      };
    },
  });
}

const Wide = fields(
  "n:int32",
  "text:string",
  "small:int32",
  "real:float64",
  "long:int64",
  "flag:bool",
  "raw:bytes",
  "free",
  "textOrNull:string?",
  "smallOrNull:int32?",
  "realOrNull:float64?",
  "longOrNull:int64?",
  "flagOrNull:bool?",
  "rawOrNull:bytes?",
);

const INT32S = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)];
const REALS = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1.7976931348623157e308];
const LONGS = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = ["", "a", "é", "✓ unicode", "😀", "\ud800", "x\udc00y", "\udc00\ud800", "\u0000", "ÿ\u0100"];

/** A row of every column type, the same for the same number on every thread. */
export function wideRow(n: number, textLength: number): unknown[] {
  const prng = new Prng(n);
  const pick = <T>(list: readonly T[]): T => list[prng.below(list.length)]!;
  const text = () => pick(TEXTS).repeat(prng.below(20) === 0 ? Math.floor(textLength / 4) : 1 + prng.below(3));
  const bytes = () => Uint8Array.from({ length: prng.below(40) }, () => prng.below(256));
  const free = () =>
    pick<unknown>([
      null,
      undefined,
      1.5,
      "text",
      true,
      2n ** 70n,
      [1, [2, { three: 3 }]],
      { a: null, b: [new Date(5)] },
    ]);
  const maybe = <T>(value: T): T | null => (prng.below(3) === 0 ? null : value);
  return [
    n,
    text(),
    pick(INT32S),
    pick(REALS),
    pick(LONGS),
    prng.below(2) === 0,
    bytes(),
    free(),
    maybe(text()),
    maybe(pick(INT32S)),
    maybe(pick(REALS)),
    maybe(pick(LONGS)),
    maybe(prng.below(2) === 0),
    maybe(bytes()),
  ];
}

/** Rows of every column type from thread to thread: the receiver makes each again and compares. */
export const wideRows = defineTopology(
  import.meta.url,
  (builder, { tuples, textLength }: { tuples: number; textLength: number }) => {
    const rows = builder.setSpout(
      "rows",
      spout({
        output: Wide,
        create: (_context, collector) => {
          let n = 0;
          return {
            nextTuple() {
              if (n === tuples) return "exhausted";
              collector.emit(wideRow(n++, textLength) as never);
              return undefined;
            },
          };
        },
      }),
    );
    const check = basicBolt({
      input: Wide,
      output: Count,
      create: (context) => {
        let count = 0;
        return {
          execute(tuple) {
            assert.deepStrictEqual([...tuple.$.values], wideRow(tuple.n, textLength));
            count++;
          },
          onEnd: (collector) => collector.emit(["check", context.taskIndex, count, 0, 0]),
        };
      },
    });
    return { counts: builder.output(builder.setBolt("check", check, { parallelism: 2 }).shuffleGrouping(rows)) };
  },
);

/** Strings that are much longer than a batch should be. */
export const longStrings = defineTopology(
  import.meta.url,
  (builder, { unit, length }: { unit: string; length: number }) => {
    const items = builder.setSpout(
      "items",
      spout({
        output: Item,
        create: (_context, collector) => {
          let n = 0;
          return {
            nextTuple() {
              if (n === 10) return "exhausted";
              collector.emit([n++, unit.repeat(length)]);
              return undefined;
            },
          };
        },
      }),
    );
    const check = basicBolt({
      input: Item,
      output: Count,
      create: (context) => {
        let count = 0;
        return {
          execute(tuple) {
            if (tuple.text === unit.repeat(length)) count++;
          },
          onEnd: (collector) => collector.emit(["check", context.taskIndex, count, 0, 0]),
        };
      },
    });
    return { counts: builder.output(builder.setBolt("check", check, { parallelism: 2 }).shuffleGrouping(items)) };
  },
);

const Numbered = fields("way:string", "seq:int32");

/** Several producers into several consumers over several groupings: each consumer checks its order. */
export const ordered = defineTopology(import.meta.url, (builder, { tuples }: { tuples: number }) => {
  const numbers = builder.setSpout(
    "numbers",
    spout({
      output: { default: Numbered, side: Numbered },
      create: (_context, collector) => {
        let seq = 0;
        return {
          nextTuple() {
            if (seq === tuples) return "exhausted";
            collector.emit(["default", seq]);
            if (seq % 3 === 0) collector.emitTo("side", ["side", seq]);
            seq++;
            return undefined;
          },
        };
      },
    }),
    { parallelism: 3 },
  );
  const first = builder
    .setBolt("first", inOrder(), { parallelism: 3 })
    .shuffleGrouping(numbers)
    .allGrouping(numbers.stream("side"));
  return { counts: builder.output(secondLevel(builder, first)) };
});

function secondLevel(builder: TopologyBuilder, first: unknown) {
  const second = builder.setBolt("second", inOrder(), { parallelism: 4 });
  return second.fieldsGrouping(first as never, ["seq"] as never);
}

/** Fails when a tuple comes out of turn among those of its producing task and stream; numbers what it passes on. */
function inOrder() {
  return basicBolt({
    input: Numbered,
    output: { default: Numbered, unused: Numbered },
    create: () => {
      const last = new Map<string, number>();
      let seq = 0;
      return {
        execute(tuple, collector) {
          const way = `${tuple.$.sourceTask} ${tuple.$.sourceStream}`;
          const before = last.get(way) ?? -1;
          if (tuple.seq <= before) throw new Error(`${tuple.seq} came after ${before} from ${way}`);
          last.set(way, tuple.seq);
          collector.emit([tuple.way, seq++]);
        },
      };
    },
  });
}
