import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../../../src/base/engine-error.ts";
import { describeAllowed, isAllowedValue } from "../../../src/config/check-value.ts";
import { type OptionName, optionDefinition, optionNames } from "../../../src/config/option-table.ts";
import type { ComponentConfig, TopologyConfig } from "../../../src/config/option-values.ts";
import { type ConfigLayers, resolveConfig } from "../../../src/config/resolve-config.ts";
import { stormAliases, stormRefusals } from "../../../src/config/storm-options.ts";

function errorOf(layers: ConfigLayers): EngineError {
  try {
    resolveConfig(layers);
  } catch (error) {
    assert.ok(error instanceof EngineError, String(error));
    return error;
  }
  assert.fail(`no error for ${JSON.stringify(layers)}`);
}

test("without any layer every option has its default, and each default is a value that it may have", () => {
  const values = resolveConfig();
  for (const name of optionNames) {
    assert.deepEqual(values[name], optionDefinition(name).default, name);
    assert.ok(isAllowedValue(name, values[name]), `default of ${name} is not ${describeAllowed(name)}`);
  }
  assert.ok(Object.isFrozen(values));
});

test("every layer overrides those before it", () => {
  const layers = {
    cluster: { maxSpoutPending: 1, logLevel: "warn" },
    topology: { maxSpoutPending: 2, flushMs: 5 },
    component: { maxSpoutPending: 3, tickMs: 100 },
    commandLine: { tickMs: 200 },
  };
  assert.equal(resolveConfig({ cluster: layers.cluster }).maxSpoutPending, 1);
  assert.equal(resolveConfig({ cluster: layers.cluster, topology: layers.topology }).maxSpoutPending, 2);
  const values = resolveConfig(layers);
  assert.equal(values.maxSpoutPending, 3);
  assert.equal(values.tickMs, 200);
  assert.equal(values.flushMs, 5);
  assert.equal(values.logLevel, "warn");
});

test("the layer decides, not whether a value differs from the default", () => {
  assert.equal(resolveConfig({ cluster: { flushMs: 9 }, topology: { flushMs: 1 } }).flushMs, 1);
  assert.equal(resolveConfig({ topology: { tickMs: 9 }, component: { tickMs: null } }).tickMs, null);
});

test("undefined counts as not given", () => {
  assert.equal(resolveConfig({ cluster: { flushMs: 9 }, topology: { flushMs: undefined } }).flushMs, 9);
});

test("an unknown option names the nearest one", () => {
  const error = errorOf({ topology: { mesageTimeoutMs: 1 } });
  assert.equal(error.code, "CONFIG_UNKNOWN_OPTION");
  assert.match(error.message, /"messageTimeoutMs"/);
  assert.match(
    errorOf({ cluster: { "topology.mesage.timeout.secs": 1 } }).message,
    /"topology.message.timeout.secs"/,
  );
  assert.equal(errorOf({ cluster: { constructor: 1 } }).code, "CONFIG_UNKNOWN_OPTION");
  assert.equal(errorOf({ cluster: JSON.parse('{"__proto__": 1}') }).code, "CONFIG_UNKNOWN_OPTION");
});

test("a wrong type or range tells option, value and what is allowed", () => {
  const cases: [OptionName, unknown][] = [
    ["workers", 0],
    ["workers", "Auto"],
    ["workers", 1.5],
    ["workers", Number.NaN],
    ["workers", "2"],
    ["ringBytesMax", 5000],
    ["flushMs", -1],
    ["flushMs", Number.POSITIVE_INFINITY],
    ["maxSpoutPending", null],
    ["logLevel", 3],
    ["seed", 1n],
    ["acking", true],
    ["claimsFolder", ""],
    ["claimsFolder", 3],
  ];
  for (const [name, value] of cases) {
    const error = errorOf({ cluster: { [name]: value } });
    assert.equal(error.code, "CONFIG_INVALID_VALUE", `${name} = ${String(value)}`);
    assert.equal(error.facts.option, name);
    assert.equal(error.facts.allowed, describeAllowed(name));
  }
  assert.match(
    errorOf({ cluster: { workers: 0 } }).message,
    /allowed: +"auto" or an integer from 1 to 256 \(threads\)/,
  );
  assert.equal(errorOf({ cluster: [] }).code, "CONFIG_INVALID_VALUE");
});

test("numbers are taken from the least to the greatest allowed, and none beyond", () => {
  for (const name of optionNames) {
    const { type, min, max } = optionDefinition(name);
    if (type === "word" || type === "path") continue;
    assert.ok(isAllowedValue(name, min) && isAllowedValue(name, max), name);
    const step = type === "integer" ? 1 : 0.001;
    assert.ok(!isAllowedValue(name, min! - step) && !isAllowedValue(name, max! + step), name);
  }
});

test("an option in a layer where it may not be is an error that names the layers where it may", () => {
  const error = errorOf({ component: { ringBudgetBytes: 1 << 20 }, componentId: "count" });
  assert.equal(error.code, "CONFIG_WRONG_LAYER");
  assert.match(error.message, /component "count"/);
  assert.deepEqual(error.facts["may be set for"], ["cluster", "topology"]);
  assert.equal(errorOf({ cluster: { concurrency: 2 } }).code, "CONFIG_WRONG_LAYER");
  assert.equal(errorOf({ component: { "topology.workers": 2 } }).code, "CONFIG_WRONG_LAYER");
});

test("options that cannot go together are told with both values and their layers", () => {
  const error = errorOf({ cluster: { ringBytesMin: 8192 }, topology: { ringBytesMax: 4096 } });
  assert.equal(error.code, "CONFIG_CONFLICT");
  assert.deepEqual(error.facts, { ringBytesMin: "8192 (cluster)", ringBytesMax: "4096 (topology)" });
  for (const settings of [
    { ringBudgetBytes: 4096, ringBytesMin: 8192 },
    { localQueueRowsMax: 10, localMarkRows: 1 },
    { localQueueRowsMax: 1000 },
    { spoutIdleMs: 101 },
  ]) {
    assert.equal(errorOf({ topology: settings }).code, "CONFIG_CONFLICT", JSON.stringify(settings));
  }
});

test("Storm's options reach their counterparts, converted", () => {
  const values = resolveConfig({
    topology: {
      "topology.workers": 3,
      "topology.acker.executors": 0,
      "topology.max.spout.pending": 7,
      "topology.message.timeout.secs": 5,
      "topology.max.task.parallelism": 4,
      "topology.tick.tuple.freq.secs": 2,
      "topology.executor.receive.buffer.size": 32768,
      "topology.producer.batch.size": 100,
      "topology.batch.flush.interval.millis": 2,
      "topology.sleep.spout.wait.strategy.time.ms": 3,
      "topology.worker.timeout.secs": 60,
      "topology.debug": true,
    },
  });
  const expected = {
    workers: 3,
    acking: "off",
    maxSpoutPending: 7,
    messageTimeoutMs: 5000,
    maxTaskParallelism: 4,
    tickMs: 2000,
    localQueueRowsMax: 32768,
    batchRowsMax: 100,
    flushMs: 2,
    spoutIdleMs: 3,
    workerTimeoutMs: 60_000,
    logLevel: "debug",
  };
  assert.equal(Object.keys(expected).length, Object.keys(stormAliases).length, "an alias without a check here");
  for (const [name, value] of Object.entries(expected)) assert.equal(values[name as OptionName], value, name);
});

test("Storm's options with values that have no meaning here are refused or ask for nothing", () => {
  assert.equal(resolveConfig({ topology: { "topology.acker.executors": 5 } }).acking, "auto");
  assert.equal(resolveConfig({ topology: { "topology.acker.executors": null } }).acking, "auto");
  assert.equal(resolveConfig({ topology: { "topology.max.spout.pending": null } }).maxSpoutPending, 2048);
  assert.equal(
    resolveConfig({ cluster: { logLevel: "warn" }, topology: { "topology.debug": false } }).logLevel,
    "warn",
  );
  for (const [key, value] of [
    ["topology.batch.flush.interval.millis", 0],
    ["topology.producer.batch.size", 100_000],
    ["topology.message.timeout.secs", "30"],
    ["topology.message.timeout.secs", 9e9],
    ["topology.debug", 1],
  ] as const) {
    assert.equal(errorOf({ topology: { [key]: value } }).code, "CONFIG_INVALID_VALUE", `${key} = ${value}`);
  }
  for (const refusal of stormRefusals) {
    const key = refusal.key.endsWith(".") ? `${refusal.key}x` : refusal.key;
    const error = errorOf({ topology: { [key]: 1 } });
    assert.equal(error.code, "CONFIG_STORM_UNSUPPORTED", key);
    assert.equal(error.facts.reason, refusal.reason, `${key} is caught by another refusal`);
  }
});

test("an option set by its name and by Storm's in one layer is an error; in two layers the later wins", () => {
  const error = errorOf({ topology: { flushMs: 1, "topology.batch.flush.interval.millis": 2 } });
  assert.equal(error.code, "CONFIG_DUPLICATE_OPTION");
  assert.equal(
    resolveConfig({ cluster: { flushMs: 1 }, topology: { "topology.batch.flush.interval.millis": 2 } }).flushMs,
    2,
  );
});

test("whatever is given, the result is a config of allowed values or an EngineError", () => {
  const settings = fc.dictionary(
    fc.constantFrom(...optionNames, ...Object.keys(stormAliases), "topology.x", "x"),
    fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom("auto", "off", null, true, 4096, -1), fc.anything()),
    { maxKeys: 3 },
  );
  fc.assert(
    fc.property(fc.record({ cluster: settings, topology: settings, component: settings }), (layers) => {
      try {
        const values = resolveConfig(layers);
        for (const name of optionNames) assert.ok(isAllowedValue(name, values[name]), name);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }),
    process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) },
  );
});

test("the config types take what each layer may set, and nothing else", () => {
  const topology: TopologyConfig = { workers: 2, messageTimeoutMs: 1, "topology.workers": 3 };
  const component: ComponentConfig = { concurrency: 4, tickMs: null };
  // @ts-expect-error no such option
  const misspelt: TopologyConfig = { mesageTimeoutMs: 1 };
  // @ts-expect-error wrong type
  const wrongType: TopologyConfig = { workers: "many" };
  // @ts-expect-error a topology's option
  const wrongLayer: ComponentConfig = { workers: 2 };
  assert.ok([topology, component, misspelt, wrongType, wrongLayer].length === 5);
});
