import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, RichBolt, TopologyBuilder } from "../../../src/index.ts";
import { validateTopology } from "../../../src/topology/validate-topology.ts";
import {
  build,
  Count,
  Join,
  type LooseBuilder,
  lines,
  mistake,
  mistakenReturn,
  Order,
  Payment,
  Reply,
  source,
  split,
  Word,
  WordCount,
} from "./loose-builder.ts";

test("a topology becomes plain data, with its code aside", () => {
  const spec = build(
    (builder, options) => {
      const sentences = builder.setSpout("lines", lines, { parallelism: "auto" });
      const words = builder.setBolt("split", split, { parallelism: 2 }).localOrShuffleGrouping(sentences);
      const counts = builder.setBolt("count", WordCount, { config: { tickMs: 7 } }).fieldsGrouping(words, ["word"]);
      const orders = builder.setFeeder("orders", Order);
      const payments = builder.setFeeder("payments", Payment);
      builder
        .setBolt("join", Join, { create: () => new Join(options.url) })
        .fieldsGrouping(orders, ["sku"], { as: "orders" })
        .partialKeyGrouping("payments", ["sku"], { as: "payments" });
      builder.setBolt("sink", basicBolt({ input: Reply, execute() {} })).directGrouping(counts.stream("replies"));
      return { orders, payments, counts: builder.output(counts) };
    },
    { url: "u" },
  );
  const byId = Object.fromEntries(spec.components.map((component) => [component.id, component]));
  assert.deepEqual(
    spec.components.map(({ id, kind, parallelism }) => `${id} ${kind} ${parallelism}`),
    [
      "lines spout auto",
      "split bolt 2",
      "count bolt 1",
      "orders feeder 1",
      "payments feeder 1",
      "join bolt 1",
      "sink bolt 1",
      "__output.counts output 1",
    ],
  );
  assert.deepEqual(byId.count!.config, { flushMs: 3, tickMs: 7 });
  assert.deepEqual(byId.count!.outputs, {
    default: { fields: Count.columns, direct: false },
    rare: { fields: Word.columns, direct: false },
    replies: { fields: Reply.columns, direct: true },
  });
  assert.deepEqual(byId.join!.inputs, { orders: Order.columns, payments: Payment.columns });
  assert.deepEqual(byId.join!.subscriptions, [
    {
      source: "orders",
      stream: "default",
      input: "orders",
      grouping: { kind: "fields", fields: ["sku"] },
      feedback: false,
    },
    {
      source: "payments",
      stream: "default",
      input: "payments",
      grouping: { kind: "partialKey", fields: ["sku"] },
      feedback: false,
    },
  ]);
  assert.equal((byId.join!.component!.create() as Join).url, "u");
  assert.equal(byId.join!.component!.style, "rich");
  assert.deepEqual(byId["__output.counts"]!.inputs, { default: Count.columns });
  assert.deepEqual(spec.outputPorts, { counts: "__output.counts" });
  assert.deepEqual(spec.feederPorts, { orders: "orders", payments: "payments" });
});

test("the builder function gets a copy of the options", () => {
  const options = { files: ["a"] };
  build((builder, copy) => {
    copy.files.push("b");
    builder.setSpout("lines", lines);
  }, options);
  assert.deepEqual(options, { files: ["a"] });
});

test("what is no component is refused, with a hint", () => {
  mistake("COMPONENT_NOT_A_COMPONENT", /give the class/, (b) => b.setBolt("x", new WordCount()));
  for (const value of [undefined, null, 3, "x", {}, Object.create(null), () => {}, class {}]) {
    mistake("COMPONENT_NOT_A_COMPONENT", /no spout and no bolt/, (b) => b.setBolt("x", value));
  }
  mistake("COMPONENT_NOT_A_COMPONENT", /setBolt\("x"/, (b) => b.setSpout("x", split));
  mistake("COMPONENT_NOT_A_COMPONENT", /setSpout\("x"/, (b) => b.setBolt("x", lines));
  mistake("COMPONENT_MISSING_HOOK", /has no execute/, (b) => b.setBolt("x", RichBolt({ input: Word })));
});

test("options are cloned, or refused", () => {
  const run = () => build(source, { log: () => {} });
  assert.throws(run, { code: "TOPOLOGY_OPTIONS_NOT_CLONEABLE" });
});

test("a builder function that throws or is async", async () => {
  mistake("TOPOLOGY_BUILDER_FAILED", /error: +no such thing/, () => {
    throw new Error("no such thing");
  });
  mistake("TOPOLOGY_BUILDER_ASYNC", /plain function/, async (b) => source(b));
  mistake("TOPOLOGY_BUILDER_ASYNC", /plain function/, async () => {
    throw new Error("told nowhere else"); // An unhandled rejection would fail this test run.
  });
  await new Promise((resolve) => setImmediate(resolve));
});

test("ports are this builder's own, and all of them are returned", () => {
  mistake("TOPOLOGY_ILLEGAL_PORT", /no port/, (b) => ({ words: source(b) }));
  mistakenReturn("TOPOLOGY_ILLEGAL_PORT", /no object of ports/, (b) => source(b));
  mistakenReturn("TOPOLOGY_ILLEGAL_PORT", /no object of ports/, (b) => b.output(source(b)));
  mistakenReturn("TOPOLOGY_ILLEGAL_PORT", /no object of ports/, (b) => [source(b), 3][1]);
  const other = new TopologyBuilder() as unknown as LooseBuilder;
  const foreign = other.output(source(other));
  mistake("TOPOLOGY_ILLEGAL_PORT", /"x"/, (b) => [source(b), { x: foreign }][1]);
  mistake("TOPOLOGY_ILLEGAL_PORT", /"x"/, (b) => [source(b), { x: other.setFeeder("f", Word) }][1]);
  mistake("TOPOLOGY_ILLEGAL_PORT", /another name/, (b) => {
    const port = b.output(source(b));
    return { one: port, two: port };
  });
  mistake("TOPOLOGY_PORT_NOT_RETURNED", /feeder "f"/, (b) => void b.setFeeder("f", Word));
  mistake("TOPOLOGY_PORT_NOT_RETURNED", /an output of stream "default" of "lines"/, (b) => void b.output(source(b)));
});

test("validation stands alone: a spec that no builder made is checked just the same", () => {
  const spec = build((b) => b.setBolt("split", split).shuffleGrouping(source(b)) && undefined);
  validateTopology(spec);
  const twice = { ...spec, components: [...spec.components, spec.components[0]!] };
  assert.throws(() => validateTopology(twice), { code: "TOPOLOGY_DUPLICATE_ID" });
  const zero = { ...spec, components: spec.components.map((component) => ({ ...component, parallelism: 0 })) };
  assert.throws(() => validateTopology(zero), { code: "TOPOLOGY_BAD_PARALLELISM" });
});
