import { realClock } from "../base/clock.ts";
import { EngineError } from "../base/engine-error.ts";
import { checkId } from "../base/ids.ts";
import { createLogger, type Logger } from "../base/log.ts";
import type { ClusterConfig, CommandLineConfig, TopologyConfig } from "../config/option-values.ts";
import { type ConfigLayers, resolveConfig } from "../config/resolve-config.ts";
import { buildSpec } from "../topology/build-topology.ts";
import type { Topology } from "../topology/define-topology.ts";
import { declarationsOf, topologyHash } from "../topology/topology-hash.ts";
import { makeInlineRun } from "./inline-run.ts";
import { assignCores, workerCountFor } from "./plan/core-assignment.ts";
import { allowedCores } from "./plan/machine.ts";
import { readSystemText } from "./plan/read-system-text.ts";
import type { Run } from "./run.ts";
import type { RunSummary } from "./run-types.ts";
import { ThreadedBackend } from "./threaded-backend.ts";
import { TopologyRun } from "./topology-run.ts";
import { planSpec } from "./worker/prepare-run.ts";
import { isWorkerThread, neverSubmitted } from "./worker/thread-role.ts";
import { OffloadPool } from "./worker/worker-host.ts";

/** What all topologies of a cluster have in common. Each of them may set these options for itself, too. */
export interface LocalClusterConfig extends ClusterConfig {
  /** Settings that win over a topology's and its components' own: a command line's. */
  readonly overrides?: CommandLineConfig;
}

/** What one run is given besides its topology. */
export interface SubmitSettings<Options> {
  /** Handed to the builder function on every thread: must be cloneable. */
  readonly options: Options;
  readonly config?: TopologyConfig;
  /** Drains the run when aborted. Before the run has started, gives it up: the submit rejects with the reason. */
  readonly signal?: AbortSignal;
}

/** Settings may be left out when the topology takes no options. */
export type SubmitArguments<Options> = undefined extends Options
  ? [settings?: Partial<SubmitSettings<Options>>]
  : [settings: SubmitSettings<Options>];

/** A run's settings and its cluster's in one. */
export type RunTopologySettings<Options> = SubmitSettings<Options> & {
  /** What logs, the dashboard and claims call it. Default: "topology". */
  readonly name?: string;
  readonly cluster?: LocalClusterConfig;
};

/**
 * Runs one finite topology from its start to its end: makes a cluster, submits, waits, closes.
 *
 * @returns the summary; rejects with the failure that ended the run
 */
export async function runTopology<Options, Ports>(
  topology: Topology<Options, Ports>,
  ...[settings]: undefined extends Options
    ? [settings?: Partial<RunTopologySettings<Options>>]
    : [settings: RunTopologySettings<Options>]
): Promise<RunSummary> {
  const { name = "topology", cluster: clusterConfig, ...submit } = settings ?? {};
  const cluster = new LocalCluster(clusterConfig);
  try {
    const run = await cluster.submitTopology(name, topology, submit as SubmitSettings<Options>);
    for (const output of Object.values(run.outputs as unknown as TopologyRun["outputs"])) output.detach();
    return await run.completed();
  } finally {
    await cluster.close();
  }
}

/** How long a worker without work looks on before it parks, when there is a core for each worker. */
const SPIN_MS = 0.05;
const OFFLOAD_FAULT = "an offload thread was ended by an error outside of any call";

/**
 * Runs topologies inside the calling process, each on worker threads of its own. Topologies share cores, not fate:
 * one that fails leaves the others alone. Installs no signal handlers, and never takes the process down.
 *
 * @example
 * await using cluster = new LocalCluster({ workers: "auto" });
 * const run = await cluster.submitTopology("word-count", wordCount, { options: { files } });
 * const summary = await run.completed();
 */
export class LocalCluster {
  readonly #config: LocalClusterConfig;
  readonly #runs = new Map<string, TopologyRun>();
  readonly #starting = new Set<string>();
  readonly #offload = new OffloadPool((error) => this.#logger().error({ err: error }, OFFLOAD_FAULT));
  #closing: Promise<void> | null = null;
  #toldNotPinned = false;

  constructor(config: LocalClusterConfig = {}) {
    this.#config = config;
  }

  /**
   * Starts a topology. Resolves when every task is prepared and every spout open.
   *
   * @param name unique among the cluster's running topologies
   * @throws EngineError (rejects) whatever is wrong with the topology, its options or its settings, before anything
   *   has started; TASK_FAILED with the original error as cause when a hook fails at the start
   */
  async submitTopology<Options, Ports>(
    name: string,
    topology: Topology<Options, Ports>,
    ...given: SubmitArguments<Options>
  ): Promise<Run<Ports>> {
    const settings: Partial<SubmitSettings<Options>> = given[0] ?? {};
    // On a worker thread the module that submits is only imported for what it defines.
    if (isWorkerThread()) return neverSubmitted();
    this.#checkName(name);
    settings.signal?.throwIfAborted();
    const { overrides, ...cluster } = this.#config;
    const layers: ConfigLayers = { cluster, topology: settings.config, commandLine: overrides };
    this.#starting.add(name);
    try {
      const run = this.#makeRun(name, topology as unknown as Topology, settings.options, layers);
      this.#runs.set(name, run);
      run.completed().then(
        () => this.#runs.delete(name),
        () => this.#runs.delete(name),
      );
      await this.#start(run, settings.signal);
      this.#listen(run, settings.signal);
      return run as unknown as Run<Ports>;
    } finally {
      this.#starting.delete(name);
    }
  }

  /** Names of the topologies that run now. */
  get topologies(): readonly string[] {
    return [...this.#runs.keys()];
  }

  /** The topologies that run now. */
  get runs(): readonly TopologyRun[] {
    return [...this.#runs.values()];
  }

  /** Drains every topology, then ends what is left. May be called any number of times. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map((run) => run.drain()));
    await this.#offload.close();
  }

  /** Gives the run up when the signal is aborted, or the cluster closed, before it has started. */
  async #start(run: TopologyRun, signal: AbortSignal | undefined): Promise<void> {
    const giveUp = () => void run.kill();
    signal?.addEventListener("abort", giveUp, { once: true });
    const started = await run.start().finally(() => signal?.removeEventListener("abort", giveUp));
    if (started) return;
    signal?.throwIfAborted();
    throw closedError(`the cluster was closed while topology "${run.name}" was starting`);
  }

  #logger(): Logger {
    const { overrides, ...cluster } = this.#config;
    return createLogger({ level: resolveConfig({ cluster, commandLine: overrides }).logLevel });
  }

  #checkName(name: string): void {
    if (this.#closing !== null) throw closedError(`topology "${name}" was submitted to a cluster that is closed`);
    const problem = checkId("topology", name);
    if (problem !== null) {
      throw new EngineError("TOPOLOGY_ILLEGAL_NAME", {
        problem,
        remedy: "use letters, digits, underscores, dots and hyphens",
      });
    }
    if (!this.#runs.has(name) && !this.#starting.has(name)) return;
    throw new EngineError("TOPOLOGY_NAME_TAKEN", {
      problem: `a topology named "${name}" is running in this cluster`,
      facts: { running: this.topologies },
      remedy: "choose another name, or end the other run first",
    });
  }

  #makeRun(name: string, topology: Topology, options: unknown, layers: ConfigLayers): TopologyRun {
    const config = resolveConfig(layers);
    const allowed = allowedCores(readSystemText);
    const workerCount = workerCountFor(config.workers, allowed);
    const spec = buildSpec(topology, options as never);
    const prepared = planSpec(spec, { layers, workerCount });
    const logger = createLogger({ level: config.logLevel, bindings: { topology: name } });
    if (config.runtime === "inline") {
      return makeInlineRun({ prepared, name, options, logger, offload: this.#offload }).run;
    }
    const taken = [...this.#runs.values()].flatMap((run) => run.cores.filter((core) => core !== null));
    const { cores } = assignCores({ workerCount, allowed, pin: config.pin, taken });
    return new TopologyRun({
      ...prepared,
      name,
      clock: realClock,
      logger,
      makeBackend: (events) =>
        new ThreadedBackend({
          ...prepared,
          cores,
          spinMs: config.spinMs !== "auto" ? config.spinMs : workerCount > allowed.usable ? 0 : SPIN_MS,
          notPinned: (reason) => this.#tellNotPinned(logger, { reason, pin: config.pin }),
          offload: this.#offload,
          events,
          start: {
            moduleUrl: topology.moduleUrl,
            topologyKey: topology.key,
            topologyName: name,
            options,
            specHash: topologyHash(spec),
            declarations: declarationsOf(spec),
            layers,
            workerCount,
          },
        }),
    });
  }

  /** Once per cluster: the next run on the same machine fares no better. */
  #tellNotPinned(logger: Logger, facts: { readonly reason: string; readonly pin: string }): void {
    if (this.#toldNotPinned) return;
    this.#toldNotPinned = true;
    const level = facts.pin === "on" ? "warn" : "info";
    logger[level](facts, "workers are not bound to cores: the system moves them as it likes");
  }

  #listen(run: TopologyRun, signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const drain = () => void run.drain().catch(() => {});
    if (signal.aborted) drain();
    else signal.addEventListener("abort", drain, { once: true });
    const forget = () => signal.removeEventListener("abort", drain);
    run.completed().then(forget, forget);
  }
}

function closedError(problem: string): EngineError {
  return new EngineError("CLUSTER_CLOSED", { problem, remedy: "submit before close(), or make a new LocalCluster" });
}
