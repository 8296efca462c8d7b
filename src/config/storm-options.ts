import type { OptionName } from "./option-table.ts";

/** One of Storm's own keys that has a counterpart here. */
export interface StormAlias {
  readonly option: OptionName;
  readonly type: "integer" | "boolean";
  readonly min?: number;
  /** From Storm's value, already checked, to ours; undefined when it asks for what is so anyway. */
  readonly convert: (value: number | boolean) => unknown;
  /** What a Storm user has to know; shown in docs/CONFIG.md. */
  readonly differs: string;
}

const asIs = (value: number | boolean): unknown => value;
const secondsToMs = (value: number | boolean): unknown => Number(value) * 1000;

/** Storm keys by name. Null counts as not given, as it does in Storm. */
export const stormAliases: Readonly<Record<string, StormAlias>> = {
  "topology.workers": {
    option: "workers",
    type: "integer",
    min: 1,
    convert: asIs,
    differs:
      "Workers are threads of one process here, and when it is not given there is one per core, not one in all.",
  },
  "topology.acker.executors": {
    option: "acking",
    type: "integer",
    min: 0,
    convert: (value) => (value === 0 ? "off" : "auto"),
    differs: "0 switches tracking off; any other number means the one acker thread that a topology has here.",
  },
  "topology.max.spout.pending": {
    option: "maxSpoutPending",
    type: "integer",
    min: 1,
    convert: asIs,
    differs: "Counts per spout task, as in Storm, but there is always a limit, by default 2048.",
  },
  "topology.message.timeout.secs": {
    option: "messageTimeoutMs",
    type: "integer",
    min: 1,
    convert: secondsToMs,
    differs: "Counts from the tree's last progress, not from the emit, and to some 10 ms, not up to twice as long.",
  },
  "topology.max.task.parallelism": {
    option: "maxTaskParallelism",
    type: "integer",
    min: 1,
    convert: asIs,
    differs: "Limits tasks; there are no executors apart from them.",
  },
  "topology.tick.tuple.freq.secs": {
    option: "tickMs",
    type: "integer",
    min: 1,
    convert: secondsToMs,
    differs: "Calls onTick where there is one, and ticks never queue behind data.",
  },
  "topology.executor.receive.buffer.size": {
    option: "localQueueRowsMax",
    type: "integer",
    min: 1,
    convert: asIs,
    differs: "Counts tuples from a task's own worker. Rings between workers are sized in bytes, by ringBudgetBytes.",
  },
  "topology.producer.batch.size": {
    option: "batchRowsMax",
    type: "integer",
    min: 1,
    convert: asIs,
    differs: "An upper limit of at most 4096: batches grow and shrink with the load by themselves.",
  },
  "topology.batch.flush.interval.millis": {
    option: "flushMs",
    type: "integer",
    min: 1,
    convert: asIs,
    differs: "0, which switches flushing off in Storm, is refused: a batch must never wait for ever.",
  },
  "topology.sleep.spout.wait.strategy.time.ms": {
    option: "spoutIdleMs",
    type: "integer",
    min: 0,
    convert: asIs,
    differs: "The first pause only: pauses grow up to spoutIdleMaxMs while the spout has nothing.",
  },
  "topology.worker.timeout.secs": {
    option: "workerTimeoutMs",
    type: "integer",
    min: 1,
    convert: secondsToMs,
    differs: "Time without a sign of life of a worker thread, not of a process.",
  },
  "topology.debug": {
    option: "logLevel",
    type: "boolean",
    convert: (value) => (value === true ? "debug" : undefined),
    differs: "true logs at level debug, which does not write a line per tuple; false changes nothing.",
  },
};

export interface StormRefusal {
  /** A whole key, or the beginning of keys when it ends with a dot. */
  readonly key: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Known Storm keys that have no counterpart, each with the reason: silence would let a user believe they work. */
export const stormRefusals: readonly StormRefusal[] = [
  {
    key: "topology.tasks",
    reason: "a component's parallelism is its number of tasks",
    remedy: "set parallelism where the component is declared",
  },
  {
    key: "topology.acker.tasks",
    reason: "a topology has one acker thread",
    remedy: `remove it; topology.acker.executors: 0 switches tracking off`,
  },
  {
    key: "topology.enable.message.timeouts",
    reason: "every wait has a bound here",
    remedy: "remove it, and raise messageTimeoutMs if trees take long",
  },
  {
    key: "topology.transfer.",
    reason: "there are no worker processes, and so no transfer queue between them",
    remedy: "remove it; ringBudgetBytes sizes what lies between worker threads",
  },
  {
    key: "topology.disable.loadaware.messaging",
    reason: "shuffle grouping is always an even round-robin",
    remedy: "remove it; leastLoadedGrouping is the grouping that looks at load",
  },
  {
    key: "topology.localityaware.",
    reason: "localOrShuffleGrouping spreads by the tuples that wait, not by distance",
    remedy: "set localMarkRows",
  },
  {
    key: "topology.spout.wait.",
    reason: "a spout without tuples pauses by the engine's own rule",
    remedy: "set spoutIdleMs and spoutIdleMaxMs",
  },
  {
    key: "topology.bolt.wait.",
    reason: "a worker without work parks by the engine's own rule",
    remedy: "set spinMs",
  },
  {
    key: "topology.bolts.",
    reason: "windowed bolts are not available",
    remedy: "remove it",
  },
  {
    key: "topology.backpressure.",
    reason: "a full ring stops its producer at once: nothing is checked at intervals",
    remedy: "remove it",
  },
  {
    key: "topology.executor.overflow.limit",
    reason: "what one task may emit beyond its consumers is bounded per task",
    remedy: "set emitOverflowMax",
  },
  {
    key: "topology.stats.sample.rate",
    reason: "every tuple is counted, not a sample",
    remedy: "remove it",
  },
  {
    key: "topology.kryo.",
    reason: "tuples are not serialized by Kryo; fields have column types",
    remedy: "declare the field's type, or let it be of type any",
  },
  {
    key: "topology.fall.back.on.java.serialization",
    reason: "there are no Java objects; fields have column types",
    remedy: "remove it",
  },
  {
    key: "topology.testing.always.try.serialize",
    reason: "the inline runtime copies every tuple",
    remedy: 'test with runtime: "inline"',
  },
  {
    key: "topology.worker.",
    reason: "a worker is a thread of your process, not a JVM",
    remedy: "give memory and environment settings to the node process",
  },
  {
    key: "topology.component.",
    reason: "there is one machine, and so no resource-aware scheduler",
    remedy: "remove it; workers and parallelism say what runs where",
  },
  {
    key: "topology.scheduler.",
    reason: "there is one machine: the plan places tasks",
    remedy: "remove it; the plan command shows the placement",
  },
  { key: "topology.priority", reason: "there is one machine and no queue of topologies", remedy: "remove it" },
  {
    key: "topology.state.",
    reason: "checkpointed state is not available",
    remedy: "remove it",
  },
  {
    key: "topology.trident.",
    reason: "Trident is not available",
    remedy: "remove it",
  },
  {
    key: "topology.eventlogger.",
    reason: "there is no event logger",
    remedy: "remove it, and subscribe a bolt of your own to the stream you want to see",
  },
  {
    key: "topology.metrics.",
    reason: "metrics consumers are objects, not names of classes",
    remedy: "remove it, and call run.registerMetricsConsumer",
  },
  {
    key: "topology.builtin.metrics.",
    reason: "counters are read when they are wanted, and consumers have intervals of their own",
    remedy: "remove it, and give registerMetricsConsumer its interval",
  },
  {
    key: "topology.subprocess.",
    reason: "components in other languages are not available",
    remedy: "remove it",
  },
  {
    key: "topology.shellbolt.",
    reason: "components in other languages are not available",
    remedy: "remove it",
  },
  {
    key: "topology.multilang.",
    reason: "components in other languages are not available",
    remedy: "remove it",
  },
  {
    key: "topology.auto.task.hooks",
    reason: "task hooks are code here, not names of classes",
    remedy: "add them with builder.addTaskHook",
  },
];

export function stormRefusalOf(key: string): StormRefusal | null {
  return (
    stormRefusals.find((refusal) =>
      refusal.key.endsWith(".") ? key.startsWith(refusal.key) : key === refusal.key,
    ) ?? null
  );
}
