import assert from "node:assert/strict";
import { test } from "node:test";
import {
  basicBolt,
  buildSpec,
  defineTopology,
  direct,
  fields,
  fromIterable,
  type TopologySpec,
} from "../../../src/index.ts";
import { declarationsOf, describeDifference, topologyHash } from "../../../src/topology/topology-hash.ts";

const Word = fields("word:string", "n:int32?");

interface Changes {
  readonly id?: string;
  readonly parallelism?: number | "auto";
  readonly field?: string;
  readonly key?: string[];
  readonly stream?: "replies" | "answers";
  readonly isDirect?: boolean;
  readonly tickMs?: number;
  readonly code?: () => void;
  readonly port?: string;
  readonly feedback?: boolean;
  readonly rich?: boolean;
}

function specWith(changes: Changes = {}): TopologySpec {
  const topology = defineTopology(import.meta.url, (builder) => {
    const input = fields("word:string", changes.field ?? "n:int32?");
    const output = { default: Word, [changes.stream ?? "replies"]: changes.isDirect === false ? Word : direct(Word) };
    const words = builder.setSpout(
      "words",
      fromIterable(Word, () => []),
      { parallelism: changes.parallelism ?? "auto" },
    );
    const count = basicBolt({ input, output, execute: changes.code ?? (() => {}) });
    const counts = builder
      .setBolt(changes.id ?? "count", count, { config: { tickMs: changes.tickMs ?? 5 } })
      .fieldsGrouping(words as never, changes.key ?? ["word"]);
    if (changes.feedback) counts.allGrouping(changes.id ?? "count", { feedback: true });
    return { [changes.port ?? "words"]: builder.output(words) };
  });
  return buildSpec(topology, undefined);
}

test("the same declarations give the same hash, whatever the code", () => {
  const hash = topologyHash(specWith());
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(topologyHash(specWith({ code: () => console.log("other code") })), hash);
  assert.deepEqual(describeDifference(specWith(), specWith({ code: () => {} })), []);
});

const differences: [Changes, RegExp][] = [
  [{ parallelism: 3 }, /^component "words", parallelism is auto in main and 3 in worker 1$/],
  [{ id: "counts" }, /^component "count" is declared in main only$/],
  [
    { field: "n:any?" },
    /^component "count", input "default" is \(word:string, n:int32\?\) in main and .*n:any\?\) in worker 1$/,
  ],
  [
    { key: ["n"] },
    /^component "count", subscription "words.default as default" is fields \["word"\] in main and fields \["n"\]/,
  ],
  [{ stream: "answers" }, /^component "count", stream "replies" is declared in main only$/],
  [{ isDirect: false }, /^component "count", stream "replies" is direct \(word.* in main and \(word/],
  [{ tickMs: 6 }, /^component "count", config "tickMs" is 5 in main and 6 in worker 1$/],
  [{ port: "all" }, /^component "__output.words" is declared in main only$/],
  [{ feedback: true }, /^component "count", subscription "count.default as default" is declared in worker 1 only$/],
];

test("every declaration counts, and each difference is told", () => {
  const ours = specWith();
  for (const [changes, text] of differences) {
    const theirs = specWith(changes);
    assert.notEqual(topologyHash(theirs), topologyHash(ours), JSON.stringify(changes));
    // Across threads only declarations travel.
    const received = structuredClone(declarationsOf(theirs));
    const told = describeDifference(ours, received, ["main", "worker 1"]);
    assert.match(told[0]!, text);
  }
});

test("the order of components counts: task ids follow it", () => {
  const spec = specWith();
  const turned = { ...spec, components: [...spec.components].reverse() };
  assert.notEqual(topologyHash(turned), topologyHash(spec));
  assert.deepEqual(describeDifference(spec, turned), [
    "order of components is words, count, __output.words in one and __output.words, count, words in the other",
  ]);
});

test("a feedback mark counts", () => {
  const spec = specWith({ feedback: true });
  const components = spec.components.map((component) => ({
    ...component,
    subscriptions: component.subscriptions.map((subscription) => ({ ...subscription, feedback: false })),
  }));
  assert.notEqual(topologyHash({ ...spec, components }), topologyHash(spec));
});

test("many differences are cut short", () => {
  const spec = specWith();
  const many = Array.from({ length: 30 }, (_, i) => ({ ...spec.components[0]!, id: `more-${i}` }));
  const told = describeDifference(spec, { ...spec, components: [...spec.components, ...many] });
  assert.equal(told.length, 11);
  assert.equal(told.at(-1), "and 21 more");
});
