import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Benchmark, Measurement } from "../../../native-free-bench/harness/benchmark.ts";
import { Calibrator } from "../../../native-free-bench/harness/calibration.ts";
import { chooseBenchmarks } from "../../../native-free-bench/harness/choose-benchmarks.ts";
import { expectedSeconds, expectedTimeText } from "../../../native-free-bench/harness/expected-time.ts";
import { FullRunJournal, type RunIdentity } from "../../../native-free-bench/harness/full-run-journal.ts";
import { readResultFiles } from "../../../native-free-bench/harness/result-file.ts";
import { runBenchmark } from "../../../native-free-bench/harness/run-benchmark.ts";
import { runSitting } from "../../../native-free-bench/harness/run-sitting.ts";
import { writeWhole } from "../../../native-free-bench/harness/write-whole.ts";
import { microRing } from "../../../native-free-bench/micro/ring.ts";

const identity: RunIdentity = { setting: "one machine", commit: "abc", runs: 5 };
const measurement: Measurement = { value: 7, detail: { cores: 1 } };

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(now: RunIdentity, fresh = false) {
  return FullRunJournal.open(directory, now, { fresh });
}

test("without names the core list is chosen, and all by name", () => {
  const all = [
    { name: "hop", list: "core" },
    { name: "hop-acked", list: "full" },
    { name: "hop-valued", list: "core" },
  ] as const;
  const chosen = (wanted: string[], everything = false) =>
    chooseBenchmarks(all, { wanted, everything }).map(({ name }) => name);
  assert.deepEqual(chosen([]), ["hop", "hop-valued"]);
  assert.deepEqual(chosen([], true), ["hop", "hop-acked", "hop-valued"]);
  assert.deepEqual(chosen(["hop"]), ["hop"], "a whole name means itself");
  assert.deepEqual(chosen(["hop-"]), ["hop-acked", "hop-valued"]);
  assert.throws(() => chosen(["hope"]), /no benchmark is called "hope"; there are: hop, hop-acked/);
});

test("a full run goes on with what is in its journal", () => {
  const { journal } = open(identity);
  journal.addReading("hop", 2.5);
  journal.addRun("hop", "ours", 0, measurement);
  journal.finish("hop");
  journal.addRun("count", "ours", 0, measurement);
  const { journal: again, because } = open(identity);
  assert.equal(because, null);
  assert.deepEqual(again.runOf("hop", "ours", 0), measurement);
  assert.equal(again.runOf("hop", "ours", 1), undefined);
  assert.deepEqual([again.isFinished("hop"), again.isFinished("count")], [true, false]);
  assert.deepEqual([again.readingsOf("hop"), again.fastestReadingNs, again.runCount], [[2.5], 2.5, 2]);
  again.remove();
  assert.match(open(identity).because!, /nothing to go on with/);
});

test("a line that was cut off is as if it had not been written, and does not spoil the next one", () => {
  const { journal } = open(identity);
  journal.addRun("hop", "ours", 0, measurement);
  appendFileSync(path.join(directory, "full-run.journal"), '{"kind":"run","benchmark":"hop","side":"ours","rou');
  const { journal: again } = open(identity);
  assert.equal(again.runCount, 1);
  again.addRun("hop", "ours", 1, measurement);
  assert.equal(open(identity).journal.runCount, 2);
});

test("another machine, commit or number of rounds begins anew, and says why", () => {
  const becauseOf = (change: Partial<RunIdentity>, fresh = false) => {
    const { journal } = open(identity, true);
    journal.addRun("hop", "ours", 0, measurement);
    const { journal: next, because } = open({ ...identity, ...change }, fresh);
    assert.equal(next.runCount, because === null ? 1 : 0);
    return because;
  };
  assert.match(becauseOf({ setting: "another" })!, /was taken on one machine/);
  assert.match(becauseOf({ commit: "abd" })!, /is of commit abc/);
  assert.match(becauseOf({ runs: 3 })!, /has 5 rounds/);
  assert.match(becauseOf({}, true)!, /asked to/);
  assert.equal(becauseOf({}), null);
});

test("runs in the journal are not run again", async () => {
  const { journal } = open(identity);
  journal.addRun("micro-ring", "short", 0, measurement);
  const started: string[] = [];
  const onProcess = (sides: string) => started.push(sides);
  // Only full runs have a journal; this benchmark takes a second at full size.
  const calibrator = new Calibrator("smoke");
  await runBenchmark(microRing, { size: "full", runs: 1, journal, calibrator, onProcess });
  assert.deepEqual(started, ["long"]);
  assert.equal(open(identity).journal.runCount, 2);
  assert.equal(open(identity).journal.readingsOf("micro-ring").length, 2);
  started.length = 0;
  const { journal: again } = open(identity);
  const result = await runBenchmark(microRing, { size: "full", runs: 1, journal: again, calibrator, onProcess });
  assert.deepEqual(started, []);
  assert.equal(result.sides.short!.runs[0]!.value, 7);
  assert.equal(result.calibration!.readingsNs.length, 4);
});

test("how long a side takes is told by its sizes, if they are times", () => {
  const windows = { warmupMs: 2_000, windowMs: 3_000, rivalWarmupMs: 12_000, rivalWindowMs: 6_000 };
  const [ours, rival] = [expectedSeconds(windows, "ours"), expectedSeconds(windows, "rival")];
  assert.ok(ours > 5 && ours < 7, `${ours} s`);
  assert.ok(rival > 20 && rival < 30, `${rival} s`);
  const [counted, more] = [{ tuples: 10 }, { tuples: 20 }].map((params) => expectedSeconds(params, "ours"));
  assert.equal(counted, more);
});

test("what a full run has done already is not part of the time that is left", () => {
  const planned = { ...microRing, rounds: 10, secondsOf: () => 60 };
  const sides = { size: "full", runs: null } as const;
  assert.match(expectedTimeText([planned], sides), /^Takes about 20 minutes if nothing is skipped\.$/);
  assert.match(expectedTimeText([planned], { ...sides, runs: 1 }), /about 2 minutes/);
  const { journal } = open(identity);
  for (let round = 0; round < 10; round++) journal.addRun("micro-ring", "short", round, measurement);
  assert.match(expectedTimeText([planned], sides, journal), /about 20 minutes.*; about 10 minutes are left\.$/);
});

test("a file is replaced as a whole, and a failure leaves the old one and nothing else", () => {
  const file = path.join(directory, "result.json");
  writeWhole(file, "old");
  writeWhole(file, "new");
  assert.equal(readFileSync(file, "utf8"), "new");
  assert.throws(() => writeWhole(path.join(file, "below"), "x"));
  const unwritable = { toString: () => "x" } as unknown as string;
  assert.throws(() => writeWhole(file, unwritable));
  assert.deepEqual(readdirSync(directory), ["result.json"]);
  assert.equal(readFileSync(file, "utf8"), "new");
  writeFileSync(file, "");
});

/**
 * Goal:   a full run that did not come to its end goes on where it stopped, and its journal goes when all has run.
 * Method: one benchmark that runs and one that fails, twice; then the first alone.
 */
test("a sitting goes on after the benchmarks that are done", async (t) => {
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => lines.push(line));
  t.mock.method(console, "error", () => undefined);
  const root = path.join(directory, "repository");
  mkdirSync(path.join(root, "src"), { recursive: true });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: root });
  git("init", "--quiet");
  git("commit", "--quiet", "--allow-empty", "--message", "a commit");
  const out = path.join(directory, "results");
  const failing = { ...microRing, name: "absent" };
  const sit = (benchmarks: readonly Benchmark[], runs: number | null = 1) => {
    lines.length = 0;
    return runSitting(benchmarks, { root, size: "full", runs, out, full: { fresh: false } });
  };
  assert.deepEqual(await sit([microRing, failing]), { failed: 1, missed: 0 });
  assert.match(lines.join("\n"), /Begins anew: there is nothing to go on with/);
  assert.deepEqual(readdirSync(out).sort(), ["full-run.journal", "micro-ring.json"]);
  assert.deepEqual(await sit([microRing, failing]), { failed: 1, missed: 0 });
  assert.match(lines.join("\n"), /Goes on after 2 finished runs/);
  assert.match(lines.join("\n"), /micro-ring: done before the interruption/);
  writeFileSync(path.join(root, "src", "changed.ts"), "");
  assert.deepEqual(await sit([microRing]), { failed: 0, missed: 0 });
  assert.match(lines.join("\n"), /Begins anew: the unfinished run is of commit [0-9a-f]{12}/);
  assert.deepEqual(readdirSync(out), ["micro-ring.json"]);
});

test("a benchmark takes as many rounds as it says, or as many as are asked for", async (t) => {
  t.mock.method(console, "log", () => undefined);
  const roundsOf = async (runs: number | null) => {
    await runSitting([{ ...microRing, rounds: 2 }], {
      root: directory,
      size: "smoke",
      runs,
      out: directory,
      full: null,
    });
    return readResultFiles(directory).get("micro-ring")!.result.sides.short!.runs.length;
  };
  assert.equal(await roundsOf(null), 2);
  assert.equal(await roundsOf(1), 1);
});
