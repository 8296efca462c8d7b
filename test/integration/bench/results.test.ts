import assert from "node:assert/strict";
import { test } from "node:test";
import { BUSY_SHARE, judgeReadings } from "../../../native-free-bench/harness/calibration.ts";
import type { Machine } from "../../../native-free-bench/harness/machine.ts";
import { rateChart } from "../../../native-free-bench/harness/rate-chart.ts";
import { type ResultFile, refuseMixedSettings } from "../../../native-free-bench/harness/result-file.ts";
import { resultsMarkdown } from "../../../native-free-bench/harness/result-markdown.ts";
import { resultTable } from "../../../native-free-bench/harness/result-table.ts";
import { type BenchmarkResult, runBenchmark } from "../../../native-free-bench/harness/run-benchmark.ts";
import { microRing } from "../../../native-free-bench/micro/ring.ts";
import { halfLoadAfter } from "../../../native-free-bench/topology/beside-storm-latency.ts";

const machine: Machine = {
  cpu: "a processor",
  cores: 2,
  memoryGb: 8,
  kernel: "Linux 1",
  node: "v20",
  v8: "11",
  commit: "abc",
  date: "2026-01-02T03:04:05.000Z",
  loadBefore: 0,
};

function resultOf(name: string, change: Partial<BenchmarkResult> = {}): BenchmarkResult {
  const runs = [10e6, 30e6, 20e6].map((value) => ({ value, detail: { cores: 1.5, peakRssMb: 120, seconds: 3 } }));
  return {
    name,
    question: "How fast?",
    unit: "tuples/s",
    size: "full",
    params: { tuples: 1_000 },
    coresNeeded: 2,
    sides: {
      ours: { title: "ours & <theirs>", whose: "ours", runs },
      storm: { title: "Storm", whose: "rival", runs: [], skipped: "java not found" },
    },
    bars: [{ title: "ours", target: ">= 5000000", value: 20e6, low: 10e6, high: 30e6, met: true }],
    barsNotMeasured: [{ title: "ours / storm", target: ">= 5", reason: "storm: java not found" }],
    ...change,
  };
}

function fileOf(name: string, change: Partial<Machine> = {}, result: Partial<BenchmarkResult> = {}): ResultFile {
  return { machine: { ...machine, ...change }, result: resultOf(name, result) };
}

test("a skipped side is told with its reason, and its bars as not measured", async () => {
  const skipping = {
    ...microRing,
    bars: [{ kind: "ratio", of: "short", over: "long", limit: { atLeast: 1 } } as const],
    skipReason: async (side: string) => (side === "long" ? "java not found" : null),
  };
  const result = await runBenchmark(skipping, { size: "smoke", runs: 1 });
  assert.equal(result.sides.short!.runs.length, 1);
  assert.deepEqual([result.sides.long!.runs, result.sides.long!.skipped], [[], "java not found"]);
  const table = resultTable(resultOf("hop"), 2);
  assert.match(table, /storm {2}Storm {2}skipped: java not found/);
  assert.match(table, /NOT MEASURED ours \/ storm {2}bar >= 5 {2}storm: java not found/);
  const page = resultsMarkdown(["hop"], new Map([["hop", fileOf("hop")]]));
  assert.match(page, /\| hop \| ours \/ storm \| {2}\| storm: java not found \| >= 5 \| not measured \|/);
  assert.match(page, /\| storm \| Storm \| skipped \| java not found \|/);
});

test("cores and memory stand beside each rate", () => {
  assert.match(
    resultTable(resultOf("hop"), 2),
    /20\.0M {2}\[10\.0M 30\.0M 20\.0M\] {2}1\.5 cores {2}120 MB {2}seconds 3/,
  );
  const page = resultsMarkdown(["hop"], new Map([["hop", fileOf("hop")]]));
  assert.match(page, /\| 20\.0M \| 10\.0M, 30\.0M, 20\.0M \| 1\.5 \| 120 \| seconds 3 \|/);
});

test("a calibration loop that took longer marks the result", () => {
  assert.equal(judgeReadings([2, 2.2], 2).busy, false);
  const slow = judgeReadings([2, 2 * (1.01 + BUSY_SHARE)], 2);
  assert.equal(slow.busy, true);
  assert.equal(judgeReadings([2.5, 2.5], 2).busy, true, "busy before and after alike");
  const busy = resultOf("hop", { calibration: slow });
  assert.match(resultTable(busy, 2), /BUSY MACHINE: a fixed loop took 16 % longer/);
  assert.doesNotMatch(resultTable({ ...busy, size: "smoke" }, 2), /BUSY/);
  const page = resultsMarkdown(["hop"], new Map([["hop", { machine, result: busy }]]));
  assert.match(page, /\*\*BUSY MACHINE/);
  assert.match(page, /met, see the warning/);
  assert.match(resultTable(resultOf("hop"), 1), /OVERSUBSCRIBED: 2 cores needed/);
});

test("results of different machines, kernels or Node versions are not put together", () => {
  refuseMixedSettings([
    fileOf("a"),
    fileOf("b", { commit: "other", date: "2026-02-02T00:00:00.000Z", loadBefore: 1 }),
  ]);
  for (const change of [{ cpu: "another" }, { cores: 4 }, { kernel: "Linux 2" }, { node: "v22" }, { memoryGb: 16 }])
    assert.throws(() => refuseMixedSettings([fileOf("a"), fileOf("b", change)]), /: a\n.*: b\n.*--mixed/s);
  const mixed = new Map([
    ["a", fileOf("a")],
    ["b", fileOf("b", { node: "v22" })],
  ]);
  assert.match(resultsMarkdown(["a", "b"], mixed), /\*\*Mixed results/);
  assert.doesNotMatch(resultsMarkdown(["a"], mixed), /Mixed results/);
});

test("the chart draws medians and ranges of rates, and follows the reader's setting", () => {
  const chart = rateChart([resultOf("hop"), resultOf("latency", { unit: "ms" })]);
  assert.match(chart, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  assert.match(chart, /prefers-color-scheme: dark/);
  assert.match(chart, />hop, tuples\/s</);
  assert.doesNotMatch(chart, /latency/);
  // 20 of at most 30 million: two thirds of the width of 460 from 250 on; the range goes from one third to the end.
  assert.match(chart, /<rect class="ours" x="250" y="\d+" width="306\.7"/);
  assert.match(chart, /<line class="range" x1="403\.3" y1="\d+" x2="710"/);
  const open = chart.match(/<(svg|title|style|text|tspan)\b/g)!.length;
  assert.equal(chart.match(/<\/(svg|title|style|text|tspan)>/g)!.length, open, "every element is closed");
});

test("half of Storm's load is half of what it did on this machine, and a fixed rate where that is not known", () => {
  const runs = [1.9e6, 2.1e6, 2.2e6].map((value) => ({ value }));
  const stormBest = { title: "Storm", runs };
  const result = resultOf("beside-storm-word-count-acked", { sides: { stormBest } });
  assert.equal(halfLoadAfter({ machine, result }, machine), 105_000);
  assert.equal(halfLoadAfter({ machine: { ...machine, commit: "older" }, result }, machine), 105_000);
  assert.equal(halfLoadAfter({ machine: { ...machine, cores: 4 }, result }, machine), 110_000);
  assert.equal(halfLoadAfter(undefined, machine), 110_000);
  const skipped = resultOf(result.name, { sides: { stormBest: { ...stormBest, runs: [], skipped: "no java" } } });
  assert.equal(halfLoadAfter({ machine, result: skipped }, machine), 110_000);
});
