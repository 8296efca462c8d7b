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
export const pass = basicBolt({ input: Word, output: Word, execute() {} });
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

/** A component's handle without types: they forbid most mistakes, and programs in plain JavaScript make them all. */
export interface LooseHandle {
  stream(name: unknown): unknown;
  shuffleGrouping(...given: unknown[]): LooseHandle;
  fieldsGrouping(...given: unknown[]): LooseHandle;
  partialKeyGrouping(...given: unknown[]): LooseHandle;
  allGrouping(...given: unknown[]): LooseHandle;
  directGrouping(...given: unknown[]): LooseHandle;
  localOrShuffleGrouping(...given: unknown[]): LooseHandle;
  customGrouping(...given: unknown[]): LooseHandle;
}

/** The builder without types. */
export interface LooseBuilder {
  setSpout(...given: unknown[]): LooseHandle;
  setBolt(...given: unknown[]): LooseHandle;
  setFeeder(...given: unknown[]): LooseHandle;
  output(...given: unknown[]): unknown;
}

export const source = (builder: LooseBuilder) => builder.setSpout("lines", lines);
export const words = (builder: LooseBuilder) =>
  builder.setSpout(
    "words",
    fromIterable(Word, () => [["a"]]),
  );

export function build<Opt>(declare: (builder: LooseBuilder, options: Opt) => unknown, options?: Opt): TopologySpec {
  const topology = defineTopology<Opt>(import.meta.url, declare as never) as Topology<Opt>;
  return buildSpec(topology, options as Opt);
}

/** What `declare` returns counts only when it is an object of ports: most of these end in a handle by chance. */
export function mistake(code: ErrorCode, text: RegExp, declare: (builder: LooseBuilder) => unknown): void {
  mistakenReturn(code, text, (builder) => {
    const returned = declare(builder) as object | undefined;
    const isPorts = returned?.constructor === Object || returned instanceof Promise;
    return isPorts ? returned : undefined;
  });
}

/** Builds, and demands an error of this code whose whole message looks like this. */
export function mistakenReturn(code: ErrorCode, text: RegExp, declare: (builder: LooseBuilder) => unknown): void {
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
