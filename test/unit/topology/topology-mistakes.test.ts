import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, fields, fromIterable, richBolt, TopologyBuilder } from "../../../src/index.ts";
import {
  build,
  Join,
  type LooseBuilder,
  lines,
  mistake,
  Order,
  Payment,
  pass,
  Reply,
  Sentence,
  source,
  split,
  Word,
  WordCount,
  words,
} from "./loose-builder.ts";

test("ids: duplicate, illegal, reserved", () => {
  mistake("TOPOLOGY_DUPLICATE_ID", /"lines"/, (b) => [source(b), source(b)]);
  mistake("TOPOLOGY_DUPLICATE_ID", /"lines"/, (b) => [source(b), b.setFeeder("lines", Word)]);
  for (const id of ["", "a b", "a/b", "../a", "__acker", "é", "x".repeat(200), 7, null, undefined]) {
    mistake("TOPOLOGY_ILLEGAL_ID", /component id/, (b) => b.setSpout(id, lines));
  }
  mistake("TOPOLOGY_ILLEGAL_ID", /stream id .*"__tick"/, (b) =>
    b.setBolt("x", basicBolt({ input: Sentence, output: { __tick: Word }, execute() {} })).shuffleGrouping(source(b)),
  );
  mistake("TOPOLOGY_ILLEGAL_ID", /input id "" *|input id is empty/, (b) =>
    b.setBolt("x", basicBolt({ input: { "": Sentence }, execute() {} })).shuffleGrouping(source(b)),
  );
  mistake("TOPOLOGY_ILLEGAL_ID", /"a b"/, (b) => ({ "a b": b.output(source(b)) }));
});

test("ids that every object has are no streams, inputs or ports", () => {
  mistake("TOPOLOGY_UNKNOWN_STREAM", /"constructor"/, (b) =>
    b.setBolt("x", split).shuffleGrouping(source(b).stream("constructor" as never)),
  );
  mistake("TOPOLOGY_UNKNOWN_INPUT", /"toString"/, (b) =>
    b.setBolt("x", split).shuffleGrouping(source(b), { as: "toString" }),
  );
  mistake("TOPOLOGY_UNKNOWN_SOURCE", /"constructor"/, (b) => [
    source(b),
    b.setBolt("x", split).shuffleGrouping("constructor"),
  ]);
});

test("unknown sources, streams, fields and inputs name what there is and what is near", () => {
  mistake(
    "TOPOLOGY_UNKNOWN_SOURCE",
    /"count" subscribes to "splt".*\n *declared: split, lines, count\n *remedy: +subscribe to "split", or declare/,
    (b) => {
      b.setBolt("split", split).shuffleGrouping(source(b));
      b.setBolt("count", WordCount).fieldsGrouping("splt", ["word"]);
    },
  );
  mistake("TOPOLOGY_UNKNOWN_SOURCE", /neither/, (b) => [source(b), b.setBolt("x", split).shuffleGrouping(undefined)]);
  mistake("TOPOLOGY_UNKNOWN_SOURCE", /neither/, (b) => b.output({ fields: Word }));
  mistake(
    "TOPOLOGY_UNKNOWN_SOURCE",
    /output "all" subscribes to "lnes"/,
    (b) => [source(b), { all: b.output("lnes") }][1],
  );
  const foreign = source(new TopologyBuilder() as unknown as LooseBuilder);
  mistake("TOPOLOGY_UNKNOWN_SOURCE", /handle of this topology/, (b) => [
    source(b),
    b.setBolt("x", split).shuffleGrouping(foreign),
  ]);
  mistake(
    "TOPOLOGY_UNKNOWN_STREAM",
    /streams: default, rare, replies\n *remedy: +subscribe to .stream\("rare"\)/,
    (b) => {
      const counts = b
        .setBolt("count", WordCount)
        .shuffleGrouping(b.setBolt("split", split).shuffleGrouping(source(b)));
      b.setBolt("x", WordCount).shuffleGrouping(counts.stream("rar"));
    },
  );
  mistake("TOPOLOGY_UNKNOWN_FIELD", /fields: sentence\n *remedy: +group by "sentence"/, (b) =>
    b.setBolt("x", split).fieldsGrouping(source(b), ["sentense"]),
  );
  mistake("TOPOLOGY_UNKNOWN_FIELD", /"b"/, (b) =>
    b.setBolt("x", split).partialKeyGrouping(source(b), ["sentence", "b"]),
  );
  mistake("TOPOLOGY_UNKNOWN_INPUT", /write \{ as: "orders" \}/, (b) =>
    b.setBolt("join", Join, { create: () => new Join("") }).shuffleGrouping(b.setFeeder("f", Order), { as: "order" }),
  );
  mistake("TOPOLOGY_UNKNOWN_INPUT", /does not say which input/, (b) =>
    b.setBolt("join", Join, { create: () => new Join("") }).shuffleGrouping(b.setFeeder("f", Order)),
  );
});

test("a key names at least one field, and each once", () => {
  for (const names of [undefined, [], "word", ["sentence", "sentence"], [1]]) {
    mistake("TOPOLOGY_NO_KEY", /fieldsGrouping of bolt "x"/, (b) =>
      b.setBolt("x", split).fieldsGrouping(source(b), names),
    );
    mistake("TOPOLOGY_NO_KEY", /partialKeyGrouping/, (b) =>
      b.setBolt("x", split).partialKeyGrouping(source(b), names),
    );
  }
});

test("a topology needs a source, and each bolt something that can reach it", () => {
  mistake("TOPOLOGY_NO_SPOUT", /no spout/, () => {});
  mistake("TOPOLOGY_NO_SPOUT", /declared: x/, (b) => b.setBolt("x", split).shuffleGrouping("x", { feedback: true }));
  mistake("TOPOLOGY_NO_INPUTS", /bolt "x" subscribes to nothing/, (b) => [source(b), b.setBolt("x", split)]);
  mistake("TOPOLOGY_NO_INPUTS", /only by feedback/, (b) => {
    source(b);
    b.setBolt("x", basicBolt({ input: Word, output: Word, execute() {} })).shuffleGrouping("x", { feedback: true });
  });
  mistake("TOPOLOGY_INPUT_NOT_FED", /"payments" of bolt "join"/, (b) => {
    const orders = b.setFeeder("orders", Order);
    b.setBolt("join", Join, { create: () => new Join("") }).shuffleGrouping(orders, { as: "orders" });
    return { orders };
  });
});

test("a cycle is named, and wants its feedback edge declared", () => {
  mistake("TOPOLOGY_UNDECLARED_CYCLE", /cycle: a → b → c → a\.\n.*the subscription of "a" to "c"/, (b) => {
    b.setBolt("a", pass).shuffleGrouping(words(b)).shuffleGrouping("c");
    b.setBolt("c", pass).shuffleGrouping("b");
    b.setBolt("b", pass).shuffleGrouping("a");
    b.setBolt("after", pass).shuffleGrouping("c");
  });
  mistake("TOPOLOGY_UNDECLARED_CYCLE", /cycle: a → a\./, (b) =>
    b.setBolt("a", pass).shuffleGrouping(words(b)).shuffleGrouping("a"),
  );
  const spec = build((b) => {
    b.setBolt("a", pass)
      .shuffleGrouping(words(b))
      .shuffleGrouping("c", { feedback: true })
      .allGrouping("a", { feedback: true });
    b.setBolt("b", pass).shuffleGrouping("a");
    b.setBolt("c", pass).shuffleGrouping("b");
  });
  assert.deepEqual(
    spec.components[0]!.subscriptions.map(({ feedback }) => feedback),
    [false, true, true],
  );
});

test("a feedback mark that closes no cycle is a mistake", () => {
  mistake("TOPOLOGY_FEEDBACK_WITHOUT_CYCLE", /"b" to "words"/, (b) => {
    const from = words(b);
    b.setBolt("a", pass).shuffleGrouping(from);
    b.setBolt("b", pass).shuffleGrouping("a").shuffleGrouping(from, { feedback: true });
  });
});

test("parallelism is a whole number of tasks, within reason", () => {
  for (const parallelism of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_001, "2", "max", null]) {
    mistake("TOPOLOGY_BAD_PARALLELISM", /"lines"/, (b) => b.setSpout("lines", lines, { parallelism }));
  }
  build((b) => b.setSpout("lines", lines, { parallelism: 1_000 }) && undefined);
});

test("settings that do not exist are refused", () => {
  mistake("TOPOLOGY_BAD_SETTING", /write "parallelism"/, (b) => b.setSpout("lines", lines, { paralelism: 2 }));
  mistake("TOPOLOGY_BAD_SETTING", /no setting "feedbak"/, (b) =>
    b.setBolt("x", split).shuffleGrouping(source(b), { feedbak: true }),
  );
  mistake("TOPOLOGY_BAD_SETTING", /no boolean/, (b) =>
    b.setBolt("x", split).shuffleGrouping(source(b), { feedback: 1 }),
  );
  mistake("TOPOLOGY_BAD_SETTING", /no object/, (b) => b.setSpout("lines", lines, 3));
  mistake("TOPOLOGY_BAD_SETTING", /no function/, (b) => b.setSpout("lines", lines, { create: new WordCount() }));
  mistake("TOPOLOGY_BAD_SETTING", /no factory/, (b) => b.setBolt("x", split).customGrouping(source(b), {}));
  mistake("TOPOLOGY_BAD_SETTING", /no fields/, (b) => b.setFeeder("x", ["word:string"]));
});

test("direct groupings and direct streams belong together", () => {
  mistake("TOPOLOGY_DIRECT_MISMATCH", /which is not direct/, (b) => b.setBolt("x", split).directGrouping(source(b)));
  mistake("TOPOLOGY_DIRECT_MISMATCH", /by shuffle grouping .*which is direct/, (b) => {
    const counts = b.setBolt("count", WordCount).shuffleGrouping(words(b));
    b.setBolt("x", basicBolt({ input: Reply, execute() {} })).shuffleGrouping(counts.stream("replies"));
  });
});

test("the same stream comes into an input once, into two inputs if wanted", () => {
  mistake("TOPOLOGY_DUPLICATE_SUBSCRIPTION", /twice to stream "default" of "lines"/, (b) => {
    const from = source(b);
    b.setBolt("x", split).shuffleGrouping(from).allGrouping("lines");
  });
  build((b) => {
    const orders = b.setFeeder("orders", Order);
    const both = richBolt({ input: { left: Order, right: Order }, execute() {} });
    b.setBolt("x", both).shuffleGrouping(orders, { as: "left" }).shuffleGrouping(orders, { as: "right" });
    return { orders };
  });
});

test("a stream carries what its input reads, in a type that fits", () => {
  const sink = (...specs: string[]) => basicBolt({ input: fields(...specs), execute() {} });
  const Wide = fields("a:int32", "b:string?", "c:int64");
  const feed = (b: LooseBuilder) =>
    b.setSpout(
      "f",
      fromIterable(Wide, () => []),
    );
  mistake(
    "TOPOLOGY_FIELD_MISMATCH",
    /reads the field "bb" .*\n *stream: +a:int32, b:string\?, c:int64\n.*\n *remedy: +read "b"/,
    (b) => b.setBolt("x", sink("bb:string?")).shuffleGrouping(feed(b)),
  );
  for (const field of ["a:string", "b:string", "c:float64", "c:int32", "a:bool"]) {
    mistake("TOPOLOGY_FIELD_MISMATCH", /which carries/, (b) => b.setBolt("x", sink(field)).shuffleGrouping(feed(b)));
  }
  build((b) => {
    b.setBolt("x", sink("a:float64", "b", "c:int64?")).shuffleGrouping(feed(b));
  });
});

test("fields-grouped inputs of one bolt agree in the types of their keys", () => {
  const grouped = (key: string[]) => (b: LooseBuilder) => {
    const orders = b.setFeeder("orders", Order);
    const payments = b.setFeeder("payments", Payment);
    b.setBolt("join", Join, { create: () => new Join("") })
      .fieldsGrouping(orders, ["sku"], { as: "orders" })
      .fieldsGrouping(payments, key, { as: "payments" });
    return { orders, payments };
  };
  build(grouped(["sku"]));
  mistake("TOPOLOGY_KEY_TYPES_DIFFER", /"orders" by string\n.*"payments" by int64/, grouped(["cents"]));
  mistake("TOPOLOGY_KEY_TYPES_DIFFER", /string, int64/, grouped(["sku", "cents"]));
});
