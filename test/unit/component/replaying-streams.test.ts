// What a replaying spout's source emits beside its rows: with an id it is a message like them, without one it is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  basicBolt,
  DeadLetter,
  defineTopology,
  fields,
  replaying,
  type SpoutClass,
  spout,
  wrapSpout,
} from "../../../src/index.ts";
import { simulate } from "../../../src/testing/index.ts";

const N = fields("n:int32");
const Text = fields("text:string");
const Seen = fields("text:string", "attempt:int32");

/** What the source was told, in order: one simulation at a time. */
let told: string[] = [];

/** A row, a text with an id, a text without one. */
const source = spout({
  output: { default: N, texts: Text },
  create: (_context, collector) => {
    let call = 0;
    return {
      nextTuple() {
        call++;
        if (call === 1) collector.emit([1], "row");
        else if (call === 2) collector.emitTo("texts", ["tracked"], "text");
        else if (call === 3) collector.emitTo("texts", ["untracked"]);
        else return "exhausted";
        return undefined;
      },
      ack: (id) => void told.push(`ack ${String(id)}`),
      fail: (id) => void told.push(`fail ${String(id)}`),
    };
  },
});

interface Case {
  readonly failures: number;
  readonly isWrapped?: boolean;
}

const topology = defineTopology(import.meta.url, (builder, { failures, isWrapped }: Case) => {
  const plain = replaying(source, {
    retries: 3,
    backoff: { firstMs: 1 },
    id: ({ n }) => `n ${n}`,
    deadLetter: "dead",
  });
  const output = { default: N, texts: Text, dead: DeadLetter };
  const wrapped = wrapSpout(plain as never, { output, wrap: () => ({ emitting: ([n]) => [(n as number) * 10] }) });
  const spoutOf = (isWrapped === true ? wrapped : plain) as SpoutClass<typeof output, []>;
  const messages = builder.setSpout("source", spoutOf);
  const texts = basicBolt({
    input: Text,
    output: Seen,
    execute({ text, $ }, collector) {
      if (text === "tracked" && $.attempt <= failures) throw new Error("not yet");
      collector.emit([text, $.attempt]);
    },
  });
  builder.setBolt("rows", basicBolt({ input: N, execute: () => {} })).shuffleGrouping(messages.stream("default"));
  builder.setBolt("texts", texts).shuffleGrouping(messages.stream("texts"));
  builder
    .setBolt("dead", basicBolt({ input: DeadLetter, execute: () => {} }))
    .shuffleGrouping(messages.stream("dead"));
});

async function run(options: Case) {
  told = [];
  await using simulation = simulate(topology, { options });
  await simulation.completed();
  return {
    rows: simulation.executedBy("rows"),
    texts: simulation.emittedBy("texts").map(([text, attempt]) => `${text} ${attempt}`),
    dead: simulation.executedBy("dead"),
  };
}

test("what goes to another stream with an id comes again until it is acked, and its source is told", async () => {
  for (const isWrapped of [false, true]) {
    const { rows, texts, dead } = await run({ failures: 2, isWrapped });
    assert.deepEqual(rows, [[isWrapped ? 10 : 1]]);
    assert.deepEqual(texts.sort(), ["tracked 3", "untracked 0"]);
    assert.deepEqual(dead, []);
    assert.deepEqual(told.sort(), ["ack row", "ack text"]);
  }
});

test("what is given up of another stream has a dead letter, which its number names", async () => {
  const { texts, dead } = await run({ failures: 9 });
  assert.deepEqual(texts, ["untracked 0"]);
  assert.deepEqual(
    dead.map(([id, values, reason]) => [id, values, reason]),
    [[2, ["tracked"], "bolt"]],
  );
  assert.deepEqual(told.sort(), ["ack row", "fail text"]);
});
