import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { median, quantile } from "../../../native-free-bench/harness/statistics.ts";
import { LatencyHistogram } from "../../../native-free-bench/input/latency-histogram.ts";
import { countOnePass, sharedWordCounts, zipfLines } from "../../../native-free-bench/input/zipf-lines.ts";
import { runRival } from "../../../native-free-bench/rivals/rival-process.ts";
import { type RivalReport, verifyRivalReport } from "../../../native-free-bench/rivals/rival-report.ts";

const NO_LATENCY = { samples: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };

function reportOf(changes: Partial<RivalReport>): RivalReport {
  return {
    count: 10,
    seconds: 1,
    cpuSeconds: 1,
    peakRssMb: 1,
    drained: 1,
    due: 100,
    arrived: 100,
    trees: 0,
    acked: 0,
    failed: 0,
    passes: [0],
    characters: 900,
    words: [{}],
    sinkLatency: NO_LATENCY,
    completeLatency: NO_LATENCY,
    ...changes,
  };
}

const CONST = { title: "const", charactersPerTuple: 9, acked: false, lostMax: 0 };

test("a rival's totals must be right", () => {
  verifyRivalReport(reportOf({}), CONST);
  const wrong: [Partial<RivalReport>, RegExp][] = [
    [{ arrived: 99, characters: 891 }, /99 tuples arrived of 100/],
    [{ arrived: 101, characters: 909 }, /101 tuples arrived of 100/],
    [{ due: 0, arrived: 0, characters: 0 }, /0 tuples arrived of 0/],
    [{ characters: 899 }, /held 899 characters/],
    [{ trees: 100, acked: 100 }, /100 trees were acked of 100/],
    [{ failed: 1 }, /1 trees failed/],
  ];
  for (const [change, problem] of wrong) assert.throws(() => verifyRivalReport(reportOf(change), CONST), problem);
  const acked = { ...CONST, acked: true };
  verifyRivalReport(reportOf({ trees: 100, acked: 100 }), acked);
  assert.throws(() => verifyRivalReport(reportOf({}), acked), /0 trees were acked of 0/);
  assert.throws(() => verifyRivalReport(reportOf({ trees: 100, acked: 99 }), acked), /99 trees were acked/);
  verifyRivalReport(reportOf({ arrived: 99, characters: 891 }), { ...CONST, lostMax: 1 });
});

test("a rival's words must be right, but for what it is known to lose", () => {
  const passes = [2, 3];
  const sent = Object.fromEntries(sharedWordCounts(passes));
  const due = Object.values(sent).reduce((sum, count) => sum + count, 0);
  const expected = { title: "words", charactersPerTuple: 0, acked: false, lostMax: 0 };
  const report = (words: RivalReport["words"], arrived = due) => reportOf({ due, arrived, passes, words });
  verifyRivalReport(report([sent]), expected);
  const [word, other] = Object.keys(sent) as [string, string];
  const swapped = { ...sent, [word]: sent[word]! - 1, [other]: sent[other]! + 1 };
  assert.throws(() => verifyRivalReport(report([swapped]), expected), /counted/);
  assert.throws(() => verifyRivalReport(report([sent, { [word]: 1 }]), expected), /two tasks counted the same word/);

  const lossy = { ...expected, lostMax: 5 };
  verifyRivalReport(report([{ ...sent, [word]: sent[word]! - 1 }], due - 1), lossy);
  assert.throws(() => verifyRivalReport(report([swapped], due - 1), lossy), /which is too often/);
  assert.throws(() => verifyRivalReport(report([sent], due - 1), lossy), /0 words are missing where 1 /);
});

test("shares of the text add up to the text", () => {
  assert.deepEqual(new Map([...sharedWordCounts([1, 1, 1])].sort()), new Map([...countOnePass(zipfLines())].sort()));
});

test("quantiles of a latency histogram are within a hundredth of the exact ones", () => {
  const histogram = new LatencyHistogram();
  const latencies = Array.from({ length: 20_000 }, (_, index) => 1.0007 ** index / 1e4);
  for (const latency of latencies) histogram.add(latency);
  const copy = new LatencyHistogram();
  for (const row of histogram.rows()) copy.addMany(...row);
  const { samples, p50, p99, p999, max } = copy.figures();
  assert.equal(samples, latencies.length);
  for (const [figure, exact] of [
    [p50, median(latencies)],
    [p99, quantile(latencies, 0.99)],
    [p999, quantile(latencies, 0.999)],
    [max, latencies.at(-1)!],
  ] as const) {
    assert.ok(Math.abs(figure / exact - 1) < 0.01, `${figure} for ${exact}`);
  }
});

const SHELL = { title: "rival", command: "sh", timeoutMs: 20_000 };

test("a rival's report is the last line of what it says", async () => {
  const script = "echo starting; echo '{\"count\":1}'; echo noise >&2";
  assert.equal(await runRival({ ...SHELL, args: ["-c", script] }), '{"count":1}');
});

test("a rival that fails, hangs or is not there is told apart, with what it said", async () => {
  await assert.rejects(
    runRival({ ...SHELL, args: ["-c", "echo no memory >&2; exit 4"] }),
    /rival: ended with code 4.*it said: no memory/,
  );
  await assert.rejects(runRival({ ...SHELL, command: "no-such-rival", args: [] }), /rival: .*ENOENT/);
  await assert.rejects(runRival({ ...SHELL, args: ["-c", "sleep 60"], timeoutMs: 50 }), /no report within 0.05 s/);
});

test("what a rival started ends with it", async () => {
  const pid = Number(await runRival({ ...SHELL, args: ["-c", "sleep 60 >/dev/null 2>&1 & echo $!"] }));
  await gone(pid);
});

/** Ends the program that runs a rival by a signal, and resolves when the rival's own child is gone. */
async function interruptRival(signal: NodeJS.Signals, script: string): Promise<void> {
  const rival = new URL("../../../native-free-bench/rivals/rival-process.js", import.meta.url).href;
  const program = `
    import { runRival } from ${JSON.stringify(rival)};
    const [script, file] = process.argv.slice(1);
    await runRival({ title: "rival", command: "sh", args: ["-c", script, "sh", file], timeoutMs: 60000 });
  `;
  const directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-rival-"));
  try {
    const file = path.join(directory, "pid");
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, script, file], { stdio: "ignore" });
    const pid = await within("the rival to start", () => Number(existsSync(file) ? readFileSync(file, "utf8") : 0));
    child.kill(signal);
    await once(child, "exit");
    await gone(pid);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a rival ends when the program that measures it is interrupted", async () => {
  await interruptRival("SIGTERM", 'sleep 60 & echo $! > "$1"; wait');
  await interruptRival("SIGINT", 'sleep 60 & echo $! > "$1"; wait');
});

test("a rival that keeps to the contract ends when that program is killed", async () => {
  await interruptRival("SIGKILL", 'sleep 60 & echo $! > "$1"; cat > /dev/null; kill $!');
});

/** Resolves when no such process is left, which the kernel may take a moment for after the signal. */
async function gone(pid: number): Promise<void> {
  await within(`process ${pid} to end`, () => !isAlive(pid));
}

/** The first answer that is something; fails after ten seconds without one. */
async function within<T>(what: string, look: () => T): Promise<T> {
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    const answer = look();
    if (answer) return answer;
    assert.ok(performance.now() < deadlineMs, `waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
