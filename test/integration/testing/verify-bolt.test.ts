/**
 * Goal:   verifyBolt lets good bolts pass, and names what is wrong with bad ones.
 * Method: a good bolt of each kind; then one bolt per fault, which differs from a good one in that fault alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  BasicBolt,
  type BasicCollector,
  basicBolt,
  direct,
  EngineError,
  type ErrorCode,
  fields,
  type OutputCollector,
  RichBolt,
  richBolt,
  spout,
  type Tuple,
} from "../../../src/index.ts";
import { verifyBolt } from "../../../src/testing/index.ts";

const Sentence = fields("sentence:string");
const Word = fields("word:string");
const Count = fields("word:string", "count:int32");
const Thing = fields("thing");
const Order = fields("id:int32", "sku:string");
const Payment = fields("id:int32", "cents:int32");

const split = basicBolt({
  input: Sentence,
  output: Word,
  execute: ({ sentence }, collector) => {
    for (const word of sentence.split(" ")) collector.emit([word]);
  },
});

async function rejectsWith(
  code: ErrorCode,
  verified: Promise<void>,
  ...parts: readonly RegExp[]
): Promise<EngineError> {
  let found: unknown = null;
  await verified.catch((error: unknown) => {
    found = error;
  });
  assert.ok(
    found instanceof EngineError,
    `nothing was found, or something else than a coded error: ${String(found)}`,
  );
  assert.equal(found.code, code, found.stack);
  for (const part of parts) assert.match(found.message, part);
  return found;
}

test("a bolt that emits several tuples for one passes, and a difference is shown row by row", async () => {
  await verifyBolt(split, { input: [["a b"], ["c"]], output: [["a"], ["b"], ["c"]] });
  await verifyBolt(split, { input: [], output: [] });
  await verifyBolt(split, { input: [["a b"]] });
  await verifyBolt(split, { input: [["a b"]], output: [["b"], ["a"]], order: "any" });
  await rejectsWith(
    "VERIFY_OUTPUT_DIFFERS",
    verifyBolt(split, { input: [["a b c d e f"]], output: [["a"], ["b"], ["c"], ["d"], ["x"], ["f"]] }),
    /\.\.\. 2 equal rows/,
    /- \[ 'x' \]\n\s*\+ \[ 'e' \]/,
    /stream "default"/,
    /one row per batch/,
  );
  await rejectsWith(
    "VERIFY_OUTPUT_DIFFERS",
    verifyBolt(split, { input: [["a a b"]], output: [["a"], ["b"], ["b"]], order: "any" }),
    /- \[ 'b' \]\n\s*\+ \[ 'a' \]/,
  );
});

test("state, last emits and constructors with arguments are no obstacle", async () => {
  class CountWords extends BasicBolt({ input: Word, output: Count }) {
    readonly #from: number;
    readonly #counts = new Map<string, number>();

    constructor(from: number) {
      super();
      this.#from = from;
    }

    execute({ word }: Tuple<typeof Word>) {
      this.#counts.set(word, (this.#counts.get(word) ?? this.#from) + 1);
    }

    override onEnd(collector: BasicCollector<typeof Count>) {
      for (const [word, count] of this.#counts) collector.emit([word, count]);
    }
  }
  await verifyBolt(CountWords, {
    create: () => new CountWords(10),
    input: [["to"], ["be"], ["to"]],
    output: [
      ["to", 12],
      ["be", 11],
    ],
  });
  const only = new CountWords(0);
  await rejectsWith("VERIFY_INSTANCE_SHARED", verifyBolt(CountWords, { create: () => only, input: [["to"]] }));
});

test("several inputs are fed in the order of the case, and several streams are compared each by itself", async () => {
  const join = basicBolt({
    input: { orders: Order, payments: Payment },
    output: { default: fields("sku:string", "cents:int32"), unpaid: Order },
    create: () => {
      const open = new Map<number, string>();
      return {
        execute(tuple, collector) {
          if (tuple.$input === "orders") open.set(tuple.id, tuple.sku);
          else {
            collector.emit([open.get(tuple.id) ?? "?", tuple.cents]);
            open.delete(tuple.id);
          }
        },
        onEnd(collector) {
          for (const [id, sku] of open) collector.emitTo("unpaid", [id, sku]);
        },
      };
    },
  });
  const input = {
    orders: [
      [1, "tea"],
      [2, "oil"],
      [3, "rye"],
    ],
    payments: [[3, 250]],
  } as const;
  await verifyBolt(join, {
    input,
    output: {
      default: [["rye", 250]],
      unpaid: [
        [1, "tea"],
        [2, "oil"],
      ],
    },
  });
  await rejectsWith("VERIFY_OUTPUT_DIFFERS", verifyBolt(join, { input, output: [["rye", 250]] }), /stream "unpaid"/);
  await verifyBolt(join, { input: { payments: [[7, 1]] }, output: [["?", 1]] });
});

test("rows come each in a batch of its own, and all in one", async () => {
  const batchesOf: Set<unknown>[] = [];
  const look = basicBolt({
    input: Word,
    create: () => {
      const batches = new Set<unknown>();
      batchesOf.push(batches);
      return { execute: (tuple) => void batches.add((tuple as unknown as { readonly $batch: unknown }).$batch) };
    },
  });
  await verifyBolt(look, { input: [["a"], ["b"], ["c"], ["d"]] });
  assert.deepEqual(
    batchesOf.map(({ size }) => size),
    [4, 4, 1, 4, 1],
  );
});

test("asynchronous bolts are waited for", async () => {
  const slow = basicBolt({
    input: Word,
    output: Word,
    concurrency: 3,
    async execute({ word }, collector) {
      await nextTurn();
      collector.emit([word]);
    },
  });
  await verifyBolt(slow, { input: [["a"], ["b"], ["c"], ["d"]], output: [["a"], ["b"], ["c"], ["d"]] });
});

test("direct streams go to a reader whose tasks the bolt can ask for", async () => {
  const answer = basicBolt({
    input: Word,
    output: { replies: direct(Word) },
    create: (context) => ({
      execute: ({ word }, collector) =>
        collector.emitDirect("replies", context.tasksOf("clients")[0]!, [word.toUpperCase()]),
    }),
  });
  await verifyBolt(answer, { input: [["a"]], output: { replies: [["A"]] }, readers: { replies: "clients" } });
});

test("what a hook throws is told with the input that made it", async () => {
  const picky = (isAsync: boolean) =>
    basicBolt({
      input: Word,
      execute: ({ word }) => {
        const error = new Error("not this word");
        if (word === "bad" && isAsync) return Promise.reject(error);
        if (word === "bad") throw error;
        return undefined;
      },
    });
  for (const isAsync of [false, true]) {
    const verified = verifyBolt(picky(isAsync), { input: [["good"], ["bad"], ["good"]] });
    const error = await rejectsWith("VERIFY_HOOK_FAILED", verified, /execute/, /'bad'/, /not this word/);
    assert.equal((error.cause as Error).message, "not this word");
  }
  const late = basicBolt({
    input: Word,
    execute() {},
    onFlush() {
      throw new Error("at the flush");
    },
  });
  await rejectsWith("VERIFY_HOOK_FAILED", verifyBolt(late, { input: [["a"]] }), /onFlush/, /at the flush/);
  const never = basicBolt({
    input: Word,
    create: () => {
      throw new Error("in create");
    },
  });
  await rejectsWith("VERIFY_HOOK_FAILED", verifyBolt(never, { input: [["a"]] }), /prepare/, /in create/);
});

test("state that outlives its instance is found", async () => {
  const counts = new Map<string, number>();
  const leaky = basicBolt({
    input: Word,
    output: Count,
    execute({ word }, collector) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      collector.emit([word, counts.get(word)!]);
    },
  });
  await rejectsWith(
    "VERIFY_LEAKED",
    verifyBolt(leaky, { input: [["a"]], output: [["a", 1]] }),
    /- \[ 'a', 1 \]\n\s*\+ \[ 'a', 2 \]/,
  );
});

test("values that are changed after their emit, or after their receipt, are found", async () => {
  const changesEmitted = basicBolt({
    input: Thing,
    output: Thing,
    execute(_tuple, collector) {
      const thing = { parts: [1] };
      collector.emit([thing]);
      thing.parts.push(2);
    },
  });
  await rejectsWith("VERIFY_VALUE_CHANGED", verifyBolt(changesEmitted, { input: [[1]] }), /field "thing"/);
  const changesReceived = basicBolt({
    input: Thing,
    execute({ thing }) {
      (thing as number[]).push(2);
    },
  });
  await rejectsWith(
    "VERIFY_INPUT_CHANGED",
    verifyBolt(changesReceived, { input: [[[1]]] }),
    /field "thing"/,
    /\[ 1, 2 \]/,
  );
});

test("cleanup is the engine's to call", async () => {
  const cleansTwice = class extends BasicBolt({ input: Word }) {
    execute() {}

    override onEnd() {
      return this.cleanup();
    }

    override async cleanup() {}
  };
  await rejectsWith("VERIFY_CLEANUP", verifyBolt(cleansTwice, { input: [["a"]] }), /2 times/);
  await verifyBolt(basicBolt({ input: Word, create: () => ({ execute() {}, cleanup() {} }) }), { input: [["a"]] });
});

test("a rich bolt that anchors and acks passes: at once, in onFlush, or failing what it must", async () => {
  class Enrich extends RichBolt({ input: Word, output: Count }) {
    execute(tuple: Tuple<typeof Word>) {
      if (tuple.word === "") return this.collector.fail(tuple, new Error("empty"));
      this.collector.emit(tuple, [tuple.word, tuple.word.length]);
      return this.collector.ack(tuple);
    }
  }
  await verifyBolt(Enrich, {
    input: [["ab"], [""], ["c"]],
    output: [
      ["ab", 2],
      ["c", 1],
    ],
    failed: [[""]],
  });
  await rejectsWith(
    "VERIFY_OUTPUT_DIFFERS",
    verifyBolt(Enrich, { input: [["ab"], [""]], failed: [] }),
    /\+ \[ '' \]/,
  );
  const pairs = richBolt({
    input: Word,
    output: Count,
    create: (_context, collector) => {
      let held: Tuple<typeof Word>[] = [];
      const letGo = () => {
        if (held.length > 0) collector.emit(held, [held.map(({ word }) => word).join("+"), held.length]);
        for (const tuple of held) collector.ack(tuple);
        held = [];
      };
      return {
        execute(tuple) {
          held.push(tuple);
          if (held.length === 2) letGo();
        },
        onFlush: letGo,
      };
    },
  });
  await verifyBolt(pairs, {
    input: [["a"], ["b"], ["c"]],
    output: [
      ["a+b", 2],
      ["c", 1],
    ],
  });
});

/** A rich bolt that only does this with each tuple. */
function rich(execute: (tuple: Tuple<typeof Word>, collector: OutputCollector<typeof Word>) => void) {
  return richBolt({ input: Word, output: Word, execute });
}

test("a rich bolt's sins are found, each by its name", async () => {
  const input = [["a"], ["b"]] as const;
  const forgets = rich((tuple, collector) => {
    if (tuple.word === "a") collector.ack(tuple);
  });
  await rejectsWith("VERIFY_NOT_SETTLED", verifyBolt(forgets, { input }), /1 of the 2/, /default \[ 'b' \]/);
  const twice = rich((tuple, collector) => {
    collector.ack(tuple);
    collector.fail(tuple);
  });
  const error = await rejectsWith(
    "VERIFY_SETTLED_TWICE",
    verifyBolt(twice, { input }),
    /failed a tuple .* already acked/,
  );
  assert.match(error.stack ?? "", /verify-bolt\.test\.[jt]s/, "the stack does not show the call");
  const late = rich((tuple, collector) => {
    collector.ack(tuple);
    collector.emit(tuple, [tuple.word]);
  });
  await rejectsWith("VERIFY_BAD_ANCHOR", verifyBolt(late, { input }), /one that it has acked/);
  const foreign = rich((tuple, collector) => {
    collector.emit([tuple, { ...tuple }], [tuple.word]);
    collector.ack(tuple);
  });
  await rejectsWith("VERIFY_BAD_ANCHOR", verifyBolt(foreign, { input }), /never received/);
  for (const anchorless of [
    rich((tuple, collector) => {
      collector.emitUnanchored([tuple.word]);
      collector.ack(tuple);
    }),
    rich((tuple, collector) => {
      collector.emit([], [tuple.word]);
      collector.ack(tuple);
    }),
  ]) {
    await rejectsWith("VERIFY_BAD_ANCHOR", verifyBolt(anchorless, { input }), /without an anchor/);
    await verifyBolt(anchorless, { input, output: [["a"], ["b"]], allowUnanchored: true });
  }
  const atTheEndOnly = richBolt({
    input: Word,
    create: (_context, collector) => {
      const held: Tuple<typeof Word>[] = [];
      return {
        execute: (tuple) => void held.push(tuple),
        onEnd() {
          for (const tuple of held) collector.ack(tuple);
        },
      };
    },
  });
  await rejectsWith("VERIFY_NOT_SETTLED", verifyBolt(atTheEndOnly, { input }), /drained/);
});

test("a case that does not fit its bolt is refused with what there is", async () => {
  const loose = (bolt: unknown, given: unknown) => verifyBolt(bolt as typeof split, given as { input: [] });
  await rejectsWith("VERIFY_BAD_CASE", loose(split, { input: [[1]] }), /not a string/);
  await rejectsWith("VERIFY_BAD_CASE", loose(split, { input: { defualt: [] } }), /write "default"/);
  await rejectsWith("VERIFY_BAD_CASE", loose(split, { input: [], output: { words: [] } }), /words/);
  await rejectsWith("VERIFY_BAD_CASE", loose(split, { input: ["a"] }), /list of lists/);
  await rejectsWith("VERIFY_BAD_CASE", loose(split, {}), /no input/);
  await rejectsWith("VERIFY_BAD_CASE", loose(split, { input: [], failed: [["a"]] }), /basic/);
  const source = spout({ output: Word, nextTuple: () => "exhausted" as const });
  await rejectsWith("VERIFY_BAD_CASE", loose(source, { input: [] }), /spout/);
  await rejectsWith("COMPONENT_NOT_A_COMPONENT", loose({}, { input: [] }));
});
