import assert from "node:assert/strict";
import { test } from "node:test";
import { componentCodeOf, declarationOf } from "../../../src/component/component-code.ts";
import type { BoltInstance, SpoutInstance } from "../../../src/component/component-hooks.ts";
import { installCollector } from "../../../src/component/install-collector.ts";
import {
  BasicBolt,
  basicBolt,
  direct,
  fields,
  type OutputCollector,
  RichBolt,
  richBolt,
  Spout,
  spout,
  type Tuple,
} from "../../../src/index.ts";

const Word = fields("word:string");
const Count = fields("word:string", "count:int32");

/** A task's life as the engine leads it, up to the first tuple. */
async function startBolt(component: unknown, collector: object, create?: () => object): Promise<BoltInstance> {
  const instance = componentCodeOf(component, create).create() as BoltInstance;
  installCollector(instance, collector);
  await instance.prepare?.({ taskId: 7 });
  return instance;
}

async function startSpout(component: unknown, collector: object): Promise<SpoutInstance> {
  const instance = componentCodeOf(component).create() as SpoutInstance;
  installCollector(instance, collector);
  await instance.open?.({ taskId: 7 }, { position: 40 });
  return instance;
}

function recorder() {
  const calls: unknown[][] = [];
  const record = (...call: unknown[]) => void calls.push(call);
  return { calls, emit: record, ack: (tuple: unknown) => record("ack", tuple) };
}

test("what a component declares is static", () => {
  class Bolt extends RichBolt({
    input: { a: Word, b: Count },
    output: { default: Count, replies: direct(Word) },
    tickMs: 50,
    concurrency: 4,
    config: { flushMs: 2 },
  }) {
    execute() {}
  }
  assert.deepEqual(declarationOf(Bolt), {
    style: "rich",
    inputs: { a: Word.columns, b: Count.columns },
    outputs: {
      default: { fields: Count.columns, direct: false },
      replies: { fields: Word.columns, direct: true },
    },
    config: { flushMs: 2, tickMs: 50, concurrency: 4 },
  });
  const quiet = basicBolt({ input: Word, execute() {} });
  assert.deepEqual(declarationOf(quiet), {
    style: "basic",
    inputs: { default: Word.columns },
    outputs: {},
    config: {},
  });
  const source = spout({ output: direct(Word), nextTuple: () => "idle" });
  assert.deepEqual(declarationOf(source), {
    style: "spout",
    inputs: {},
    outputs: { default: { fields: Word.columns, direct: true } },
    config: {},
  });
});

test("streams and inputs may have any legal name, also those of our own properties", () => {
  const bolt = basicBolt({
    input: { specs: Word, columns: Count },
    output: { kind: Word, fields: Count },
    execute() {},
  });
  assert.deepEqual(Object.keys(declarationOf(bolt).inputs), ["specs", "columns"]);
  assert.deepEqual(Object.keys(declarationOf(bolt).outputs), ["kind", "fields"]);
});

test("a schema that fields did not make is refused where it is written", () => {
  for (const input of [undefined, null, "word:string", ["word:string"], {}, { a: 1 }, { a: Word, b: null }]) {
    assert.throws(() => BasicBolt({ input: input as never }), { code: "COMPONENT_BAD_SCHEMA" });
    assert.throws(() => RichBolt({ input: input as never }), { code: "COMPONENT_BAD_SCHEMA" });
  }
  for (const output of [null, "word:string", ["word:string"], {}, { a: 1 }]) {
    assert.throws(() => Spout({ output: output as never }), { code: "COMPONENT_BAD_SCHEMA" });
    assert.throws(() => basicBolt({ input: Word, output: output as never, execute() {} }), {
      code: "COMPONENT_BAD_SCHEMA",
    });
  }
});

test("classes: rich bolts and spouts find their collector on this, basic ones get it as argument", async () => {
  class Echo extends RichBolt({ input: Word, output: Word }) {
    execute(tuple: Tuple<typeof Word>) {
      this.collector.emit(tuple, [tuple.word]);
      this.collector.ack(tuple);
    }
  }
  class Source extends Spout({ output: Count }) {
    #next = 0;
    override open(_context: unknown, { position }: { position: unknown }) {
      this.#next = position as number;
    }
    nextTuple() {
      this.collector.emit(["a", this.#next]);
    }
  }
  class Basic extends BasicBolt({ input: Word, output: Word }) {
    execute(tuple: Tuple<typeof Word>, collector: { emit(values: [string]): void }) {
      collector.emit([tuple.word]);
    }
  }
  const collector = recorder();
  const tuple = { word: "w" };
  (await startBolt(Echo, collector)).execute(tuple, collector);
  (await startSpout(Source, collector)).nextTuple(collector);
  (await startBolt(Basic, collector)).execute(tuple, collector);
  assert.deepEqual(collector.calls, [[tuple, ["w"]], ["ack", tuple], [["a", 40]], [["w"]]]);
});

test("a constructor that emits is told that it is too early", () => {
  class Hasty extends RichBolt({ input: Word, output: Word }) {
    constructor() {
      super();
      this.collector.emitUnanchored(["x"]);
    }
    execute() {}
  }
  assert.throws(() => componentCodeOf(Hasty).create(), {
    code: "COMPONENT_COLLECTOR_TOO_EARLY",
    message: /emitUnanchored/,
  });
});

test("functional bolts: hooks with `this`, an object of hooks per task, made at prepare", async () => {
  const made: object[] = [];
  const counter = basicBolt({
    input: Word,
    output: Count,
    create: (context) => {
      const hooks = {
        taskId: context.taskId,
        seen: 0,
        prepare() {
          this.seen = 100;
        },
        execute(tuple: Tuple<typeof Word>, collector: { emit(values: [string, number]): void }) {
          this.seen += 1;
          collector.emit([tuple.word, this.seen]);
        },
        onEnd(collector: { emit(values: [string, number]): void }) {
          collector.emit(["end", this.taskId]);
        },
      };
      made.push(hooks);
      return hooks;
    },
  });
  const [one, two] = [recorder(), recorder()];
  const first = await startBolt(counter, one);
  const second = await startBolt(counter, two);
  first.execute({ word: "a" }, one);
  first.execute({ word: "b" }, one);
  second.execute({ word: "c" }, two);
  first.onEnd?.(one);
  assert.deepEqual(one.calls, [[["a", 101]], [["b", 102]], [["end", 7]]]);
  assert.deepEqual(two.calls, [[["c", 101]]]);
  assert.equal(made.length, 2);
  assert.equal(first.onTick, undefined, "a hook that is not written does not exist");
});

test("functional rich bolts and spouts get their collector in create", async () => {
  const echo = richBolt({
    input: Word,
    output: Word,
    create: async (_context, collector: OutputCollector<typeof Word>) => ({
      execute(tuple) {
        collector.ack(tuple);
      },
    }),
  });
  const source = spout({
    output: Count,
    create: (_context, collector, { position }) => {
      let next = Number(position);
      return {
        nextTuple() {
          if (next === 42) return "exhausted";
          collector.emit(["a", next++]);
          return undefined;
        },
        ack: (id) => void collector.emit(["acked", Number(id)]),
      };
    },
  });
  const collector = recorder();
  (await startBolt(echo, collector)).execute("tuple", collector);
  const instance = await startSpout(source, collector);
  assert.deepEqual(
    [1, 2, 3].map(() => instance.nextTuple(collector)),
    [undefined, undefined, "exhausted"],
  );
  instance.ack?.(9, {});
  assert.deepEqual(collector.calls, [["ack", "tuple"], [["a", 40]], [["a", 41]], [["acked", 9]]]);
});

test("functional forms without the one hook they need are refused: at once, or when create has run", async () => {
  assert.throws(() => basicBolt({ input: Word } as never), { code: "COMPONENT_MISSING_HOOK", message: /execute/ });
  assert.throws(() => spout({ output: Word, execute() {} } as never), {
    code: "COMPONENT_MISSING_HOOK",
    message: /nextTuple/,
  });
  for (const hooks of [undefined, null, {}, { execute: 1 }]) {
    const bolt = richBolt({ input: Word, create: () => hooks as never });
    await assert.rejects(startBolt(bolt, {}), { code: "COMPONENT_MISSING_HOOK" });
  }
});

test("errors in create come through as they are", async () => {
  const failing = basicBolt({
    input: Word,
    create: () => {
      throw new RangeError("no port");
    },
  });
  await assert.rejects(startBolt(failing, {}), RangeError);
});

test("create has to make an instance of the component", async () => {
  class A extends RichBolt({ input: Word }) {
    execute() {}
  }
  class B extends A {}
  assert.ok((await startBolt(A, {}, () => new B())) instanceof B);
  for (const made of [undefined, null, {}, A, Promise.resolve(new A())]) {
    await assert.rejects(
      startBolt(A, {}, () => made as object),
      { code: "COMPONENT_WRONG_INSTANCE" },
    );
  }
});
