import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import type { RemoteProcess } from "../../../src/cli/remote-process.ts";
import type { InspectedTuple } from "../../../src/engine/run-inspector.ts";
import type { LiveState } from "../../../src/http/live-state.ts";
import { liveState } from "../../../src/http/live-state.ts";
import { graphOf } from "../../../src/http/read-routes.ts";
import { summaryRow } from "../../../src/http/topology-pages.ts";
import { FakeTopology } from "../../unit/http/fake-source.ts";
import { IDLE_STATE, ScriptedCommand, settle } from "./scripted-engine.ts";

/** A process whose API is played from a topology, without a server between. */
class ScriptedProcess implements RemoteProcess {
  readonly pid: number;
  readonly url: string;
  readonly topology: FakeTopology;
  readonly posts: string[] = [];
  readonly bodies: unknown[] = [];
  /** What each look at tuples or trees answers; then the process does not answer any more. */
  looks: unknown[] = [];
  levels: unknown = {};
  /** From this look on it does not answer any more. */
  looksLeft = Number.POSITIVE_INFINITY;

  constructor(pid: number, name: string) {
    this.pid = pid;
    this.url = `http://127.0.0.1:${pid}`;
    this.topology = new FakeTopology(name);
  }

  async get(path: string): Promise<unknown> {
    if (path === "/api/v1/topology/summary") return { topologies: [summaryRow(this.topology)] };
    const [, page] = /^\/api\/v1\/topology\/[^/]+\/(\w+)$/.exec(path) ?? [];
    if (page === "graph") return graphOf(this.topology);
    if (page === "configuration") return { settings: this.topology.settings };
    if (page === "logconfig") return { namedLoggerLevels: this.levels };
    if (/\/(events|trees)$/.test(path) && this.looks.length > 0) return this.looks.shift();
    if (page === "state" && this.looksLeft-- > 0) return liveState(this.topology);
    throw new EngineError("CLI_REQUEST_FAILED", { problem: "no answer", facts: { path }, remedy: "none" });
  }

  async post(path: string, body?: unknown): Promise<unknown> {
    this.posts.push(path);
    if (body === undefined) return { status: "success" };
    this.bodies.push(body);
    return { namedLoggerLevels: this.levels };
  }

  async download(path: string): Promise<AsyncIterable<Uint8Array>> {
    this.posts.push(path);
    return (async function* () {
      yield Buffer.from('{"nodes":');
      yield Buffer.from("[]}");
    })();
  }
}

function commandWith(...processes: RemoteProcess[]): ScriptedCommand {
  const command = new ScriptedCommand();
  command.processes = processes;
  return command;
}

test("list: a table of all topologies of all processes, or their rows as JSON", async () => {
  const command = commandWith(new ScriptedProcess(4711, "jobs"), new ScriptedProcess(4712, "words"));
  assert.equal(await command.run("list"), 0);
  assert.equal(
    command.out,
    `topology   state    uptime   tasks   workers    pid   dashboard
jobs       active    6m 5s       6         2   4711   http://127.0.0.1:4711
words      active    6m 5s       6         2   4712   http://127.0.0.1:4712
`,
  );
  const json = commandWith(new ScriptedProcess(4711, "jobs"));
  await json.run("list", "--json");
  assert.deepEqual(
    (JSON.parse(json.out) as { pid: number; id: string }[]).map(({ pid, id }) => [pid, id]),
    [[4711, "jobs"]],
  );
});

test("list: nothing to be found is no error, and a process that does not answer is left out", async () => {
  const empty = commandWith();
  assert.deepEqual([await empty.run("list"), empty.out], [0, ""]);
  assert.match(empty.err, /--ui/);
  const mute = new ScriptedProcess(1, "mute");
  mute.get = () => Promise.reject(new Error("gone"));
  const command = commandWith(mute, new ScriptedProcess(2, "jobs"));
  await command.run("list");
  assert.doesNotMatch(command.out, /mute/);
  assert.match(command.out, /jobs/);
});

test("describe: components, streams, workers, and what was set", async () => {
  const command = commandWith(new ScriptedProcess(1, "jobs"));
  assert.equal(await command.run("describe", "jobs"), 0);
  for (const line of [
    /^jobs: active$/m,
    /^ {2}split +bolt +2 +0 1$/m,
    /^ {2}counts +output +1 +main$/m,
    /^ {2}split +default +count +default +fields \(word\)$/m,
    /^ {2}0 +3 +3$/m,
    /^ {2}1 +not bound +2$/m,
    /^ {2}logLevel +warn +cluster$/m,
  ]) {
    assert.match(command.out, line);
  }
  assert.doesNotMatch(command.out, /messageTimeoutMs/);
});

test("activate, deactivate and kill ask the process", async () => {
  for (const [args, path] of [
    [["activate", "jobs"], "activate"],
    [["deactivate", "jobs"], "deactivate"],
    [["kill", "jobs"], "kill/default"],
    [["kill", "jobs", "--wait", "10"], "kill/10"],
    [["kill", "jobs", "--wait", "0"], "kill/0"],
  ] as const) {
    const remote = new ScriptedProcess(1, "jobs");
    const command = commandWith(remote);
    assert.equal(await command.run(...args), 0, args.join(" "));
    assert.deepEqual(remote.posts, [`/api/v1/topology/jobs/${path}`]);
    assert.match(command.err, /^jobs is /);
  }
  const bad = commandWith(new ScriptedProcess(1, "jobs"));
  assert.equal(await bad.run("kill", "jobs", "--wait", "soon"), 2);
  assert.match(bad.err, /^CLI_INVALID_VALUE/);
});

test("a name that nobody has, or that several have", async () => {
  const unknown = commandWith(new ScriptedProcess(1, "word-count"));
  assert.equal(await unknown.run("kill", "word-cuont"), 2);
  assert.match(unknown.err, /^CLI_UNKNOWN_TOPOLOGY[\s\S]*did you mean "word-count"/);

  const processes = [new ScriptedProcess(11, "jobs"), new ScriptedProcess(12, "jobs")] as const;
  const several = commandWith(...processes);
  assert.equal(await several.run("deactivate", "jobs"), 2);
  assert.match(several.err, /--pid 11/);
  assert.equal(await several.run("deactivate", "jobs", "--pid", "12"), 0);
  assert.deepEqual([processes[0].posts, processes[1].posts.length], [[], 1]);

  processes[0].topology.state = "killed";
  assert.equal(await several.run("activate", "jobs"), 0, "the one that runs is meant");
  assert.equal(processes[1].posts.length, 2);
});

test("monitor: a table per look until the topology has ended", async () => {
  const remote = new ScriptedProcess(1, "jobs");
  const command = commandWith(remote);
  remote.topology.state = "completed";
  assert.equal(await command.run("monitor", "jobs"), 0);
  assert.match(command.out, /^jobs {2}completed {2}6:05 {3}acked 90 {3}failed 10 {3}complete p50 1 ms, p99 3 ms\n/);
  assert.match(command.out, /^component +emitted\/s +executed\/s +busy +blocked +queue +p50 +p99 +failed +errors$/m);
  assert.match(command.out, /^split +20 +10 +55 % +25 % +75 % +1 ms +3 ms +10 +6$/m);
  assert.ok(!command.out.includes("\u001b"), "no control codes where it is no terminal");
});

test("monitor: a terminal is rewritten, and a process that goes away ends it", async () => {
  const remote = new ScriptedProcess(1, "jobs");
  remote.looksLeft = 2;
  const command = commandWith(remote);
  command.isOutTerminal = true;
  command.terminalColumns = 40;
  command.terminalRows = 6;
  assert.equal(await command.run("monitor", "jobs"), 0);
  assert.equal(command.out.split("\u001b[5A\r\u001b[J").length, 2);
  assert.ok(command.out.split("\n").every((line) => line.length <= 40 + 10));
  assert.match(command.out, /\.\.\. \d more/);
  assert.match(command.err, /does not answer any more/);
  assert.equal(command.interruptListeners, 0);
});

test("monitor: one that never answered is a failure; --json prints a line per look", async () => {
  const mute = new ScriptedProcess(1, "jobs");
  mute.looksLeft = 0;
  const failed = commandWith(mute);
  assert.equal(await failed.run("monitor", "jobs"), 1);
  assert.match(failed.err, /^CLI_REQUEST_FAILED/);

  const remote = new ScriptedProcess(1, "jobs");
  remote.looksLeft = 3;
  const command = commandWith(remote);
  await command.run("monitor", "jobs", "--json", "--interval", "5");
  const lines = command.out.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as LiveState).state),
    ["active", "active", "active"],
  );
});

const TUPLE: InspectedTuple = {
  timeMs: Date.UTC(2026, 0, 1, 12, 0, 5, 123),
  component: "split",
  task: 2,
  source: "lines",
  stream: "default",
  values: ["a b"],
  executeMs: 0.25,
};

test("inspect: each sampled tuple once, the oldest first; what was switched on is switched off", async () => {
  const remote = new ScriptedProcess(1, "jobs");
  const later = { ...TUPLE, timeMs: TUPLE.timeMs + 1, executeMs: null };
  const before = { ...TUPLE, timeMs: TUPLE.timeMs - 1 };
  const looks = [[before], [TUPLE, before], [later, TUPLE], [later, TUPLE]];
  remote.looks = looks.map((events) => ({ events }));
  const command = commandWith(remote);
  assert.equal(await command.run("inspect", "jobs", "split", "--percent", "12.5", "--seconds", "3"), 0);
  assert.equal(
    command.out,
    `12:00:05.123  split[2]  lines.default  ["a b"]  executed in 250 us
12:00:05.124  split[2]  lines.default  ["a b"]  emitted
`,
  );
  assert.deepEqual(
    remote.posts,
    ["enable", "disable"].map((action) => `/api/v1/topology/jobs/component/split/debug/${action}/12.5`),
  );
  assert.equal(command.interruptListeners, 0);
});

test("inspect: a tree is printed once it is quiet; a process that goes away ends it", async () => {
  const remote = new ScriptedProcess(1, "jobs");
  const { executeMs: _, timeMs, ...stop } = TUPLE;
  const hop = { ...stop, beganMs: 0.5, queuedMs: 0.5, executeMs: 0.25 };
  const last = { ...hop, component: "count", source: "split", queuedMs: 2 };
  const [begun, whole] = [[hop], [hop, last]].map((hops) => ({ trees: [{ timeMs, hops }] }));
  const old = { timeMs: timeMs - 1, hops: [hop] };
  remote.looks = [{ trees: [old] }, { trees: [...begun!.trees, old] }, whole, whole, whole];
  const command = commandWith(remote);
  assert.equal(await command.run("inspect", "jobs"), 0);
  assert.equal(
    command.out,
    `12:00:05.123  a tree of 2
  split[2]  from lines.default  queued 500 us, executing 250 us  ["a b"]
  count[2]  from split.default  queued 2 ms, executing 250 us  ["a b"]
`,
  );
  assert.match(command.err, /cannot be looked at any more/);
  assert.deepEqual(
    remote.posts,
    ["enable", "disable"].map((action) => `/api/v1/topology/jobs/debug/${action}/1`),
  );
  for (const bad of ["0", "101", "x", "1e1"]) {
    const refused = commandWith(new ScriptedProcess(1, "jobs"));
    assert.equal(await refused.run("inspect", "jobs", "--percent", bad), 2, bad);
    assert.match(refused.err, /^CLI_INVALID_VALUE/);
  }
});

test("profile: recorded as long as asked, and written where asked; a heap snapshot too", async () => {
  const remote = new ScriptedProcess(1, "jobs");
  const command = commandWith(remote);
  assert.equal(await command.run("profile", "jobs", "--worker", "1", "--seconds", "61"), 0);
  assert.deepEqual(remote.posts, [
    "/api/v1/topology/jobs/profiling/start/1/3",
    "/api/v1/topology/jobs/profiling/stop/1",
  ]);
  assert.deepEqual([...command.files], [["jobs-worker-1.cpuprofile", '{"nodes":[]}']]);
  assert.equal(command.clock.nowMs(), 61_000);

  const heap = commandWith(new ScriptedProcess(1, "jobs"));
  assert.equal(await heap.run("profile", "jobs", "--heap", "--out", "heap.json", "--json"), 0);
  assert.deepEqual(JSON.parse(heap.out), { file: "heap.json", bytes: 12 });
  assert.deepEqual([...heap.files.keys()], ["heap.json"]);
  for (const args of [
    ["--worker", "-1"],
    ["--seconds", "0"],
    ["--seconds", "3601"],
  ]) {
    assert.equal(await commandWith(remote).run("profile", "jobs", ...args), 2, args.join(" "));
  }
});

test("log-level: levels for a time or for good, taken back, or only shown", async () => {
  const remote = new ScriptedProcess(1, "jobs");
  remote.levels = { split: { target_level: "DEBUG", reset_level: "INFO", timeout: 60, timeout_epoch: 9 } };
  const command = commandWith(remote);
  assert.equal(await command.run("log-level", "jobs", "-l", "split=debug:60", "-l", "ROOT=warn", "-r", "count"), 0);
  assert.deepEqual(remote.bodies, [
    {
      namedLoggerLevels: {
        split: { target_level: "DEBUG", timeout: 60 },
        ROOT: { target_level: "WARN", timeout: 0 },
        count: { target_level: null },
      },
    },
  ]);
  assert.equal(command.out, "logger   level   before   for\nsplit    debug   info     60 s\n");
  remote.levels = {};
  const shown = commandWith(remote);
  assert.equal(await shown.run("set_log_level", "jobs"), 0);
  assert.match(shown.out, /levels of their settings/);
  const bad = commandWith(remote);
  assert.equal(await bad.run("log-level", "jobs", "-l", "split"), 2);
  assert.match(bad.err, /^CLI_INVALID_VALUE/);
});

async function startRun(...args: string[]) {
  const command = new ScriptedCommand();
  const exit = command.run("run", "one.js", ...args);
  await command.started.promise;
  command.submitted.resolve(command.face());
  await settle();
  return { command, exit };
}

test("run --ui: the dashboard opens before the topology starts, and closes with the run", async () => {
  const { command, exit } = await startRun("--ui", "9000");
  command.ended.resolve(command.summary());
  assert.equal(await exit, 0);
  assert.equal(command.ui, 9000);
  assert.match(command.err, /^Dashboard: http:\/\/127\.0\.0\.1:8080\/#token=scripted\n/);
  assert.deepEqual(command.calls, ["serveUi", "submit wordCount", "closeUi", "close"]);

  const any = await startRun("--ui");
  any.command.ended.resolve(any.command.summary());
  await any.exit;
  assert.equal(any.command.ui, true);
  for (const port of ["65536", "x", "-1"]) {
    const bad = new ScriptedCommand();
    assert.equal(await bad.run("run", "one.js", `--ui=${port}`), 2, port);
    assert.match(bad.err, /^CLI_INVALID_VALUE/);
  }
});

test("run --live: a table of the components that is rewritten, around which messages find room", async () => {
  const command = new ScriptedCommand();
  command.terminalColumns = 100;
  command.terminalRows = 30;
  command.live = { ...IDLE_STATE, components: liveState(new FakeTopology()).components };
  const exit = command.run("run", "one.js", "--live");
  await command.started.promise;
  command.submitted.resolve(command.face());
  await settle();
  command.passTime(1_000);
  command.passTime(1_000);
  command.ended.resolve(command.summary());
  assert.equal(await exit, 0);
  assert.equal(command.timerIntervalMs, 1_000);
  assert.match(command.err, /^split +20 +10 +55 %/m);
  assert.ok(command.err.includes("\u001b[7A\r\u001b[J"), "seven lines are rewritten");
  assert.deepEqual([command.timers, command.interruptListeners], [0, 0]);
});
