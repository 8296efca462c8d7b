/**
 * Goal:   what a bolt acks is in its files, and what it cannot write it fails, with the path and the reason.
 * Method: real topologies; the files are read by other means, and by the spout.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { readParts } from "../../../../src/connectors/files/index.ts";
import { LocalCluster, type TopologyConfig } from "../../../../src/index.ts";
import { killThread } from "../../../../src/testing/index.ts";
import { DEADLINE, rejectionOf } from "../../engine/helpers.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { type WriteOptions, writeNumbers } from "./topologies/write-files.ts";

const claims = new ScratchFolder();
after(() => claims[Symbol.dispose]());
const QUIET: TopologyConfig = { logLevel: "silent", pin: "off", claimsFolder: claims.at("claims") };

interface Outcomes {
  readonly acked: number[];
  readonly errors: string[];
}

async function write(
  options: WriteOptions,
  onOutcome: (count: number, run: { kill: () => void }) => void = () => {},
) {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("write", writeNumbers, { options, config: QUIET });
  const outcomes: Outcomes = { acked: [], errors: [] };
  let count = 0;
  for await (const { n, error } of run.outputs.outcomes) {
    if (error === null) outcomes.acked.push(n);
    else outcomes.errors.push(error);
    onOutcome(++count, { kill: () => killThread(run, 1, "terminate") });
  }
  await run.completed();
  return outcomes;
}

function finishedNumbers(folder: string): number[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .flatMap((file) => readFileSync(path.join(folder, file), "utf8").trimEnd().split("\n"))
    .map((line) => (JSON.parse(line) as { n: number }).n)
    .sort((a, b) => a - b);
}

const upTo = (rows: number) => Array.from({ length: rows }, (_, n) => n);

for (const tasks of [1, 3]) {
  test(`${tasks} tasks write every row once, in parts of their own, and ack it`, DEADLINE, async () => {
    using folder = new ScratchFolder();
    const target = folder.at("out", "deep");
    const { acked, errors } = await write({ folder: target, life: 1, rows: 5_000, tasks, rotate: { rows: 400 } });
    assert.deepEqual(errors, []);
    assert.equal(acked.length, 5_000);
    assert.deepEqual(finishedNumbers(target), upTo(5_000));
    const files = readdirSync(target);
    assert.ok(
      files.every((file) => /^write~keep-\d\.[A-Z]+\.jsonl$/.test(file)),
      files.join(),
    );
    assert.equal(new Set(files.map((file) => file.split(".")[0])).size, tasks);
  });
}

test("parts are read while they are written, each record once", DEADLINE, async () => {
  using folder = new ScratchFolder();
  mkdirSync(folder.at("out"));
  const stop = new AbortController();
  const rows = 20_000;
  const writing = write({ folder: folder.at("out"), life: 1, rows, tasks: 2, rotate: { rows: 700 } });
  const seen: number[] = [];
  const parts = readParts({ folder: folder.at("out"), follow: true, pollMs: 2, signal: stop.signal });
  for await (const { text } of parts) {
    seen.push((JSON.parse(text) as { n: number }).n);
    if (seen.length === rows) stop.abort();
  }
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    upTo(rows),
  );
  await writing;
});

test("a worker that dies: every row that was acked is in a part", DEADLINE, async () => {
  using folder = new ScratchFolder();
  const options = { folder: folder.path, life: 1, rows: 20_000, tasks: 2, rotate: { rows: 500 } };
  const { acked } = await write(options, (count, run) => {
    if (count === 3_000) run.kill();
  });
  const found = new Set(finishedNumbers(folder.path));
  assert.deepEqual(
    acked.filter((n) => !found.has(n)),
    [],
  );
  assert.deepEqual(
    readdirSync(folder.path).filter((file) => file.endsWith(".tmp")),
    [],
  );
});

test("a folder that cannot be written fails the start, with its path", DEADLINE, async (t) => {
  using folder = new ScratchFolder();
  const isRoot = process.getuid?.() === 0;
  // Root may write everywhere, but not to a file system that cannot be written.
  if (!isRoot) chmodSync(folder.path, 0o500);
  else if (!mount(folder.path, "ro")) return t.skip("a file system cannot be mounted here");
  try {
    for (const target of [folder.path, folder.at("new")]) {
      const failed = await rejectionOf(write({ folder: target, life: 1, rows: 1, tasks: 1 }), "TASK_FAILED");
      const { message } = failed.cause as Error;
      assert.match(message, /CONNECTOR_FAILED[\s\S]*(EACCES|EROFS)[\s\S]*remedy/);
      assert.ok(message.includes(target), message);
    }
  } finally {
    if (isRoot) unmount(folder.path);
    else chmodSync(folder.path, 0o700);
  }
  return undefined;
});

test("a folder that is a file fails the start, with its path", DEADLINE, async () => {
  using folder = new ScratchFolder();
  const writing = write({ folder: process.execPath, life: 1, rows: 1, tasks: 1 });
  const failed = await rejectionOf(writing, "TASK_FAILED");
  assert.match(String((failed.cause as Error).message), /CONNECTOR_FAILED[\s\S]*(EEXIST|ENOTDIR)/);
  assert.equal(readdirSync(folder.path).length, 0);
});

test("a full disk fails tuples, and what was acked is whole", DEADLINE, (t) => {
  using folder = new ScratchFolder();
  if (!mount(folder.path, "size=128k")) return t.skip("a small file system cannot be mounted here");
  try {
    checkFull(folder.path, "ENOSPC");
  } finally {
    unmount(folder.path);
  }
  return undefined;
});

test("a limit of the system fails tuples, and what was acked is whole", DEADLINE, () => {
  using folder = new ScratchFolder();
  // In blocks of 512 or 1,024 bytes, as the shell likes.
  checkFull(folder.path, "EFBIG", "ulimit -f 40;");
});

function mount(folder: string, options: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;
}

function unmount(folder: string): void {
  assert.equal(spawnSync("umount", [folder]).status, 0);
}

/** A process of its own writes until it may not: what it was told is acked must be there. */
function checkFull(folder: string, what: "ENOSPC" | "EFBIG", limit = ""): void {
  const program = path.join(import.meta.dirname, "write-until-full.js");
  const command = `${limit} exec "${process.execPath}" "${program}" "${folder}" "${claims.at("claims")}"`;
  const { stdout, stderr, status } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const { acked, errors } = JSON.parse(stdout) as Outcomes;
  assert.ok(errors.length > 0, `${what}: nothing failed`);
  assert.match(errors[0]!, /CONNECTOR_FAILED[\s\S]*path:[\s\S]*remedy:/);
  assert.match(errors[0]!, new RegExp(what));
  assert.ok(acked.length > 100, `${what}: only ${acked.length} were acked`);
  const found = new Set(finishedNumbers(folder));
  assert.deepEqual(
    acked.filter((n) => !found.has(n)),
    [],
    what,
  );
}
