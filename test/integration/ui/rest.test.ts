/** Every path of the API answers as docs/UI.md says, over a real server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  InspectedTuple,
  LogLevelChange,
  ProfileFile,
  UiInspector,
  UiLogLevels,
  UiProfiler,
} from "../../../src/http/ui-source.ts";
import { NO_TOOLS } from "../../../src/http/ui-source.ts";
import { FakeTopology } from "../../unit/http/fake-source.ts";
import { type OpenServer, openServer, TOKEN } from "./ui-server.ts";

const API = "/api/v1/topology/word-count";

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

async function ask(server: OpenServer, method: "GET" | "POST", path: string, body?: unknown): Promise<Reply> {
  const response = await fetch(`${server.dashboard.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const type = response.headers.get("content-type") ?? "";
  const isJson = type.startsWith("application/json");
  return { status: response.status, type, body: isJson ? await response.json() : await response.text() };
}

async function ok(server: OpenServer, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await ask(server, "GET", path);
  assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
  return body as Readonly<Record<string, unknown>>;
}

async function code(server: OpenServer, method: "GET" | "POST", path: string, body?: unknown): Promise<unknown[]> {
  const answer = await ask(server, method, path, body);
  return [answer.status, (answer.body as { error?: string }).error];
}

test("reading: each path answers with what it is for", async () => {
  await using server = await openServer();
  assert.deepEqual((await ok(server, "/api/v1/cluster/summary")).topologies, 1);
  assert.ok("messageTimeoutMs" in (await ok(server, "/api/v1/cluster/configuration")));
  const summary = (await ok(server, "/api/v1/topology/summary")) as { topologies: { id: string }[] };
  assert.deepEqual(
    summary.topologies.map(({ id }) => id),
    ["word-count"],
  );
  assert.equal((await ok(server, API)).id, "word-count");
  assert.equal((await ok(server, `${API}?window=600&sys=1`)).window, "600");
  assert.equal(((await ok(server, `${API}/metrics`)).spouts as unknown[]).length, 1);
  assert.equal((await ok(server, `${API}/component/split`)).componentType, "bolt");
  assert.deepEqual((await ok(server, `${API}/component/split/histogram/execute`)).buckets, server.topology.buckets);
  assert.deepEqual((await ok(server, `${API}/configuration`)).settings, server.topology.settings);
  assert.deepEqual((await ok(server, `${API}/graph`)).edges, server.topology.graph.edges);
  const snapshot = (await ok(server, `${API}/snapshot?window=10&tasks=1`)) as {
    windows: object;
    components: { split: { tasks: unknown[] } };
  };
  assert.deepEqual([Object.keys(snapshot.windows), snapshot.components.split.tasks.length], [["10s"], 2]);
  assert.equal((await ok(server, `${API}/state`)).state, "active");
  assert.deepEqual((await ok(server, `${API}/errors`)).errors, []);
  const workers = await ok(server, "/api/v1/topology-workers/word-count");
  assert.deepEqual(workers.hostPortList, [
    { host: "localhost", port: 0 },
    { host: "localhost", port: 1 },
  ]);
});

test("the pages' files and Prometheus' text have their types", async () => {
  await using server = await openServer();
  for (const [path, type, text] of [
    ["/", "text/html; charset=utf-8", "<!doctype html>"],
    ["/app.js", "text/javascript; charset=utf-8", "import"],
    ["/style.css", "text/css; charset=utf-8", ":root"],
    ["/icon.svg", "image/svg+xml", "<svg"],
    ["/metrics", "text/plain; version=0.0.4; charset=utf-8", "up 1"],
  ] as const) {
    const reply = await ask(server, "GET", path);
    assert.deepEqual([reply.status, reply.type], [200, type], path);
    assert.ok(String(reply.body).includes(text), path);
  }
  server.source.prometheus = null;
  assert.deepEqual(await code(server, "GET", "/metrics"), [501, "NOT_OFFERED"]);
});

test("health and readiness", async () => {
  await using server = await openServer();
  const health = await ok(server, "/healthz");
  assert.equal(health.status, "ok");
  assert.match(String(health.instance), /^[\w-]{22}$/);
  assert.equal((await ok(server, "/readyz")).status, "ready");
  for (const state of ["starting", "failed"] as const) {
    server.topology.state = state;
    const { status, body } = await ask(server, "GET", "/readyz");
    assert.deepEqual([status, body], [503, { status: "not ready", topologies: [{ id: "word-count", state }] }]);
  }
  server.topology.state = "completed";
  assert.equal((await ok(server, "/readyz")).status, "ready");
});

test("activate, deactivate and kill reach the topology, and answer as Storm does", async () => {
  await using server = await openServer();
  const { topology } = server;
  assert.deepEqual((await ask(server, "POST", `${API}/deactivate`)).body, {
    topologyOperation: "deactivate",
    topologyId: "word-count",
    status: "success",
  });
  assert.equal((await ask(server, "POST", `${API}/activate`)).status, 200);
  assert.equal((await ask(server, "POST", `${API}/kill/30`)).status, 200);
  assert.deepEqual(await code(server, "POST", `${API}/activate`), [409, "TOPOLOGY_ENDING"]);
  assert.equal((await ask(server, "POST", `${API}/kill/default`)).status, 200);
  assert.equal((await ask(server, "POST", `${API}/kill/0`)).status, 200);
  assert.deepEqual(topology.calls, ["deactivate", "activate", "kill 30000", "kill null", "kill 0"]);

  topology.state = "killed";
  for (const verb of ["activate", "deactivate", "kill/0"]) {
    assert.deepEqual(await code(server, "POST", `${API}/${verb}`), [409, "TOPOLOGY_ENDED"], verb);
  }
  assert.deepEqual(await code(server, "POST", `${API}/rebalance/1`, {}), [501, "NOT_OFFERED"]);
});

test("of two topologies of a name the one that is listed first is meant", async () => {
  await using server = await openServer();
  const old = new FakeTopology();
  old.state = "killed";
  server.source.list.push(old);
  assert.equal((await ask(server, "POST", `${API}/deactivate`)).status, 200);
  assert.deepEqual([server.topology.calls, old.calls], [["deactivate"], []]);
});

test("what a run does not offer is 501", async () => {
  await using server = await openServer();
  const gets = ["lag", "logconfig", "component/split/events", "trees"];
  const posts = [
    "debug/enable/1",
    "component/split/debug/enable/1",
    "profiling/start/0/1",
    "profiling/stop/0",
    "profiling/dumpprofile/0",
    "profiling/dumpheap/0",
    "profiling/dumpjstack/0",
    "profiling/restartworker/0",
  ];
  for (const path of gets) assert.deepEqual(await code(server, "GET", `${API}/${path}`), [501, "NOT_OFFERED"], path);
  for (const path of posts)
    assert.deepEqual(await code(server, "POST", `${API}/${path}`), [501, "NOT_OFFERED"], path);
  const levels = { namedLoggerLevels: { ROOT: { target_level: "DEBUG" } } };
  assert.deepEqual(await code(server, "POST", `${API}/logconfig`, levels), [501, "NOT_OFFERED"]);
});

test("log levels: Storm's body, checked whole", async () => {
  await using server = await openServer();
  const calls: [string, LogLevelChange][] = [];
  const logLevels: UiLogLevels = {
    list: () => [{ logger: "split", level: "debug", levelBefore: "info", durationMs: 60_000, untilMs: 9 }],
    set: (logger, change) => void calls.push([logger, change]),
  };
  server.topology.tools = { ...NO_TOOLS, logLevels };
  const shown = { target_level: "DEBUG", reset_level: "INFO", timeout: 60, timeout_epoch: 9 };
  assert.deepEqual(await ok(server, `${API}/logconfig`), { namedLoggerLevels: { split: shown } });
  const wanted = { ROOT: { target_level: "WARN", timeout: 30 }, split: { target_level: null } };
  assert.equal((await ask(server, "POST", `${API}/logconfig`, { namedLoggerLevels: wanted })).status, 200);
  assert.deepEqual(calls, [
    ["ROOT", { level: "warn", durationMs: 30_000 }],
    ["split", { level: null, durationMs: 0 }],
  ]);
  const bad: unknown[] = [
    [],
    {},
    null,
    { namedLoggerLevels: [] },
    { namedLoggerLevels: { a: 1 } },
    { namedLoggerLevels: { split: { target_level: "LOUD" } } },
    { namedLoggerLevels: { split: {} } },
    { namedLoggerLevels: { split: { target_level: "INFO", timeout: -1 } } },
    { namedLoggerLevels: { split: { target_level: "INFO" }, count: { target_level: 1 } } },
    { namedLoggerLevels: { split: { target_level: "INFO" }, "com.example": { target_level: "INFO" } } },
  ];
  for (const body of bad) {
    assert.deepEqual(
      await code(server, "POST", `${API}/logconfig`, body),
      [400, "BAD_LOG_LEVELS"],
      JSON.stringify(body),
    );
  }
  assert.equal(calls.length, 2, "a body that is partly wrong must change nothing");
});

test("lag: of the spouts that tell it, in Storm's shape", async () => {
  await using server = await openServer();
  const lines = { spoutId: "lines", spoutType: "GAUGE", spoutLagResult: { lag: 7, byTask: { 1: 7 } } };
  server.topology.lagList = { lines };
  assert.deepEqual(await ok(server, `${API}/lag`), { lines });
});

test("inspector: shares are checked, tuples come back in a form that JSON has", async () => {
  await using server = await openServer();
  const calls: unknown[] = [];
  const tuple: InspectedTuple = { timeMs: 1, component: "split", stream: "default", task: 2, values: [1n, "<i>"] };
  const inspector: UiInspector = {
    sampling: { "": 2.5 },
    sample: (component, percent) => void calls.push([component, percent]),
    tuples: () => [tuple],
    trees: () => [],
  };
  server.topology.tools = { ...NO_TOOLS, inspector };
  for (const path of ["debug/enable/12.5", "debug/disable/50", "component/split/debug/enable/100"]) {
    assert.equal((await ask(server, "POST", `${API}/${path}`)).status, 200, path);
  }
  assert.deepEqual(calls, [
    [null, 12.5],
    [null, 0],
    ["split", 100],
  ]);
  for (const path of ["debug/on/1", "debug/enable/101", "debug/enable/-1", "debug/enable/1e1", "debug/enable/x"]) {
    assert.equal((await ask(server, "POST", `${API}/${path}`)).status, 400, path);
  }
  const { events } = (await ok(server, `${API}/component/split/events`)) as { events: InspectedTuple[] };
  assert.deepEqual(events, [{ ...tuple, values: ["1", "<i>"] }]);
  assert.deepEqual((await ok(server, `${API}/trees`)).trees, []);
  assert.deepEqual([(await ok(server, API)).debug, (await ok(server, API)).samplingPct], [true, 2.5]);
});

test("profiles: started for minutes, and handed over as a file", async () => {
  await using server = await openServer();
  const calls: unknown[] = [];
  const file: ProfileFile = { fileName: 'w0".cpuprofile', contentType: "application/json", content: "{}" };
  const parts = async function* () {
    yield Buffer.from("heap ");
    yield Buffer.from("snapshot");
  };
  const profiler: UiProfiler = {
    start: async (worker, durationMs) => void calls.push([worker, durationMs]),
    stop: async () => file,
    dump: async () => null,
    heapSnapshot: async () => ({ ...file, contentType: "text/plain", content: parts() }),
  };
  server.topology.tools = { ...NO_TOOLS, profiler };
  const started = await ask(server, "POST", `${API}/profiling/start/localhost:1/10`);
  assert.deepEqual(started.body, { status: "ok", id: "localhost:1", timeout: "10", dumplink: "" });
  assert.deepEqual(calls, [[1, 600_000]]);
  assert.equal((await ask(server, "POST", `${API}/profiling/start/0/0`)).status, 400);
  assert.deepEqual((await ask(server, "POST", `${API}/profiling/stop/0`)).body, {});
  assert.deepEqual(await code(server, "POST", `${API}/profiling/dumpprofile/0`), [409, "NO_PROFILE"]);
  assert.equal((await ask(server, "POST", `${API}/profiling/dumpheap/0`)).body, "heap snapshot");
});

test("a source that fails is 500 without a word of why, and the server goes on", async () => {
  await using server = await openServer();
  server.topology.metrics = () => {
    throw new Error("a secret of the inside");
  };
  const { status, body } = await ask(server, "GET", API);
  assert.equal(status, 500);
  assert.ok(!JSON.stringify(body).includes("secret"));
  assert.equal((await ok(server, "/healthz")).status, "ok");
});
