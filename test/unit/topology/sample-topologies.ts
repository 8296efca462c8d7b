import assert from "node:assert/strict";
import type { ErrorCode } from "../../../src/base/error-catalog.ts";
import {
  BasicBolt,
  type BasicCollector,
  basicBolt,
  buildSpec,
  defineTopology,
  direct,
  EngineError,
  fields,
  fromIterable,
  RichBolt,
  type Topology,
  type TopologySpec,
  type Tuple,
} from "../../../src/index.ts";

export const Sentence = fields("sentence:string");
export const Word = fields("word:string");
export const Count = fields("word:string", "count:int32");
export const Order = fields("sku:string", "qty:int32");
export const Payment = fields("sku:string", "cents:int64");
export const Reply = fields("text:string");

export const lines = fromIterable(Sentence, () => [["a b"]]);
export const split = basicBolt({ input: Sentence, output: Word, execute() {} });
const CountOutputs = { default: Count, rare: Word, replies: direct(Reply) };

export class WordCount extends BasicBolt({ input: Word, output: CountOutputs, tickMs: 100, config: { flushMs: 3 } }) {
  execute(_tuple: Tuple<typeof Word>, _collector: BasicCollector<typeof CountOutputs>) {}
}

const JoinInputs = { orders: Order, payments: Payment };
export class Join extends RichBolt({ input: JoinInputs, output: Count }) {
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  execute(_tuple: Tuple<typeof JoinInputs>) {}
}

/** The types forbid most mistakes; programs in plain JavaScript make them all the same. */
// biome-ignore lint/suspicious/noExplicitAny: stands for untyped callers.
export type Untyped = any;

export function build(declare: (builder: Untyped, options: Untyped) => unknown, options: unknown = {}): TopologySpec {
  return buildSpec(defineTopology(import.meta.url, declare as Untyped) as Topology<unknown>, options);
}

/** What `declare` returns counts only when it is an object of ports: most of these end in a handle by chance. */
export function mistake(code: ErrorCode, text: RegExp, declare: (builder: Untyped) => unknown): void {
  mistakenReturn(code, text, (builder) => {
    const returned = declare(builder) as object | undefined;
    const isPorts = returned?.constructor === Object || returned instanceof Promise;
    return isPorts ? returned : undefined;
  });
}

export function mistakenReturn(code: ErrorCode, text: RegExp, declare: (builder: Untyped) => unknown): void {
  assert.throws(
    () => build(declare),
    (error: unknown) => {
      assert.ok(error instanceof EngineError, `not an EngineError: ${String(error)}`);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, text);
      return true;
    },
  );
}
