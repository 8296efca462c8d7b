import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { parseProfile, type ThreadProfile } from "../../../native-free-bench/harness/cpu-profile.ts";
import { HOOK_STAGES, STAGE_RULES, STAGES, stageOf } from "../../../native-free-bench/harness/profile-stages.ts";
import { stageTable } from "../../../native-free-bench/harness/run-profiles.ts";
import { stageReport } from "../../../native-free-bench/harness/stage-times.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");
const main = path.join(root, "dist", "native-free-bench", "main.js");

/** True if the text declares a function, method or variable of that name. */
function declares(text: string, name: string): boolean {
  const escaped = name.replace("#", "\\#");
  return new RegExp(
    `(^  (async |static |get |set )*${escaped}\\(|\\b(function|const|class) ${escaped}\\b)`,
    "m",
  ).test(text);
}

test("the table of stages names only files and functions that exist", () => {
  for (const { file, functions = [], stage } of STAGE_RULES) {
    assert.ok(STAGES.includes(stage));
    assert.ok(existsSync(path.join(root, file)), `there is no ${file}`);
    const text = file.endsWith("/") ? "" : readFileSync(path.join(root, file), "utf8");
    for (const name of functions) assert.ok(declares(text, name), `${file} declares no ${name}`);
  }
  const program = readFileSync(path.join(root, "native-free-bench/topology/programs/string-hop.ts"), "utf8");
  for (const name of Object.keys(HOOK_STAGES)) assert.ok(declares(program, name));
  assert.equal(declares("  emitted(x) {\n", "emit"), false);
  assert.equal(declares("  return emit(x);\n", "emit"), false);
});

test("a function has the stage of its rule, and else of its caller", () => {
  assert.equal(stageOf("#tell", "src/engine/executor/spout-task.ts"), "ack");
  assert.equal(stageOf("doWork", "src/engine/executor/spout-task.ts"), "spout");
  assert.equal(stageOf("choose", "src/grouping/fields-grouping.ts"), "route");
  assert.equal(stageOf("appendRow", ""), "route");
  assert.equal(stageOf("execute", ""), null);
  assert.equal(stageOf("execute", "native-free-bench/topology/programs/idle.ts"), "execute");
  assert.equal(stageOf("execute", "src/base/clock.ts"), null);
  assert.equal(stageOf("(garbage collector)", ""), "gc");
});

const FILES = {
  hop: `file://${root}/dist/native-free-bench/topology/programs/hop.js`,
  outlet: `file://${root}/dist/src/engine/executor/outlet.js`,
};

type Ticks = { readonly line: number; readonly ticks: number };

/** (root) -> nextTuple -> append; 10 samples of 1 ms: `hits` tells which node each of them is of. */
function threadOf(nextTuple: readonly Ticks[], append: readonly Ticks[], hits: readonly number[]): ThreadProfile {
  const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber });
  const nodes = [
    { id: 1, callFrame: frame("(root)", "", -1), children: [2, 4] },
    { id: 2, callFrame: frame("nextTuple", FILES.hop, 9), children: [3], positionTicks: nextTuple },
    { id: 3, callFrame: frame("append", FILES.outlet, 99), positionTicks: append },
    { id: 4, callFrame: frame("(idle)", "", -1) },
  ];
  return parseProfile({ nodes, startTime: 0, samples: hits, timeDeltas: hits.map(() => 1_000) }, 1, root);
}

/**
 * Goal:   what the compiler put into a caller is told apart by its lines.
 * Method: nextTuple, lines 10 to 12, seen at its own line 12 and at line 101, which the plain run knows as append's.
 */
test("lines of inlined functions go to their stage, own lines stay", () => {
  const hits = [2, 2, 2, 2, 2, 2, 2, 2, 4, 2];
  const plain = threadOf(
    [{ line: 12, ticks: 1 }],
    [
      { line: 101, ticks: 5 },
      { line: 12, ticks: 50 },
    ],
    [2, 3],
  );
  const fast = threadOf(
    [
      { line: 12, ticks: 3 },
      { line: 101, ticks: 1 },
    ],
    [],
    hits,
  );
  const { threads, seconds } = stageReport([fast], [plain]);
  assert.equal(seconds, 0.009);
  assert.deepEqual(
    [...threads[0]!.times],
    [
      ["spout", 6_000],
      ["route", 2_000],
      ["idle", 1_000],
    ],
  );
  const asSeen = stageReport([fast], []);
  assert.deepEqual(
    [...asSeen.threads[0]!.times],
    [
      ["spout", 8_000],
      ["idle", 1_000],
    ],
  );
  // 1 million tuples a second for 9 ms: 8 ms of work are 8/9 microseconds each.
  const table = stageTable({ threads, seconds }, 1e6);
  assert.match(table, /spout +666\.7 +75\.0 % +666\.7/);
  assert.match(table, /busy in all +888\.9/);
  assert.match(stageTable({ threads, seconds }, null), /spout +6\.0 +75\.0 %/);
});

test("--profile leaves a profile per thread and a table, and no results", () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-profile-"));
  try {
    const args = [main, "one-hop", "--smoke", "--profile", "--out", directory];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    for (const stage of STAGES) assert.match(stdout, new RegExp(`^  ${stage} `, "m"));
    const files = readdirSync(path.join(directory, "one-hop", "ours"));
    assert.ok(files.filter((file) => file.endsWith(".cpuprofile")).length >= 3, `main and two workers: ${files}`);
    assert.ok(files.includes("stages.txt"));
    assert.deepEqual(readdirSync(directory), ["one-hop"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
