// The answers have Storm's fields, as its REST documentation lists them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { componentPage } from "../../../src/http/component-page.ts";
import { STORM_WINDOWS, stormStatus, uptimeText, windowOf } from "../../../src/http/storm-text.ts";
import { streamMetricsPage, summaryRow, topologyPage } from "../../../src/http/topology-pages.ts";
import { COUNTS, FakeTopology } from "./fake-source.ts";

const ALL = STORM_WINDOWS.at(-1)!;
const NOW_MS = 1_700_000_010_000;

/** Fields of the documentation that say nothing here: memory and CPU that a scheduler assigns. */
type Fields = Readonly<Record<string, unknown>>;

function hasFields(value: unknown, names: string): void {
  const missing = names.split(" ").filter((name) => !Object.hasOwn(value as Fields, name));
  assert.deepEqual(missing, []);
}

test("topology summary", () => {
  const row = summaryRow(new FakeTopology()) as Fields;
  hasFields(row, "id name status uptime uptimeSeconds tasksTotal workersTotal executorsTotal replicationCount");
  assert.deepEqual(
    [row.id, row.status, row.uptime, row.uptimeSeconds, row.tasksTotal, row.workersTotal],
    ["word-count", "ACTIVE", "6m 5s", 365, 6, 2],
  );
});

test("topology: stats by window, spouts, bolts, workers", () => {
  const topology = new FakeTopology();
  const where = { component: "split", task: 3, worker: 1 };
  topology.errorList = [{ number: 1, timeMs: NOW_MS - 65_000, kind: "task-restarted", text: "Error: x", ...where }];
  const page = topologyPage(topology, ALL, NOW_MS) as Fields;
  hasFields(page, "id name uptime uptimeSeconds status tasksTotal workersTotal executorsTotal msgTimeout windowHint");
  hasFields(page, "schedulerDisplayResource replicationCount debug samplingPct topologyStats workers spouts bolts");
  hasFields(page, "configuration window");
  assert.equal(page.msgTimeout, 30);
  assert.deepEqual(page.configuration, { messageTimeoutMs: 30_000, logLevel: "warn" });

  const stats = page.topologyStats as Fields[];
  assert.deepEqual(
    stats.map(({ window }) => window),
    ["10", "600", "10800", "86400", ":all-time"],
  );
  const { emitted, transferred, acked, failed } = COUNTS;
  assert.deepEqual(stats[1], {
    windowPretty: "10m 0s",
    window: "600",
    emitted,
    transferred,
    completeLatency: "1.500",
    acked,
    failed,
  });
  const [spout] = page.spouts as Fields[];
  hasFields(spout, "spoutId executors emitted completeLatency transferred tasks lastError errorHost errorPort");
  hasFields(spout, "errorTime errorLapsedSecs errorWorkerLogLink acked failed");
  assert.equal(spout?.lastError, "");
  const [split] = page.bolts as Fields[];
  hasFields(split, "boltId capacity processLatency executeLatency executors tasks acked failed executed lastError");
  hasFields(split, "errorHost errorPort errorTime errorLapsedSecs errorWorkerLogLink emitted transferred");
  assert.deepEqual(
    [split?.boltId, split?.capacity, split?.executeLatency, split?.processLatency, split?.tasks],
    ["split", "0.550", "0.125", "1.500", 2],
  );
  assert.deepEqual(
    [split?.lastError, split?.errorPort, split?.errorTime, split?.errorLapsedSecs],
    ["Error: x", 1, (NOW_MS - 65_000) / 1000, 65],
  );
  const [worker] = page.workers as Fields[];
  hasFields(worker, "supervisorId host port topologyId topologyName executorsTotal componentNumTasks uptime");
  assert.deepEqual(worker?.componentNumTasks, { lines: 1, split: 1, count: 1 });
});

test("topology metrics: numbers by stream", () => {
  const page = streamMetricsPage(new FakeTopology(), ALL) as { spouts: Fields[]; bolts: Fields[] } & Fields;
  assert.deepEqual([page.window, page["window-hint"]], [":all-time", "All time"]);
  hasFields(page.spouts[0], "id emitted transferred acked failed complete_ms_avg");
  assert.deepEqual(page.spouts[0]?.acked, [{ stream_id: "<b>bold</b>", value: 90 }]);
  hasFields(page.bolts[0], "id emitted transferred acked failed process_ms_avg executed executed_ms_avg");
  const key = { component_id: "lines", stream_id: "<b>bold</b>" };
  assert.deepEqual(page.bolts[0]?.executed, [{ ...key, value: 100 }]);
  assert.deepEqual(page.bolts[0]?.executed_ms_avg, [{ ...key, value: "0.125" }]);
});

test("component: a bolt and a spout", () => {
  const topology = new FakeTopology();
  const common =
    "id encodedId name executors tasks topologyId topologyStatus encodedTopologyId window componentType windowHint " +
    "debug samplingPct eventLogLink profilingAndDebuggingCapable profileActionEnabled profilerActive " +
    "componentErrors outputStats executorStats";
  const bolt = componentPage(topology, "split", ALL, NOW_MS) as Fields;
  hasFields(bolt, `${common} boltStats inputStats`);
  hasFields((bolt.boltStats as Fields[])[0], "windowPretty window emitted transferred processLatency acked failed");
  hasFields((bolt.inputStats as Fields[])[0], "component encodedComponentId executeLatency processLatency executed");
  assert.equal((bolt.executorStats as Fields[])[1]?.id, "[3-3]");
  assert.equal((bolt.taskStats as Fields[]).length, 2);

  const spout = componentPage(topology, "lines", ALL, NOW_MS) as Fields;
  hasFields(spout, `${common} spoutSummary`);
  assert.ok(!Object.hasOwn(spout, "boltStats"));
  hasFields((spout.outputStats as Fields[])[0], "stream emitted transferred completeLatency acked failed");
});

test("pages of a topology that has no numbers yet are full of zeros", () => {
  const topology = new FakeTopology();
  topology.hasNumbers = false;
  topology.state = "starting";
  topology.settings = null;
  const page = topologyPage(topology, ALL, NOW_MS) as { topologyStats: Fields[] } & Fields;
  assert.deepEqual([page.topologyStats[0]?.emitted, page.status, page.uptime], [0, "INACTIVE", "0s"]);
  const component = componentPage(topology, "split", ALL, NOW_MS) as Fields;
  assert.deepEqual(component.inputStats, []);
  streamMetricsPage(topology, ALL);
});

test("windows, statuses and uptimes in Storm's words", () => {
  assert.equal(windowOf(new Map()).name, "all");
  assert.equal(windowOf(new Map([["window", "600"]])).name, "10m");
  assert.throws(() => windowOf(new Map([["window", "601"]])), { status: 400 });
  assert.deepEqual((["active", "starting", "inactive", "draining", "failed"] as const).map(stormStatus), [
    "ACTIVE",
    "INACTIVE",
    "INACTIVE",
    "KILLED",
    "KILLED",
  ]);
  assert.deepEqual([0, 59_999, 60_000, 90_061_000].map(uptimeText), ["0s", "59s", "1m 0s", "1d 1h 1m 1s"]);
});
