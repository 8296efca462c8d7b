/**
 * Goal:   scripts that contain, import or run topologies work as programs: right result, exit code, no process left.
 * Method: each script is a program of its own; one that does not end by itself is killed and fails its test.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import test from "node:test";
import { LocalCluster } from "../../../src/index.ts";
import { runScript } from "./run-script.ts";
import { blue, first, red, second } from "./topologies/two-in-one.ts";

const deadline = { timeout: 40_000 };

test("a one-file script runs its topology and ends by itself, its cluster left open", deadline, async () => {
  const run = await runScript("one-file.js");
  const sum = (999 * 1000 * 1999) / 6;
  assert.deepEqual(run, { status: 0, stdout: `completed ${sum}\n`, stderr: "" });
});

test("runTopology in a script: what workers print comes out before the process ends", deadline, async () => {
  const { status, stdout, stderr } = await runScript("run-topology.js");
  assert.equal(status, 0, stderr);
  const lines = (hook: string, count: number) => Array.from({ length: count }, (_, index) => `${hook} ${index + 1}`);
  const expected = [
    ...lines("worker: line", 3),
    ...lines("onEnd", 200),
    ...lines("cleanup", 200),
    "completed: 3 lines",
  ];
  assert.deepEqual(stdout.trimEnd().split("\n"), expected);
  assert.equal(stderr, "worker: complaint\n");
});

for (const form of ["host", "net", "localhost", "awaited"]) {
  test(`a server above the topology (${form}) is an error that says what to do`, deadline, async () => {
    const run = await runScript("server-above.js", { args: [form, String(await freePort())] });
    assert.equal(run.status, 3, run.stdout + run.stderr);
    assert.match(run.stdout, /^(WORKER_START_FAILED|WORKER_LOST|MODULE_FAILED): /);
    assert.match(run.stdout, /EADDRINUSE/);
    assert.match(run.stdout, /remedy: +move the topology into a module of its own/);
    assert.equal(run.stderr, "");
  });
}

test("a server above the topology that handles its error leaves the run alone", deadline, async () => {
  const run = await runScript("server-above.js", { args: ["handled", String(await freePort())] });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.equal(run.stdout.trim().split("\n").at(-1), "completed");
});

test("a module that submits when it is imported does so on the main thread only", deadline, async () => {
  const run = await runScript("nested.js");
  assert.equal(run.status, 0, run.stderr);
  const lines = ["inner 1", "inner 2", "inner 3", "outer 1", "outer 2", "outer 3"];
  assert.deepEqual(run.stdout.trim().split("\n").sort(), lines);
});

test(
  "a module that awaits a run when it is imported is named when workers cannot get past it",
  deadline,
  async () => {
    const run = await runScript("nested-awaited.js");
    assert.equal(run.status, 3, run.stdout + run.stderr);
    assert.match(run.stdout, /^completed\nSTART_TIMEOUT: [\s\S]*in which a topology is submitted/);
    assert.match(run.stdout, /remedy: .*move the topology into a module of its own/);
  },
);

test("topologies of one module are told apart by position and by name", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 1 });
  const words = [];
  for (const [index, topology] of [second, blue, first, red].entries()) {
    const run = await cluster.submitTopology(`topology-${index}`, topology);
    for await (const { word } of run.outputs.words) words.push(word);
  }
  assert.deepEqual(words, ["second", "blue", "first", "red"]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
