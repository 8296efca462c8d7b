// `run --supervise` as a program: a process that is killed is started again, and signals reach the job.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCli, topologies } from "./run-cli.ts";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.js", import.meta.url));

test("a job whose process is killed is started again", { timeout: 30_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-supervise-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const options = JSON.stringify({ marker: path.join(folder, "marker") });
  const result = await runCli(["run", "crashing.js", "--workers", "1", "--supervise", "--options", options]);

  assert.equal(result.exitCode, 0, result.stderr);
  assert.match(result.stderr, /The job ended by signal SIGKILL after [\d.]+ s\. Restart 1 of 10 in 0\.50 s\./);
  assert.match(result.stdout, /completed/);
});

test("bad input is told once", { timeout: 30_000 }, async () => {
  const result = await runCli(["run", "none.js", "--supervise"]);
  assert.equal(result.exitCode, 2);
  assert.doesNotMatch(result.stderr, /Restart/);
});

test("a signal to the supervisor drains the job, whose code it ends with", { timeout: 30_000 }, async () => {
  const args = [MAIN, "run", "numbers.js", "--topology", "endless", "--workers", "1", "--supervise"];
  const supervisor = spawn(process.execPath, args, { cwd: topologies, stdio: ["ignore", "pipe", "pipe"] });
  supervisor.stdout.resume();
  let told = "";
  for await (const text of supervisor.stderr.setEncoding("utf8")) {
    const before = told;
    told += text;
    if (!before.includes("Ctrl-C ends it") && told.includes("Ctrl-C ends it")) supervisor.kill("SIGTERM");
  }
  const [code] = supervisor.exitCode === null ? await once(supervisor, "exit") : [supervisor.exitCode];
  assert.equal(code, 0, told);
  assert.match(told, /Draining: spouts stop/);
});
