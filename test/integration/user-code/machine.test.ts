/**
 * Goal:   topologies run on whatever machine there is: one worker, one core, more workers than cores, pinned or not.
 * Method: a topology that tells where its tasks are, in programs of their own, some under taskset.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import test, { after } from "node:test";
import { repositoryRoot } from "../../tidy/source-tree.ts";
import { runScript, type ScriptSettings } from "./run-script.ts";

const deadline = { timeout: 30_000 };
const cores = availableParallelism();
const hasTaskset = spawnSync("taskset", ["-c", "0", "true"]).status === 0;
const needsTaskset = hasTaskset ? false : "taskset is not there, or core 0 is not allowed";
const scratch = mkdtempSync(path.join(tmpdir(), "machine-"));
after(() => rmSync(scratch, { recursive: true }));

interface Where {
  readonly workers: number;
  readonly cores: readonly (number | null)[];
  readonly told: readonly { readonly worker: number; readonly cores: string }[];
  readonly stderr: string;
}

async function where(config: object, settings: ScriptSettings = {}): Promise<Where> {
  const { status, stdout, stderr } = await runScript("where.js", { ...settings, args: [JSON.stringify(config)] });
  assert.equal(status, 0, stderr);
  return { ...(JSON.parse(stdout) as Omit<Where, "stderr">), stderr };
}

test("one worker", deadline, async () => {
  const { workers, told, stderr } = await where({ workers: 1 });
  assert.deepEqual([workers, told.length, stderr], [1, 1, ""]);
});

test("more workers than cores: all of them work, none is pinned, nothing is complained about", deadline, async () => {
  const count = cores + 3;
  const run = await where({ workers: count });
  assert.equal(run.workers, count);
  assert.deepEqual(
    run.told.map(({ worker }) => worker),
    [...Array(count).keys()],
  );
  assert.ok(run.cores.every((core) => core === null));
  assert.equal(run.stderr, "");
});

test("pin off: no thread is bound", deadline, async () => {
  const run = await where({ workers: 2, pin: "off" });
  assert.deepEqual(run.cores, [null, null]);
  assert.equal(run.stderr, "");
  if (cores > 1) assert.ok(run.told.every((place) => place.cores !== "0" && place.cores !== "1"));
});

test("pin on: each worker is bound to the core that the run tells", { ...deadline, skip: needsTaskset }, async () => {
  const count = cores + 1;
  const run = await where({ workers: count, pin: "on" });
  assert.equal(run.stderr, "");
  assert.ok(run.cores.every((core) => core !== null));
  assert.deepEqual(
    run.told.map((place) => place.cores),
    run.cores.map(String),
  );
});

test("one core: one worker by default, and several when they are asked for", {
  ...deadline,
  skip: needsTaskset,
}, async () => {
  const through = ["taskset", "-c", "0"];
  assert.equal((await where({}, { through })).workers, 1);
  const three = await where({ workers: 3 }, { through });
  assert.deepEqual([three.workers, three.told.length, three.stderr], [3, 3, ""]);
  assert.ok(three.told.every((place) => place.cores === "0" || place.cores === ""));
});

for (const pin of ["on", "auto"]) {
  const skip = pin === "auto" && cores < 2 ? "auto binds nobody on one core" : false;
  test(`pin ${pin} where threads cannot be bound: said once, and the run goes on`, {
    ...deadline,
    skip,
  }, async () => {
    const through = [process.execPath, "-e", WITHOUT_PATH, "--"];
    const run = await where({ workers: 1, pin }, { through });
    assert.ok(run.cores.every((core) => core === null));
    const lines = run.stderr.trim().split("\n").filter(Boolean);
    assert.equal(lines.length, 1, run.stderr);
    const { level, msg, reason } = JSON.parse(lines[0]!) as { level: number; msg: string; reason?: string };
    assert.equal(level, pin === "on" ? 40 : 30);
    assert.match(msg, /not bound to cores/);
    assert.match(String(reason), /taskset is not installed/);
  });
}

/** Runs what follows with an empty search path. */
const WITHOUT_PATH = `
  const { spawnSync } = require("node:child_process");
  const [program, ...args] = process.argv.slice(1);
  process.exit(spawnSync(program, args, { stdio: "inherit", env: { ...process.env, PATH: "" } }).status);
`;

test("the command line's --workers 1", deadline, async () => {
  const cli = path.join(repositoryRoot(), "dist/src/cli/main.js");
  const module = path.join(import.meta.dirname, "topologies/printing.js");
  const args = ["run", module, "--workers", "1", "--options", '{"lines":2}'];
  const { status, stdout, stderr } = await runScript(cli, { args });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /worker: line 1\nworker: line 2\n/);
  assert.match(stderr, /on 1 worker\b/);
});
