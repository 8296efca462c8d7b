import { LOG_LEVELS } from "../base/log.ts";
import type { OptionValues } from "./option-values.ts";

/** The layers that may set an option, each overriding those before it; the command line overrides them all. */
export type OptionScope = "cluster" | "topology" | "component";

export type OptionUnit = "ms" | "bytes" | "tuples" | "tasks" | "threads" | "calls" | "trees";

/** One option: what a value may be, what it is when nobody sets it, and what it means. */
export interface OptionDefinition<Value = unknown> {
  /** `integer` and `number` have bounds; `word` takes only one of `words`. */
  readonly type: "integer" | "number" | "word";
  /** What a number counts; null when it is only a number, or a word. */
  readonly unit: OptionUnit | null;
  readonly default: Value;
  readonly scopes: readonly OptionScope[];
  readonly min?: number;
  readonly max?: number;
  readonly powerOfTwo?: true;
  /** Words that are taken; with a number type, instead of a number. */
  readonly words?: readonly string[];
  readonly nullable?: true;
  readonly doc: string;
}

export type OptionName = keyof OptionValues;

const RUN = ["cluster", "topology"] as const satisfies readonly OptionScope[];
const ALL = ["cluster", "topology", "component"] as const satisfies readonly OptionScope[];

const KIB = 1024;
const MIB = 1024 * KIB;
/** The most milliseconds that Node's timers take; longer ones would fire at once. */
const TIMER_MS_MAX = 2_147_483_647;
const COUNT_MAX = 1_000_000_000;

/**
 * All options, once. `docs/CONFIG.md` and the hints in `option-values.ts` are compared with it by tests.
 * The number of key groups is no option: where keyed state lives depends on it.
 */
export const optionTable = {
  workers: {
    type: "integer",
    unit: "threads",
    default: "auto",
    scopes: RUN,
    min: 1,
    max: 256,
    words: ["auto"],
    doc: 'Worker threads of a topology; "auto" is one per core that the process may use.',
  },
  pin: {
    type: "word",
    unit: null,
    default: "auto",
    scopes: RUN,
    words: ["auto", "on", "off"],
    doc: 'Pin each worker to a core; "auto" pins when there are more allowed cores than workers.',
  },
  runtime: {
    type: "word",
    unit: null,
    default: "threads",
    scopes: RUN,
    words: ["threads", "inline"],
    doc: "Run on worker threads, or everything on the calling thread with virtual time, for tests and debugging.",
  },
  seed: {
    type: "integer",
    unit: null,
    default: 1,
    scopes: RUN,
    min: 0,
    max: 4_294_967_295,
    doc: "Where all random choices of the engine start from.",
  },
  logLevel: {
    type: "word",
    unit: null,
    default: "info",
    scopes: ALL,
    words: LOG_LEVELS,
    doc: "Level from which on lines are logged.",
  },
  ringBudgetBytes: {
    type: "integer",
    unit: "bytes",
    default: 64 * MIB,
    scopes: RUN,
    min: 4 * KIB,
    max: 64 * KIB * MIB,
    doc: "Memory of all rings of a topology together.",
  },
  ringBytesMax: {
    type: "integer",
    unit: "bytes",
    default: 256 * KIB,
    scopes: RUN,
    min: 4 * KIB,
    max: 1024 * MIB,
    powerOfTwo: true,
    doc: "Size that a ring gets when the budget allows it.",
  },
  ringBytesMin: {
    type: "integer",
    unit: "bytes",
    default: 4 * KIB,
    scopes: RUN,
    min: 4 * KIB,
    max: 1024 * MIB,
    powerOfTwo: true,
    doc: "Size below which no ring is made: a topology that needs more rings than the budget holds is refused.",
  },
  batchRowsMax: {
    type: "integer",
    unit: "tuples",
    default: 256,
    scopes: RUN,
    min: 1,
    max: 4096,
    doc: "Most tuples in a batch; batches grow up to it when tuples come fast.",
  },
  flushMs: {
    type: "number",
    unit: "ms",
    default: 1,
    scopes: RUN,
    min: 0,
    max: 60_000,
    doc: "Longest time that a tuple waits for its batch to fill; 0 sends at the end of every turn.",
  },
  localQueueRowsMax: {
    type: "integer",
    unit: "tuples",
    default: 4096,
    scopes: RUN,
    min: 1,
    max: COUNT_MAX,
    doc: "Tuples waiting at a task from tasks of its own worker: at this many, their producers stop.",
  },
  localMarkRows: {
    type: "integer",
    unit: "tuples",
    default: 1024,
    scopes: RUN,
    min: 1,
    max: COUNT_MAX,
    doc: "Tuples waiting at a local task from which on local-or-shuffle spreads over all tasks.",
  },
  emitOverflowMax: {
    type: "integer",
    unit: "tuples",
    default: 1_000_000,
    scopes: ALL,
    min: 1,
    max: COUNT_MAX,
    doc: "Tuples that one task may have emitted beyond what its consumers took; more is an error.",
  },
  feedbackSpillMax: {
    type: "integer",
    unit: "tuples",
    default: 65_536,
    scopes: RUN,
    min: 1,
    max: COUNT_MAX,
    doc: "Tuples that a feedback edge may hold beyond its ring; more is an error.",
  },
  spoutIdleMs: {
    type: "number",
    unit: "ms",
    default: 1,
    scopes: ALL,
    min: 0,
    max: 60_000,
    doc: "Pause of a spout that had nothing to emit; it grows by a quarter each time while that lasts.",
  },
  spoutIdleMaxMs: {
    type: "number",
    unit: "ms",
    default: 100,
    scopes: ALL,
    min: 0,
    max: 60_000,
    doc: "Longest pause of a spout that had nothing to emit.",
  },
  turnMs: {
    type: "number",
    unit: "ms",
    default: 0.2,
    scopes: RUN,
    min: 0.01,
    max: 1000,
    doc: "How often a busy worker lets timers, promises and sockets of user code have their turn.",
  },
  spinMs: {
    type: "number",
    unit: "ms",
    default: "auto",
    scopes: RUN,
    min: 0,
    max: 1000,
    words: ["auto"],
    doc: 'How long a worker without work looks on before it parks; "auto" is 0.05, 0 if threads outnumber cores.',
  },
  drainTimeoutMs: {
    type: "integer",
    unit: "ms",
    default: 30_000,
    scopes: RUN,
    min: 0,
    max: TIMER_MS_MAX,
    doc: "Time that tuples on their way get to finish when a topology is drained.",
  },
  startTimeoutMs: {
    type: "integer",
    unit: "ms",
    default: 30_000,
    scopes: RUN,
    min: 1,
    max: TIMER_MS_MAX,
    doc: "Time that workers get to load the topology, prepare every task and open every spout.",
  },
  stopTimeoutMs: {
    type: "integer",
    unit: "ms",
    default: 5_000,
    scopes: RUN,
    min: 0,
    max: TIMER_MS_MAX,
    doc: "Time that workers get to run their cleanup hooks before they are terminated.",
  },
  stallReportMs: {
    type: "integer",
    unit: "ms",
    default: 1_000,
    scopes: RUN,
    min: 1,
    max: TIMER_MS_MAX,
    doc: "Time without any progress after which a stall is reported.",
  },
  workerTimeoutMs: {
    type: "integer",
    unit: "ms",
    default: 30_000,
    scopes: RUN,
    min: 100,
    max: TIMER_MS_MAX,
    doc: "Time without a sign of life after which a worker is taken for hung, ended and replaced.",
  },
  onWorkerLost: {
    type: "word",
    unit: null,
    default: "auto",
    scopes: RUN,
    words: ["auto", "replace", "fail"],
    doc: "A lost worker or acker thread: auto replaces it if tuples are tracked, else the run fails.",
  },
  workerReplacementsMax: {
    type: "integer",
    unit: "threads",
    default: 10,
    scopes: RUN,
    min: 0,
    max: COUNT_MAX,
    doc: "Threads that may be replaced within workerReplacementsSpanMs; one more loss fails the run.",
  },
  workerReplacementsSpanMs: {
    type: "integer",
    unit: "ms",
    default: 60_000,
    scopes: RUN,
    min: 1,
    max: TIMER_MS_MAX,
    doc: "Time within which replacements are counted together.",
  },
  workerHeapBytes: {
    type: "integer",
    unit: "bytes",
    default: null,
    scopes: RUN,
    min: 16 * MIB,
    max: 1024 * 1024 * MIB,
    nullable: true,
    doc: "Most memory for the objects of one worker: beyond it, the worker is lost; null leaves that to V8.",
  },
  tickMs: {
    type: "integer",
    unit: "ms",
    default: null,
    scopes: ["topology", "component"],
    min: 1,
    max: TIMER_MS_MAX,
    nullable: true,
    doc: "Time between two calls of a bolt's onTick; null is never.",
  },
  concurrency: {
    type: "integer",
    unit: "calls",
    default: 1,
    scopes: ["component"],
    min: 1,
    max: 65_536,
    doc: "Calls of a bolt task's async execute that may be under way at once.",
  },
  maxTaskParallelism: {
    type: "integer",
    unit: "tasks",
    default: null,
    scopes: ALL,
    min: 1,
    max: 65_536,
    nullable: true,
    doc: "Upper limit for the number of tasks of any component; null is none.",
  },
  maxSpoutPending: {
    type: "integer",
    unit: "trees",
    default: 8192,
    scopes: ALL,
    min: 1,
    max: 4_194_304,
    doc: "Tracked tuple trees that a spout task may have open at once.",
  },
  messageTimeoutMs: {
    type: "integer",
    unit: "ms",
    default: 30_000,
    scopes: RUN,
    min: 1,
    max: TIMER_MS_MAX,
    doc: "Time since its last progress (or its emit: timeoutFrom) after which a tuple tree fails.",
  },
  messageLifetimeMs: {
    type: "integer",
    unit: "ms",
    default: 600_000,
    scopes: RUN,
    min: 1,
    max: TIMER_MS_MAX,
    doc: "Time since its emit after which a tuple tree fails, whatever it waits for.",
  },
  timeoutFrom: {
    type: "word",
    unit: null,
    default: "progress",
    scopes: RUN,
    words: ["progress", "emit"],
    doc: "What messageTimeoutMs counts from: progress leaves out time in the engine's queues; emit is Storm's rule.",
  },
  settleTimeoutMs: {
    type: "integer",
    unit: "ms",
    default: 120_000,
    scopes: RUN,
    min: 1,
    max: TIMER_MS_MAX,
    doc: "Time that a tree has to end after its time was up, where its spout waits for that.",
  },
  maxRatePerSecond: {
    type: "number",
    unit: "tuples",
    default: null,
    scopes: ALL,
    min: 0.001,
    max: COUNT_MAX,
    nullable: true,
    doc: "Tuples that each spout task emits per second at most; null is no limit.",
  },
  rateBurst: {
    type: "number",
    unit: "tuples",
    default: null,
    scopes: ALL,
    min: 1,
    max: COUNT_MAX,
    nullable: true,
    doc: "Tuples that a spout task below its maxRatePerSecond may emit at once; null is 20 ms of it.",
  },
  acking: {
    type: "word",
    unit: null,
    default: "auto",
    scopes: RUN,
    words: ["auto", "off"],
    doc: "Track tuple trees that spouts ask to be tracked, or none at all.",
  },
  anchorsMax: {
    type: "integer",
    unit: "trees",
    default: 256,
    scopes: RUN,
    min: 1,
    max: 65_535,
    doc: "Most tuple trees that one tuple may belong to.",
  },
} as const satisfies { readonly [K in OptionName]: OptionDefinition<OptionValues[K]> };

export const optionNames = Object.keys(optionTable) as readonly OptionName[];

/** The options that a layer may set. */
export type OptionNameIn<Scope extends OptionScope> = {
  [K in OptionName]: Scope extends (typeof optionTable)[K]["scopes"][number] ? K : never;
}[OptionName];

/** The definition by name, without the literal types of the table. */
export function optionDefinition(name: OptionName): OptionDefinition {
  return optionTable[name];
}
