import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { ScriptedCommand, Settleable, settle } from "./scripted-engine.ts";

interface Started {
  readonly command: ScriptedCommand;
  /** Resolves with the exit code. */
  readonly exit: Promise<number>;
}

/** A command whose topology is running. */
async function startRun(args: readonly string[] = [], command = new ScriptedCommand()): Promise<Started> {
  const exit = command.run("run", "one.js", ...args);
  await command.started.promise;
  command.submitted.resolve(command.face());
  await settle();
  return { command, exit };
}

/** Nothing that a command put up may outlive it. */
function checkTidy(command: ScriptedCommand): void {
  assert.deepEqual([command.interruptListeners, command.timers], [0, 0]);
  assert.equal(command.calls.at(-1), "close");
}

test("a run that completes: summary on stdout, messages on stderr, exit code 0", async () => {
  const { command, exit } = await startRun(["--options", '{"files":["a"]}', "--workers", "2", "--runtime", "inline"]);
  command.ended.resolve(command.summary());

  assert.equal(await exit, 0);
  assert.deepEqual(command.options, { files: ["a"] });
  assert.deepEqual(command.settings, { workers: 2, runtime: "inline" });
  assert.deepEqual(command.calls, ["submit wordCount", "close"]);
  assert.equal(
    command.out,
    `
wordCount: completed in 12.3 s on 2 workers (cores 0, 3)

  component     emitted   transferred   executed   failed
  lines           1,000         1,000          0        0
  split       1,234,567     2,469,134      1,000        3
  ids                 0             0          0        0
  all         1,235,567     2,470,134      1,000        3

81 tuples executed per second.
`.trimStart(),
  );
  assert.match(command.err, /^wordCount: running 7 tasks on 2 workers/);
  checkTidy(command);
});

test("--json prints the summary as it is, and nothing else", async () => {
  const { command, exit } = await startRun(["--json"]);
  command.ended.resolve(command.summary());

  assert.equal(await exit, 0);
  assert.deepEqual(JSON.parse(command.out), command.summary());
});

test("without --options the builder gets an empty object", async () => {
  const { command, exit } = await startRun();
  command.ended.resolve(command.summary());
  await exit;

  assert.deepEqual(command.options, {});
});

test("the first interrupt drains; a drain that leaves nothing is a success", async () => {
  const { command, exit } = await startRun(["--set", "drainTimeoutMs=2500"]);
  command.interrupt();
  command.ended.resolve(command.summary({ outcome: "drained" }));

  assert.equal(await exit, 0);
  assert.deepEqual(command.calls, ["submit wordCount", "drain 2500", "close"]);
  assert.match(command.err, /^Draining: .* within 2\.50 s\. Ctrl-C again stops at once\.$/m);
  assert.match(command.out, /^wordCount: drained in/);
  assert.equal(command.exitedWith, null);
  checkTidy(command);
});

test("what a drain leaves is told, and is exit code 3, as is a run that was killed", async () => {
  const left = await startRun();
  left.command.interrupt();
  left.command.ended.resolve(left.command.summary({ outcome: "drained", left: 1_200 }));
  assert.equal(await left.exit, 3);
  assert.match(left.command.out, /^Left unfinished: 1,200 tuples\.$/m);

  const killed = await startRun();
  killed.command.ended.resolve(killed.command.summary({ outcome: "killed" }));
  assert.equal(await killed.exit, 3);
});

test("the second interrupt ends the process at once, with 130, also while the cluster closes", async () => {
  const draining = await startRun();
  draining.command.interrupt();
  draining.command.interrupt();
  assert.equal(draining.command.exitedWith, 130);
  assert.match(draining.command.err, /^Stopped\.$/m);

  const command = new ScriptedCommand();
  const closed = new Settleable<void>();
  command.closing = closed.promise;
  const closing = await startRun([], command);
  command.ended.resolve(command.summary());
  await settle();
  command.interrupt();
  command.interrupt();
  assert.equal(command.exitedWith, 130);
  closed.resolve();
  await closing.exit;
  checkTidy(command);
});

test("an interrupt before the topology has started gives it up", async () => {
  const command = new ScriptedCommand();
  const exit = command.run("run", "one.js");
  await command.started.promise;
  command.interrupt();

  assert.equal(command.startSignal?.aborted, true);
  assert.equal(await exit, 3);
  assert.match(command.err, /^Interrupted before the topology had started/);
  assert.equal(command.out, "");
  checkTidy(command);
});

test("an interrupt that comes too late to give the start up drains the run", async () => {
  const command = new ScriptedCommand();
  const exit = command.run("run", "one.js");
  await command.started.promise;
  command.submitted.resolve(command.face());
  command.interrupt();
  await settle();
  command.ended.resolve(command.summary({ outcome: "drained" }));

  assert.equal(await exit, 0);
  assert.match(command.calls.join("; "), /submit wordCount; drain \d+; close/);
});

test("a run that fails: what the user's code threw, with its stack, and exit code 1", async () => {
  const { command, exit } = await startRun();
  command.ended.reject(new TypeError("price is not defined"));

  assert.equal(await exit, 1);
  assert.match(command.err, /TypeError: price is not defined\n\s+at /);
  assert.equal(command.out, "");
  checkTidy(command);
});

test("a coded error without its stack, but with that of its cause; --json gives its parts to scripts", async () => {
  const { command, exit } = await startRun(["--json"]);
  const cause = new RangeError("boom");
  command.ended.reject(new EngineError("PLAN_RING_BUDGET", { problem: "no room", remedy: "make room", cause }));

  assert.equal(await exit, 1, "it had started, so the input is not to blame");
  assert.match(
    command.err,
    /PLAN_RING_BUDGET: no room\.\n {2}remedy: make room\nCaused by: RangeError: boom\n\s+at /,
  );
  assert.deepEqual(JSON.parse(command.out), {
    outcome: "failed",
    error: { code: "PLAN_RING_BUDGET", problem: "no room", facts: {}, remedy: "make room" },
  });
});

test("a topology that is refused at submit is bad input, and the cluster is closed", async () => {
  const command = new ScriptedCommand();
  const exit = command.run("run", "one.js");
  await command.started.promise;
  command.submitted.reject(new EngineError("TOPOLOGY_DUPLICATE_ID", { problem: "twice", remedy: "rename one" }));

  assert.equal(await exit, 2);
  assert.doesNotMatch(command.err, /^\s+at /m);
  checkTidy(command);
});

test("a hook that fails while the topology starts is a failed run, with its own stack", async () => {
  const command = new ScriptedCommand();
  const exit = command.run("run", "one.js");
  await command.started.promise;
  const cause = new RangeError("no such database");
  const code = "TASK_FAILED" as "PLAN_RING_BUDGET"; // Another room's code.
  command.submitted.reject(new EngineError(code, { problem: "prepare failed", remedy: "look there", cause }));

  assert.equal(await exit, 1);
  assert.match(command.err, /Caused by: RangeError: no such database\n\s+at /);
});

test("away from a terminal: a whole line now and then", async () => {
  const { command, exit } = await startRun();
  command.err = "";
  command.totals = { emitted: 40_000_000, transferred: 0, executed: 25_000_000, failed: 0 };
  command.passTime(10_000);
  command.totals = { emitted: 50_000_000, transferred: 0, executed: 45_000_000, failed: 2 };
  command.passTime(10_000);
  command.ended.resolve(command.summary());
  await exit;

  assert.equal(command.timerIntervalMs, 10_000);
  assert.equal(
    command.err,
    "wordCount  10.0 s   2.50 M tuples/s   emitted 40,000,000   executed 25,000,000\n" +
      "wordCount  20.0 s   2.00 M tuples/s   emitted 50,000,000   executed 45,000,000   failed 2\n",
  );
});

test("on a terminal: one line, rewritten, cut to the width, cleared for messages and at the end", async () => {
  const command = new ScriptedCommand();
  command.terminalColumns = 40;
  const { exit } = await startRun([], command);
  command.err = "";
  command.passTime(250);
  command.interrupt();
  command.passTime(250);
  command.ended.resolve(command.summary({ outcome: "drained" }));
  await exit;

  const rewrite = "\r\u001b[K";
  const [nothing, first, message, second, end] = command.err.split(rewrite);
  assert.equal(nothing, "");
  assert.equal(first, "wordCount  0.25 s   0 tuples/s   emitte");
  assert.match(message!, /^Draining: .*\n$/);
  assert.match(second!, /^wordCount {2}0\.50 s/);
  assert.equal(end, "", "nothing of the line stays behind");
});

/** An output as the engine has it: what it holds, until it is left. */
async function* outputOf(command: ScriptedCommand, ...tuples: object[]): AsyncGenerator<object, undefined> {
  try {
    yield* tuples;
    await command.ended.promise;
  } finally {
    command.calls.push("output left");
  }
  return undefined;
}

test("outputs are left, so that they do not hold the topology, and feeders are ended", async () => {
  const command = new ScriptedCommand();
  let returned = 0;
  const output = outputOf(command, { word: "never shown" });
  const leave = output.return.bind(output);
  output.return = (value) => {
    returned += 1;
    return leave(value);
  };
  command.outputs = { counts: output };
  command.feeders = { orders: { end: () => void command.calls.push("feeder ended") } };
  const { exit } = await startRun([], command);
  command.ended.resolve(command.summary());

  assert.equal(await exit, 0);
  assert.deepEqual([returned, command.calls.includes("feeder ended")], [1, true]);
  assert.doesNotMatch(command.out, /never shown/);
  assert.match(command.err, /^Tuples for output "counts" are dropped; --print shows them\.$/m);
  assert.match(command.err, /^Feeder "orders" has no program/m);
});

test("--print: every tuple of every output as a line of JSON on stdout, the summary on stderr", async () => {
  const command = new ScriptedCommand();
  const tuple = { toJSON: () => ({ id: 9_007_199_254_740_993n, raw: new Uint8Array([1, 2, 255]), big: Number.NaN }) };
  command.outputs = { ids: outputOf(command, tuple, tuple), words: outputOf(command, { word: "wal\u{1F40B}" }) };
  const { exit } = await startRun(["--print"], command);
  command.ended.resolve(command.summary());

  assert.equal(await exit, 0);
  const line = '{"ids":{"id":"9007199254740993","raw":"AQL/","big":null}}';
  assert.deepEqual(command.out.trimEnd().split("\n").sort(), [line, line, '{"words":{"word":"wal\u{1F40B}"}}']);
  assert.match(command.err, /^wordCount: completed in/m);
});

test("outputs that fail with the run leave the run's error to tell", async () => {
  const command = new ScriptedCommand();
  command.outputs = { counts: outputOf(command) };
  const { exit } = await startRun(["--print"], command);
  command.ended.reject(new RangeError("lost"));

  assert.equal(await exit, 1);
  assert.equal(command.err.match(/RangeError: lost/g)?.length, 1);
  assert.ok(command.calls.includes("close"));
});
