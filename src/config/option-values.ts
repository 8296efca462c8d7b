import type { LogLevel } from "../base/log.ts";
import type { OptionName, OptionNameIn } from "./option-table.ts";

/**
 * Every option with the type of its value: what the engine reads once all layers are resolved.
 * The texts are those of the option table (a test compares them): here they reach an editor's hints.
 */
export interface OptionValues {
  /** Worker threads of a topology; "auto" is one per core that the process may use. */
  readonly workers: number | "auto";
  /** Pin each worker to a core; "auto" pins when there are more allowed cores than workers. */
  readonly pin: "auto" | "on" | "off";
  /** Run on worker threads, or everything on the calling thread with virtual time, for tests and debugging. */
  readonly runtime: "threads" | "inline";
  /** Where all random choices of the engine start from. */
  readonly seed: number;
  /** Level from which on lines are logged. */
  readonly logLevel: LogLevel;
  /** Memory of all rings of a topology together. */
  readonly ringBudgetBytes: number;
  /** Size that a ring gets when the budget allows it. */
  readonly ringBytesMax: number;
  /** Size below which no ring is made: a topology that needs more rings than the budget holds is refused. */
  readonly ringBytesMin: number;
  /** Most tuples in a batch; batches grow up to it when tuples come fast. */
  readonly batchRowsMax: number;
  /** Longest time that a tuple waits for its batch to fill; 0 sends at the end of every turn. */
  readonly flushMs: number;
  /** Tuples waiting at a task from tasks of its own worker: at this many, their producers stop. */
  readonly localQueueRowsMax: number;
  /** Tuples waiting at a local task from which on local-or-shuffle spreads over all tasks. */
  readonly localMarkRows: number;
  /** Tuples that one task may have emitted beyond what its consumers took; more is an error. */
  readonly emitOverflowMax: number;
  /** Tuples that a feedback edge may hold beyond its ring; more is an error. */
  readonly feedbackSpillMax: number;
  /** Pause of a spout that had nothing to emit; it grows by a quarter each time while that lasts. */
  readonly spoutIdleMs: number;
  /** Longest pause of a spout that had nothing to emit. */
  readonly spoutIdleMaxMs: number;
  /** How often a busy worker lets timers, promises and sockets of user code have their turn. */
  readonly turnMs: number;
  /** How long a worker without work looks on before it parks; "auto" is 0.05, 0 if threads outnumber cores. */
  readonly spinMs: number | "auto";
  /** Time that tuples on their way get to finish when a topology is drained. */
  readonly drainTimeoutMs: number;
  /** Time that workers get to load the topology, prepare every task and open every spout. */
  readonly startTimeoutMs: number;
  /** Time that workers get to run their cleanup hooks before they are terminated. */
  readonly stopTimeoutMs: number;
  /** Longest time without any progress, while tuples are held, until a stall is reported. */
  readonly stallReportMs: number;
  /** Restarts of a task within restartSpanMs; one failure more ends the run. 0 allows none, null any number. */
  readonly restartsMax: number | null;
  /** The time in which restartsMax restarts of a task are too many. */
  readonly restartSpanMs: number;
  /** Time without a sign of life after which a worker is taken for hung, ended and replaced. */
  readonly workerTimeoutMs: number;
  /** A lost worker or acker thread: auto replaces it if tuples are tracked, else the run fails. */
  readonly onWorkerLost: "auto" | "replace" | "fail";
  /** Threads that may be replaced within workerReplacementsSpanMs; one more loss fails the run. */
  readonly workerReplacementsMax: number;
  /** Time within which replacements are counted together. */
  readonly workerReplacementsSpanMs: number;
  /** Most memory for the objects of one worker: beyond it, the worker is lost; null leaves that to V8. */
  readonly workerHeapBytes: number | null;
  /** Time between two ticks of each task; null is never. */
  readonly tickMs: number | null;
  /** Calls of a bolt task's async execute that may be under way at once. */
  readonly concurrency: number;
  /** Upper limit for the number of tasks of any component; null is none. */
  readonly maxTaskParallelism: number | null;
  /** Tracked tuple trees that a spout task may have open at once. */
  readonly maxSpoutPending: number;
  /** Time since its last progress (or its emit: timeoutFrom) after which a tuple tree fails. */
  readonly messageTimeoutMs: number;
  /** Time since its emit after which a tuple tree fails, whatever it waits for. */
  readonly messageLifetimeMs: number;
  /**
   * What messageTimeoutMs counts from: progress leaves out time in the engine's queues; emit is Storm's rule.
   */
  readonly timeoutFrom: "progress" | "emit";
  /** Time that a tree has to end after its time was up, where its spout waits for that. */
  readonly settleTimeoutMs: number;
  /** Tuples that each spout task emits per second at most; null is no limit. */
  readonly maxRatePerSecond: number | null;
  /** Tuples that a spout task below its maxRatePerSecond may emit at once; null is 20 ms of it. */
  readonly rateBurst: number | null;
  /** Track tuple trees that spouts ask to be tracked, or none at all. */
  readonly acking: "auto" | "off";
  /** Most tuple trees that one tuple may belong to. */
  readonly anchorsMax: number;
  /** Take times and latencies, or leave them out; what is counted is counted in either case. */
  readonly metrics: "on" | "off";
  /** Folder of claims' lock files, for one user alone; null is stormcell/claims in the user's state folder. */
  readonly claimsFolder: string | null;
  /** Time the execution of a few tuples of each bolt, for at most 0.5 % of its time, or of all of them. */
  readonly metricsTiming: "sampled" | "all";
}

/** Settings of an application that apply to all its topologies: `new LocalCluster(...)`. */
export type ClusterConfig = Settings<OptionNameIn<"cluster">>;

/** Settings of one topology: `config` of a submit. */
export type TopologyConfig = Settings<OptionNameIn<"topology">>;

/** Settings of one component: `config` of a spout or bolt. */
export type ComponentConfig = Settings<OptionNameIn<"component">>;

/** Settings of a command line, which win over all others: every option, for all components at once. */
export type CommandLineConfig = Settings<OptionName>;

/** Storm's own keys are accepted too, where they have a meaning here: see docs/CONFIG.md. */
export interface StormSettings {
  readonly [stormKey: `topology.${string}`]: unknown;
}

type Settings<Name extends keyof OptionValues> = {
  readonly [K in Name]?: OptionValues[K] | undefined;
} & StormSettings;
