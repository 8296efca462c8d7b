import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCli, topologies } from "./run-cli.ts";

interface Summary {
  readonly outcome: string;
  readonly workers: number;
  readonly left: number;
  readonly totals: { readonly byComponent: Record<string, { emitted: number; executed: number }> };
}

/** A run that goes on until it is interrupted. */
interface LiveRun {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** Resolves once stderr has a line that matches; rejects when the process ends before. */
  saw(pattern: RegExp): Promise<void>;
  readonly exitCode: Promise<number | null>;
}

function startCli(t: { after(action: () => void): void }, ...args: string[]): LiveRun {
  const main = fileURLToPath(new URL("../../../src/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { cwd: topologies, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  const waiting: { pattern: RegExp; resolve: () => void; reject: (error: Error) => void }[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
    for (const { pattern, resolve } of waiting) if (pattern.test(output.stderr)) resolve();
  });
  const exitCode = new Promise<number | null>((resolve) => child.once("close", resolve));
  exitCode.then(() => {
    for (const { reject } of waiting) reject(new Error(`the command ended: ${output.stderr}`));
  });
  const saw = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ pattern, resolve, reject });
      if (pattern.test(output.stderr)) resolve();
    });
  return { child, output, saw, exitCode };
}

for (const runtime of ["threads", "inline"]) {
  test(`a finite topology, ${runtime}: totals of every component, exit code 0`, async () => {
    const args = [
      "--topology",
      "finite",
      "--workers",
      "2",
      "--runtime",
      runtime,
      "--options",
      '{"upTo":5000}',
      "--json",
    ];
    const result = await runCli(["run", "numbers.js", ...args]);

    assert.equal(result.exitCode, 0, result.stderr);
    const { outcome, workers, left, totals } = JSON.parse(result.stdout) as Summary;
    assert.deepEqual([outcome, workers, left], ["completed", 2, 0]);
    assert.equal(totals.byComponent.numbers!.emitted, 5000);
    assert.deepEqual([totals.byComponent.double!.executed, totals.byComponent.double!.emitted], [5000, 5000]);
  });
}

test("the summary for people", async () => {
  const result = await runCli(["run", "numbers.js", "--topology", "finite", "--workers", "1"]);

  assert.equal(result.exitCode, 0, result.stderr);
  assert.match(result.stdout, /^finite: completed in .* on 1 worker/);
  assert.match(result.stdout, /^ {2}double +1,000 +1,000 +1,000 +0$/m);
  assert.match(result.stderr, /^Tuples for output "doubled" are dropped/m);
});

test("--print: every tuple of the output", async () => {
  const result = await runCli(["run", "numbers.js", "--topology", "finite", "--print", "--options", '{"upTo":100}']);

  assert.equal(result.exitCode, 0, result.stderr);
  const lines = result.stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { doubled: { n: number } }).doubled.n);
  assert.deepEqual(
    lines.sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, n) => n * 2),
  );
});

test("Ctrl-C drains an endless topology: what was emitted is executed, exit code 0", async (t) => {
  const run = startCli(t, "run", "numbers.js", "--topology", "endless", "--workers", "2", "--json");
  await run.saw(/: running /);
  run.child.kill("SIGINT");

  assert.equal(await run.exitCode, 0, run.output.stderr);
  assert.match(run.output.stderr, /^Draining: /m);
  const { outcome, left, totals } = JSON.parse(run.output.stdout) as Summary;
  assert.deepEqual([outcome, left], ["drained", 0]);
  assert.equal(totals.byComponent.double!.executed, totals.byComponent.numbers!.emitted);
});

test("a drain that meets its deadline tells what is left, exit code 3", async (t) => {
  const run = startCli(t, "run", "numbers.js", "--topology", "stuck", "--set", "drainTimeoutMs=200");
  await run.saw(/^stuck with a tuple$/m);
  run.child.kill("SIGTERM");

  assert.equal(await run.exitCode, 3, run.output.stderr);
  assert.match(run.output.stdout, /^Left unfinished: [\d,]+ tuples\.$/m);
});

test("a second Ctrl-C stops at once, exit code 130", async (t) => {
  const run = startCli(t, "run", "numbers.js", "--topology", "stuck");
  await run.saw(/^stuck with a tuple$/m);
  run.child.kill("SIGINT");
  await run.saw(/^Draining: /m);
  run.child.kill("SIGINT");

  assert.equal(await run.exitCode, 130, run.output.stderr);
});

test("a bolt that throws fails the run: its error, its stack, exit code 1", async () => {
  const result = await runCli(["run", "numbers.js", "--topology", "failing"]);

  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /RangeError: seven is not wanted here\n\s+at .*numbers/);
  assert.match(result.stderr, /fails/, "the component is named");
});

test("a bolt that cannot be prepared fails the run before it starts, exit code 1", async () => {
  const result = await runCli(["run", "numbers.js", "--topology", "unprepared"]);

  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /RangeError: no such database\n\s+at .*numbers/);
});

test("a topology that is refused is bad input, exit code 2, for run and plan alike", async () => {
  const [run, plan] = await Promise.all([
    runCli(["run", "numbers.js", "--topology", "refused"]),
    runCli(["plan", "numbers.js", "--topology", "refused"]),
  ]);

  for (const { exitCode, stderr } of [run, plan]) {
    assert.equal(exitCode, 2);
    assert.match(stderr, /^TOPOLOGY_UNKNOWN_SOURCE: .*"nowhere"/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
});
