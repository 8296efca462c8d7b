import { basicBolt, defineTopology, direct, fields, spout } from "../../../../src/index.ts";

const Row2 = fields("count:int32", "name:string", "note:string?", "id:int64", "extra");
const Name = fields("name:string");

export type Behaviour =
  | "timer throws"
  | "timer throws null"
  | "unhandled rejection"
  | "process.exit"
  | "string for int32"
  | "float for int32"
  | "overflow of int32"
  | "overflow of int64"
  | "undefined"
  | "null"
  | "function in any"
  | "short row"
  | "no row"
  | "too large"
  | "overflow"
  | "unknown stream"
  | "direct to a stranger"
  | "direct on a plain stream"
  | "plain on a direct stream"
  | "nonsense number"
  | "nonsense bigint"
  | "nonsense promise"
  | "nonsense cycle";

const ROWS: Partial<Record<Behaviour, unknown>> = {
  "string for int32": ["1", "a", null, 1n, {}],
  "float for int32": [1.5, "a", null, 1n, {}],
  "overflow of int32": [2 ** 31, "a", null, 1n, {}],
  "overflow of int64": [1, "a", null, 2n ** 63n, {}],
  undefined: [1, undefined, null, 1n, {}],
  null: [1, null, null, 1n, {}],
  "function in any": [1, "a", null, 1n, { call() {} }],
  "short row": [1, "a"],
  "no row": "1,a",
  "too large": [1, "x".repeat(100_000), null, 1n, {}],
};

type Collector = {
  emit(values: unknown): void;
  emitTo(stream: string, values: unknown): void;
  emitDirect(stream: string, task: number, values: unknown): void;
};

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

/** What the spout's nextTuple does, with the types out of the way: programs may be plain JavaScript. */
function behave(behaviour: Behaviour, collector: Collector): unknown {
  if (behaviour in ROWS) collector.emit(ROWS[behaviour]);
  switch (behaviour) {
    case "timer throws":
      setTimeout(() => {
        throw new Error("thrown by a timer");
      });
      return "idle";
    case "timer throws null":
      setTimeout(() => {
        throw null;
      });
      return "idle";
    case "unhandled rejection":
      void Promise.reject(new Error("nobody handles this"));
      return "idle";
    case "process.exit":
      process.exit(3);
      break;
    case "overflow":
      for (let row = 0; row < 100_000; row++) collector.emit([row, "a long enough name", null, 1n, null]);
      break;
    case "unknown stream":
      collector.emitTo("replys", ["a"]);
      break;
    case "direct to a stranger":
      collector.emitDirect("replies", 99, ["a"]);
      break;
    case "direct on a plain stream":
      collector.emitDirect("default", 2, [1, "a", null, 1n, {}]);
      break;
    case "plain on a direct stream":
      collector.emitTo("replies", ["a"]);
      break;
    case "nonsense number":
      return 7;
    case "nonsense bigint":
      return 7n;
    case "nonsense promise":
      return Promise.resolve("finished");
    case "nonsense cycle":
      return cyclic;
  }
  return undefined;
}

/** A spout that does one wrong thing in nextTuple, and a slow bolt behind it. */
export const badBehaviour = defineTopology(import.meta.url, (builder, behaviour: Behaviour) => {
  const source = builder.setSpout(
    "source",
    spout({
      output: { default: Row2, replies: direct(Name) },
      create: (_context, collector) => {
        let calls = 0;
        return {
          nextTuple: () => (calls++ === 0 ? behave(behaviour, collector as unknown as Collector) : "idle") as "idle",
        };
      },
    }),
  );
  builder
    .setBolt("sink", basicBolt({ input: { rows: Row2, replies: Name }, execute: () => new Promise<void>(() => {}) }))
    .shuffleGrouping(source.stream("default"), { as: "rows" })
    .directGrouping(source.stream("replies"), { as: "replies" });
});

/** The same wrong row from a bolt, on a stream that nobody reads. */
export const badBolt = defineTopology(import.meta.url, (builder, behaviour: Behaviour) => {
  const source = builder.setSpout(
    "names",
    spout({ output: Name, create: (_context, collector) => nameOnce(collector) }),
  );
  builder
    .setBolt(
      "writer",
      basicBolt({
        input: Name,
        output: { rows: Row2 },
        execute(_tuple, collector) {
          collector.emitTo("rows", ROWS[behaviour] as [number, string, null, bigint, unknown]);
        },
      }),
    )
    .shuffleGrouping(source);
});

function nameOnce(collector: { emit(values: [string]): void }) {
  let emitted = false;
  return {
    nextTuple() {
      if (emitted) return "exhausted" as const;
      emitted = true;
      collector.emit(["a"]);
      return undefined;
    },
  };
}
