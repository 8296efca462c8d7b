import type { Benchmark } from "./harness/benchmark.ts";

/**
 * Every benchmark, in the order in which they are reported. Loaded one at a time, so that a side's process holds its
 * own shape's code and nothing else.
 */
const loaders: Readonly<Record<string, () => Promise<Benchmark>>> = {
  "one-hop": async () => (await import("./topology/one-hop.ts")).oneHop,
  "batch-of-one": async () => (await import("./topology/batch-of-one.ts")).batchOfOne,
  "hop-values": async () => (await import("./topology/hop-values.ts")).hopValues,
  "many-schemas": async () => (await import("./topology/many-schemas.ts")).manySchemas,
  "word-count": async () => (await import("./topology/word-count.ts")).wordCountShape,
  parallelism: async () => (await import("./topology/parallelism.ts")).parallelism,
  "one-hop-acked": async () => (await import("./topology/one-hop-acked.ts")).oneHopAcked,
  "word-count-acked": async () => (await import("./topology/word-count-acked.ts")).wordCountAcked,
  "ack-latency": async () => (await import("./topology/ack-latency.ts")).ackLatency,
  latency: async () => (await import("./topology/latency.ts")).latency,
  "metrics-cost": async () => (await import("./topology/metrics-cost.ts")).metricsCost,
  "idle-cpu": async () => (await import("./topology/idle-cpu.ts")).idleCpu,
  "start-time": async () => (await import("./topology/start-time.ts")).startTime,
  "memory-use": async () => (await import("./topology/memory-use.ts")).memoryUse,
  "reference-hop": async () => (await import("./topology/reference-hop.ts")).referenceHop,
  "reference-word-count": async () => (await import("./topology/reference-word-count.ts")).referenceWordCount,
  "connectors-files": async () => (await import("./topology/connectors-files.ts")).connectorsFiles,
  "connectors-redis-store": async () => (await import("./topology/connectors-redis.ts")).redisStore,
  "connectors-kafka-spout": async () => (await import("./topology/connectors-kafka.ts")).connectorKafkaSpout,
  ...suite(),
  ...besideStorm(),
  "beside-jet-hop": async () => (await import("./topology/beside-jet.ts")).besideJetHop,
  "beside-jet-word-count": async () => (await import("./topology/beside-jet.ts")).besideJetWordCount,
  "beside-node-hop": async () => (await import("./topology/beside-node.ts")).besideNodeHop,
  "beside-node-word-count": async () => (await import("./topology/beside-node.ts")).besideNodeWordCount,
  "micro-ring": async () => (await import("./micro/ring.ts")).microRing,
  "micro-ring-batches": async () => (await import("./micro/ring-batches.ts")).microRingBatches,
  "micro-doorbell": async () => (await import("./micro/doorbell.ts")).microDoorbell,
  "micro-codec": async () => (await import("./micro/codec.ts")).microCodec,
  "micro-strings": async () => (await import("./micro/strings.ts")).microStrings,
  "micro-append-row": async () => (await import("./micro/append-row.ts")).microAppendRow,
  "micro-key-hash": async () => (await import("./micro/key-hash.ts")).microKeyHash,
  "micro-acking": async () => (await import("./micro/acking.ts")).microAcking,
  "micro-counters": async () => (await import("./micro/counters.ts")).microCounters,
};

/** The rest of the shapes of Storm's performance suite, and loads. */
function suite(): Readonly<Record<string, () => Promise<Benchmark>>> {
  const words = () => import("./topology/simplified-word-count.ts");
  const fan = () => import("./topology/fan.ts");
  const settings = () => import("./topology/settings.ts");
  return {
    "const-only": async () => (await import("./topology/const-only.ts")).constOnly,
    "simplified-word-count": async () => (await words()).simplifiedWordCount,
    "simplified-word-count-acked": async () => (await words()).simplifiedWordCountAcked,
    "fan-out": async () => (await fan()).fanOut,
    "fan-in": async () => (await fan()).fanIn,
    "back-pressure": async () => (await import("./topology/back-pressure.ts")).backPressure,
    burst: async () => (await import("./topology/burst.ts")).burst,
    "settings-const-null": async () => (await settings()).settingsConstNull,
    "settings-const-id-null": async () => (await settings()).settingsConstIdNull,
    "settings-word-count": async () => (await settings()).settingsWordCount,
    "load-latency": async () => (await import("./topology/load-latency.ts")).loadLatency,
    "sustained-rate": async () => (await import("./topology/sustained-rate.ts")).sustainedRate,
    scaling: async () => (await import("./topology/scaling.ts")).scaling,
  };
}

function besideStorm(): Readonly<Record<string, () => Promise<Benchmark>>> {
  const rows = () => import("./topology/beside-storm.ts");
  const latency = () => import("./topology/beside-storm-latency.ts");
  return {
    "beside-storm-const-null": async () => (await rows()).besideStormConstNull,
    "beside-storm-const-null-acked": async () => (await rows()).besideStormConstNullAcked,
    "beside-storm-const-id-null": async () => (await rows()).besideStormConstIdNull,
    "beside-storm-const-id-null-acked": async () => (await rows()).besideStormConstIdNullAcked,
    "beside-storm-word-count": async () => (await rows()).besideStormWordCount,
    "beside-storm-word-count-acked": async () => (await rows()).besideStormWordCountAcked,
    "beside-storm-latency-10k": async () => (await latency()).besideStormLatency10k,
    "beside-storm-latency-50k": async () => (await latency()).besideStormLatency50k,
    "beside-storm-half-load": async () => (await latency()).besideStormHalfLoad,
  };
}

export const benchmarkNames: readonly string[] = Object.keys(loaders);

export async function loadBenchmark(name: string): Promise<Benchmark> {
  const load = loaders[name];
  if (load === undefined)
    throw new Error(`no benchmark is called "${name}"; there are: ${benchmarkNames.join(", ")}`);
  const loaded = await load();
  if (loaded.name !== name) throw new Error(`benchmark "${name}" calls itself "${loaded.name}"`);
  return loaded;
}
