import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { evaluateBar, evaluateBars } from "../../../native-free-bench/harness/bar.ts";
import { benchmark } from "../../../native-free-bench/harness/benchmark.ts";
import { BEGIN, END, withGeneratedPart } from "../../../native-free-bench/harness/result-markdown.ts";
import { formatValue } from "../../../native-free-bench/harness/result-table.ts";
import { runBenchmark } from "../../../native-free-bench/harness/run-benchmark.ts";
import { median, quantile } from "../../../native-free-bench/harness/statistics.ts";
import { composePage } from "../../../native-free-bench/harness/write-page.ts";
import { expectedStringChecksum, foldString, verifyHop } from "../../../native-free-bench/input/content-checksum.ts";
import {
  STRINGS_NON_ASCII,
  STRINGS_REPEATED,
  STRINGS_UNIQUE,
  stringSource,
} from "../../../native-free-bench/input/string-source.ts";
import { countOnePass, verifyWordCounts, zipfLines } from "../../../native-free-bench/input/zipf-lines.ts";
import { newSlotRing, SlotConsumer, SlotProducer } from "../../../native-free-bench/reference/slot-ring.ts";
import { StringBatchProducer, tryReadStringBatch } from "../../../native-free-bench/reference/string-batches.ts";

test("medians and quantiles are those of the sorted values", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([5, 1, 4, 2, 3], 0.9), 5);
  assert.equal(quantile([5, 1, 4, 2, 3], 0.5), 3);
});

test("a ratio bar compares medians and shows the range of the rounds", () => {
  const runs = { ours: [10, 30, 20], reference: [40, 40, 50] };
  const bar = { kind: "ratio", of: "ours", over: "reference", limit: { atLeast: 0.5 } } as const;
  assert.deepEqual(evaluateBar(bar, runs), {
    title: "ours / reference",
    target: ">= 0.5",
    value: 0.5,
    low: 0.25,
    high: 0.75,
    met: true,
  });
  assert.equal(evaluateBar({ ...bar, limit: { atLeast: 0.51 } }, runs).met, false);
});

test("value, excess and spread bars", () => {
  const runs = { a: [100, 110], b: [90, 80] };
  assert.equal(evaluateBar({ kind: "value", of: "a", limit: { atMost: 105 } }, runs).met, true);
  assert.equal(evaluateBar({ kind: "excess", of: "a", above: "b", limit: { atMost: 19 } }, runs).met, false);
  assert.equal(evaluateBar({ kind: "spread", among: ["a", "b"], limit: { atLeast: 0.8 } }, runs).value, 85 / 105);
});

test("a bar can judge a figure that is told beside the value", () => {
  const measured = {
    ours: [{ value: 1, detail: { cores: 0.5 } }],
    rival: [{ value: 1, detail: { cores: 2 } }],
    silent: [{ value: 1 }],
  };
  const bar = { kind: "ratio", of: "ours", over: "rival", figure: "cores", limit: { atMost: 0.5 } } as const;
  const [result] = evaluateBars([bar], measured);
  assert.equal(result?.value, 0.25);
  assert.equal(result?.title, "cores: ours / rival");
  assert.throws(() => evaluateBars([{ ...bar, over: "silent" }], measured), /silent does not tell its cores/);
});

test("a bar over a side that was skipped is left out", () => {
  const bar = { kind: "ratio", of: "ours", over: "absent", limit: { atLeast: 1 } } as const;
  assert.deepEqual(evaluateBars([bar], { ours: [{ value: 1 }] }), []);
});

test("a rival's rounds below half of its best do not count where the bar says so", () => {
  const runs = { ours: [30, 30, 10], rival: [10, 4, 10] };
  const bar = { kind: "ratio", of: "ours", over: "rival", limit: { atLeast: 3 } } as const;
  const { value, low, high } = evaluateBar({ ...bar, withoutSlowHalf: true }, runs);
  assert.deepEqual([value, low, high], [3, 1, 3]);
  assert.deepEqual(evaluateBar(bar, runs).high, 7.5);
});

test("figures keep three digits", () => {
  assert.deepEqual([0.06789, 12.345, 999.6, 1_234, 44_712, 1_500_000, 59_960_000].map(formatValue), [
    "0.0679",
    "12.3",
    "1000",
    "1234",
    "44.7k",
    "1.50M",
    "60.0M",
  ]);
});

test("the generated part of a page replaces the one before and nothing else", () => {
  const page = ["a", BEGIN, "old", END, "b", ""].join("\n");
  const changed = withGeneratedPart(page, "new\n");
  assert.ok(
    changed.startsWith("a\n") && changed.endsWith("-->\nb\n") && changed.includes("new") && !changed.includes("old"),
  );
  assert.equal(withGeneratedPart(changed, "new\n"), changed);
  assert.throws(() => withGeneratedPart("no markers", "new"), /lacks its markers/);
});

test("docs/BENCHMARKS.md and its chart show the results that are in the tree", () => {
  const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");
  const { text, chart } = composePage(root, { mixed: false });
  const remedy = "run npm run bench:report";
  assert.equal(readFileSync(path.join(root, "docs", "BENCHMARKS.md"), "utf8"), text, remedy);
  assert.equal(readFileSync(path.join(root, "docs", "benchmarks.svg"), "utf8"), chart, remedy);
});

test("the strings are what the shapes say", () => {
  const draw = (kind: number, count: number) => {
    const source = stringSource(kind);
    return Array.from({ length: count }, () => source.next());
  };
  const [repeated, unique, mixed] = [
    draw(STRINGS_REPEATED, 50_000),
    draw(STRINGS_UNIQUE, 50_000),
    draw(STRINGS_NON_ASCII, 50_000),
  ];
  assert.equal(new Set(repeated).size, 1_024);
  assert.ok(repeated.every((text) => /^[a-z]{10}$/.test(text)));
  assert.equal(new Set(unique).size, unique.length);
  assert.equal(new Set(mixed).size, 1_024);
  assert.ok(mixed.every((text) => text.length === 10));
  assert.ok(mixed.filter((text) => Buffer.byteLength(text) > text.length).length > 49_000);
});

test("the checksum notices a swapped, a lost and a changed string", () => {
  const fold = (...texts: string[]) => texts.reduce(foldString, 0);
  const right = fold("storm", "cell", "bolt");
  assert.notEqual(fold("cell", "storm", "bolt"), right);
  assert.notEqual(fold("storm", "cell"), right);
  assert.notEqual(fold("storm", "cexl", "bolt"), right);
  assert.throws(() => verifyHop("hop", { tuples: 9, checksum: 1 }, 10, 1), /9 tuples arrived of 10/);
  assert.throws(() => verifyHop("hop", { tuples: 10, checksum: 2 }, 10, 1), /checksum 2/);
  assert.equal(expectedStringChecksum(STRINGS_REPEATED, 0), 0);
});

test("word counts are checked word by word", () => {
  const once = countOnePass(zipfLines());
  const twice = new Map([...once].map(([word, count]) => [word, 2 * count]));
  verifyWordCounts("two passes", twice, 2);
  const [word] = twice.keys();
  assert.throws(() => verifyWordCounts("planted", new Map(twice).set(word!, 1), 2), /counted 1 times/);
  assert.throws(() => verifyWordCounts("planted", new Map([...twice].slice(1)), 2), /different words/);
});

test("the reference carries any string: empty, long, not ASCII, lone surrogates", () => {
  const memory = newSlotRing();
  const [producer, ring] = [new StringBatchProducer(new SlotProducer(memory)), new SlotConsumer(memory)];
  const sent = ["", "plain", "é", "日本", "\ud800", "x".repeat(20_000), "😀", "", "plain again", "\udc00\ud800"];
  const received: string[] = [];
  const receive = () => {
    for (let batch = tryReadStringBatch(ring); batch !== null; batch = tryReadStringBatch(ring)) {
      let start = 0;
      for (let row = 0; row < batch.count; row++) {
        const end = ring.views.int32[batch.endsIndex + row]!;
        received.push(batch.text.substring(start, end));
        start = end;
      }
      ring.release();
    }
  };
  for (const text of sent) {
    assert.ok(producer.tryAppend(text));
    producer.publish();
    receive();
  }
  for (const text of [...sent, ...sent]) while (!producer.tryAppend(text)) receive();
  producer.publish();
  receive();
  assert.deepEqual(received, [...sent, ...sent, ...sent]);
  assert.throws(() => producer.tryAppend("x".repeat(70_000)), /does not fit/);
});

test("a side that fails in its process fails the benchmark, with the reason", async () => {
  const { microRing } = await import("../../../native-free-bench/micro/ring.ts");
  const planted = { ...microRing, sideTitles: { absent: "a side that the child does not find" } };
  await assert.rejects(
    runBenchmark(planted, { size: "smoke", runs: 1 }),
    /micro-ring, side absent: .*no side "absent"/,
  );
});

test("sides take turns, and the order turns round every second round", async () => {
  const { microRing } = await import("../../../native-free-bench/micro/ring.ts");
  const order: string[] = [];
  const result = await runBenchmark(microRing, { size: "smoke", runs: 2, onProcess: (sides) => order.push(sides) });
  assert.deepEqual(order, ["short, long", "long, short"]);
  assert.equal(result.sides.long?.runs.length, 2);
});

test("a benchmark asks its sides whether they can run", async () => {
  const run = async () => ({ value: 1 });
  const asked = benchmark({
    name: "asked",
    question: "?",
    unit: "1",
    coresNeeded: 1,
    params: { smoke: {}, full: {} },
    sides: {
      always: { title: "always", run },
      never: { title: "never", run, skipReason: async (size) => `not at ${size} size` },
    },
    bars: [],
  });
  assert.equal(await asked.skipReason("always", "full"), null);
  assert.equal(await asked.skipReason("never", "full"), "not at full size");
});
