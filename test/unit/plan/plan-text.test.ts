import assert from "node:assert/strict";
import { test } from "node:test";
import { computePlan } from "../../../src/engine/plan/compute-plan.ts";
import { type PlanSetting, summarizePlan } from "../../../src/engine/plan/plan-summary.ts";
import { describePlan } from "../../../src/engine/plan/plan-text.ts";
import { formatBytes, textTableBlocks } from "../../../src/engine/plan/text-table.ts";
import { optionsFor, topologyOf, WORD, wordCount } from "./plan-fixtures.ts";

function settingFor(cores: readonly (number | null)[], usableCores = cores.length): PlanSetting {
  return { topology: "word-count", cores, pinning: "each worker has a core of its own", usableCores };
}

test("the text for two workers", () => {
  const text = describePlan(computePlan(wordCount(), optionsFor(2)), settingFor([2, 5]));

  assert.equal(
    text,
    `
word-count: 7 tasks on 2 workers, 6 rings of 1 MiB (6 MiB)

  component   kind     tasks   w0   w1   main
  lines       spout        2   #1   #2      ·
  split       bolt         2   #3   #4      ·
  count       bolt         2   #5   #6      ·
  counts      output       1    ·    ·     #7
  all tasks                7    3    3      1
  core                          2    5

  edge             grouping           kind   same thread       rings
  lines → split    local or shuffle   ring        2 of 4   2 x 1 MiB
  split → count    fields (word)      ring        2 of 4   2 x 1 MiB
  count → counts   global             ring        0 of 2   2 x 1 MiB

Cores: each worker has a core of its own.`.trimStart(),
  );
});

test("one worker: no rings, no column for main, edges chained", () => {
  const plan = computePlan(topologyOf({ a: {}, b: { from: ["a"] } }), optionsFor(1));
  const text = describePlan(plan, settingFor([null]));

  assert.match(text, /^word-count: 2 tasks on 1 worker, no rings$/m);
  assert.match(text, /a → b +shuffle +chained +1 of 1 +·$/m);
  assert.doesNotMatch(text, /main|^ +core/m);
});

test("streams, inputs and feedback are named where they say something", () => {
  const rare = { fields: [WORD], direct: true };
  const spec = topologyOf({
    a: { outputs: { rare } },
    b: {
      inputs: { words: [WORD], loop: [WORD] },
      from: [
        { source: "a", stream: "rare", input: "words", grouping: { kind: "direct" } },
        { source: "c", input: "loop", feedback: true, grouping: { kind: "partialKey", fields: ["word", "count"] } },
      ],
    },
    c: { from: ["b"] },
  });
  const text = describePlan(computePlan(spec, optionsFor(2)), settingFor([0, 1]));

  assert.match(text, /a\.rare → b as words +direct/);
  assert.match(text, /c → b as loop \(feedback\) +partial key \(word, count\)/);
});

test("warnings: more workers than cores, workers without tasks", () => {
  const warningsFor = (workerCount: number, usableCores: number): readonly string[] => {
    const plan = computePlan(topologyOf({ a: {}, b: { from: ["a"] } }), optionsFor(workerCount));
    return summarizePlan(plan, settingFor(new Array<null>(workerCount).fill(null), usableCores)).warnings;
  };

  assert.deepEqual(warningsFor(2, 2), []);
  assert.deepEqual(warningsFor(2, 1), ["2 workers on 1 usable core take turns: 1 would do as much"]);
  assert.match(warningsFor(3, 8)[0]!, /^worker 2 has no task: /);
  assert.match(warningsFor(8, 8)[0]!, /^workers 2-7 have no tasks: /);
});

test("the summary is plain data: it survives JSON, and names the rings of every edge", () => {
  const plan = computePlan(wordCount(), optionsFor(3));
  const summary = summarizePlan(plan, settingFor([0, 1, 2]));

  assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  assert.deepEqual(
    summary.edges.map(({ rings, pairs, localPairs }) => [rings.length, pairs, localPairs]),
    [
      [6, 9, 3],
      [6, 9, 3],
      [3, 3, 0],
    ],
  );
  assert.deepEqual(
    summary.workers.map(({ tasks }) => tasks),
    [
      [1, 4, 7],
      [2, 5, 8],
      [3, 6, 9],
    ],
  );
});

test("a plan for many workers is cut into blocks that fit a terminal", () => {
  const cores = Array.from({ length: 64 }, (_, core) => core);
  const lines = describePlan(computePlan(wordCount(), optionsFor(64)), settingFor(cores)).split("\n");

  assert.ok(Math.max(...lines.map((line) => line.length)) <= 110);
  const headers = lines.filter((line) => line.startsWith("  component"));
  assert.deepEqual(
    headers.flatMap((header) => header.match(/w\d+|main/g) ?? []),
    [...cores.map((core) => `w${core}`), "main"],
  );
});

test("a column wider than the table still gets a block", () => {
  const blocks = textTableBlocks([{ header: "a" }, { header: "wide column" }, { header: "b" }], [["1", "2", "3"]], {
    fixed: 1,
    widthMax: 3,
  });

  assert.deepEqual(blocks, [
    ["a   wide column", "1   2"],
    ["a   b", "1   3"],
  ]);
});

test("bytes in the shortest unit", () => {
  assert.deepEqual([0, 512, 4096, 1.5 * 2 ** 20, 2 ** 36].map(formatBytes), [
    "0 B",
    "512 B",
    "4 KiB",
    "1.5 MiB",
    "64 GiB",
  ]);
});
