import type { ConfigLayers } from "../config/resolve-config.ts";
import { prometheusConsumer } from "../metrics/consumers/prometheus-consumer.ts";
import type { HistogramName } from "../metrics/metric-layout.ts";
import type { MetricsConsumer } from "../metrics/metrics-consumer.ts";
import type { MetricsSnapshot, SnapshotOptions } from "../metrics/metrics-snapshot.ts";
import { ErrorBook } from "./error-book.ts";
import { PrometheusPage } from "./prometheus-page.ts";
import { settingRows } from "./setting-rows.ts";
import {
  NO_TOOLS,
  type SettingRow,
  type UiBucket,
  type UiComponent,
  type UiError,
  type UiGraph,
  type UiLag,
  type UiSource,
  type UiState,
  type UiTools,
  type UiTopology,
  type UiWorker,
  type UiWorkerStats,
} from "./ui-source.ts";

/** What the dashboard needs of a run; docs/UI.md says who gives what. */
export interface ObservedRun {
  readonly name: string;
  readonly state: UiState;
  readonly cores: readonly (number | null)[];
  readonly plan: ObservedPlan;
  metrics(options: SnapshotOptions): MetricsSnapshot;
  registerMetricsConsumer?(consumer: MetricsConsumer, options: { readonly intervalMs: number }): void;
  readonly settings?: readonly SettingRow[];
  /** Where its options come from, for a run that does not tell its settings. */
  readonly layers?: ConfigLayers;
  queueFills?(): Readonly<Record<string, number>>;
  workerStats?(): readonly (UiWorkerStats | null)[];
  bucketsOf?(component: string, histogram: HistogramName): readonly UiBucket[] | null;
  readonly tools?: UiTools | null;
  activate(): void;
  deactivate(): void;
  drain(options?: { readonly deadlineMs?: number }): Promise<unknown>;
  kill(): Promise<unknown>;
  completed(): Promise<unknown>;
  /** Each listener gets what `ObservedEvents` says of its event; as one type here, so that a run with more fits. */
  on(event: keyof ObservedEvents, listener: (data: ObservedEvent) => void): unknown;
  off(event: keyof ObservedEvents, listener: (data: ObservedEvent) => void): unknown;
}

/** Of a physical plan, what is shown. */
export interface ObservedPlan {
  readonly workerCount: number;
  readonly tasks: readonly ({ readonly taskId: number; readonly thread: number } | null)[];
  readonly components: readonly {
    readonly id: string;
    readonly kind: UiComponent["kind"];
    readonly depth: number;
    readonly taskIds: readonly number[];
  }[];
  readonly streams: readonly {
    readonly component: string;
    readonly stream: string;
    readonly fields: readonly { readonly name: string }[];
  }[];
  readonly edges: readonly {
    readonly streamIndex: number;
    readonly consumer: string;
    readonly input: string;
    readonly grouping: { readonly kind: string };
    readonly feedback: boolean;
    readonly keyColumns: readonly number[];
  }[];
}

export interface ObservedEvents {
  readonly failed: { readonly error: Error };
  readonly taskRestarted: {
    readonly component: string;
    readonly task: number;
    readonly hook: string;
    readonly error: Error;
  };
  readonly errorNoted: {
    readonly component: string;
    readonly task: number;
    readonly kind: "reported" | "tuple-failed";
    readonly error: Error;
  };
  readonly workerReplaced: { readonly worker: number | null; readonly error: Error };
  readonly stalled: { readonly problem: string; readonly component: string; readonly task: number };
}

export type ObservedEvent = ObservedEvents[keyof ObservedEvents];

/** Whatever runs topologies. */
export interface ObservedCluster {
  readonly runs: readonly ObservedRun[];
  /** Of runs that do not tell theirs. */
  readonly settings?: readonly SettingRow[];
}

export const ENDED_MAX = 8;
/** The gauge by which a spout says how far it is behind its source. */
const LAG = "lag";
const PROMETHEUS_INTERVAL_MS = 5_000;

/** Shows the runs of a cluster: those that it has now, and the last ones that have ended. */
export class RunSource implements UiSource {
  readonly prometheus: () => Promise<string>;
  readonly #cluster: ObservedCluster;
  readonly #wallMs: () => number;
  readonly #page = new PrometheusPage();
  readonly #known = new Map<ObservedRun, ObservedTopology>();
  readonly #seen = new WeakSet<ObservedRun>();
  /** The newest first. */
  readonly #ended: ObservedTopology[] = [];

  constructor(cluster: ObservedCluster, wallMs: () => number) {
    this.#cluster = cluster;
    this.#wallMs = wallMs;
    this.prometheus = () => {
      this.look();
      return this.#page.text();
    };
  }

  topologies(): readonly UiTopology[] {
    this.look();
    return [...this.#known.values(), ...this.#ended];
  }

  /** Notes runs that are new. To be called now and then: errors are heard from then on. */
  look(): void {
    for (const run of this.#cluster.runs) {
      if (!this.#seen.has(run)) this.#add(run);
    }
  }

  /** Hears nothing more. */
  close(): void {
    for (const topology of this.#known.values()) topology.stopListening();
  }

  #add(run: ObservedRun): void {
    const own = run.layers === undefined ? undefined : settingRows(run.layers);
    const settings = run.settings ?? own ?? this.#cluster.settings ?? null;
    const topology = new ObservedTopology(run, settings, this.#wallMs);
    this.#seen.add(run);
    this.#known.set(run, topology);
    const consumer = prometheusConsumer(this.#page.registryFor(run.name));
    try {
      run.registerMetricsConsumer?.(consumer, { intervalMs: PROMETHEUS_INTERVAL_MS });
    } catch {
      // A run that is about to end takes no more consumers. It is shown without them.
    }
    const ended = () => {
      this.#known.delete(run);
      topology.end();
      this.#ended.unshift(topology);
      for (const forgotten of this.#ended.splice(ENDED_MAX)) this.#forget(forgotten.id);
    };
    run.completed().then(ended, ended);
  }

  /** Its numbers stay on Prometheus' page as long as a topology of that name is shown. */
  #forget(id: string): void {
    const isShown = [...this.#known.values(), ...this.#ended].some((topology) => topology.id === id);
    if (!isShown) this.#page.forget(id);
  }
}

/** What stays of a run that has ended: without the memory that its threads shared. */
interface LastState {
  readonly state: UiState;
  /** Null for a run that never had numbers. */
  readonly snapshot: MetricsSnapshot | null;
}

class ObservedTopology implements UiTopology {
  readonly id: string;
  readonly graph: UiGraph;
  readonly settings: readonly SettingRow[] | null;
  readonly messageTimeoutMs: number | null;
  readonly #workers: readonly Omit<UiWorker, "stats">[];
  readonly #errors = new ErrorBook();
  readonly #wallMs: () => number;
  readonly #stops: (() => void)[] = [];
  #now: ObservedRun | LastState;

  constructor(run: ObservedRun, settings: readonly SettingRow[] | null, wallMs: () => number) {
    this.id = run.name;
    this.graph = graphOf(run);
    this.settings = settings;
    const timeout = settings?.find(({ name }) => name === "messageTimeoutMs")?.value;
    this.messageTimeoutMs = typeof timeout === "number" ? timeout : null;
    this.#workers = workersOf(run);
    this.#wallMs = wallMs;
    this.#now = run;
    this.#listen(run, "failed", ({ error }) => this.#note("failed", { error }));
    this.#listen(run, "taskRestarted", ({ component, task, hook, error }) => {
      this.#note("task-restarted", { component, task, error: new Error(`in ${hook}`, { cause: error }) });
    });
    this.#listen(run, "errorNoted", ({ component, task, kind, error }) =>
      this.#note(kind, { component, task, error }),
    );
    this.#listen(run, "workerReplaced", ({ worker, error }) => this.#note("worker-replaced", { worker, error }));
    this.#listen(run, "stalled", ({ problem, component, task }) => {
      this.#note("stalled", { component, task, error: problem });
    });
  }

  get state(): UiState {
    return this.#now.state;
  }

  lags(): Readonly<Record<string, UiLag>> {
    const components = this.metrics({ windows: [], tasks: false })?.components ?? {};
    const lags = Object.entries(components).flatMap(([id, { kind, user }]): [string, UiLag][] => {
      const gauge = user[LAG];
      if (kind !== "spout" || gauge?.kind !== "gauge") return [];
      const spoutLagResult = { lag: gauge.sum, byTask: gauge.byTask };
      return [[id, { spoutId: id, spoutType: "GAUGE", spoutLagResult }]];
    });
    return Object.fromEntries(lags);
  }

  get tools(): UiTools {
    return this.#run?.tools ?? NO_TOOLS;
  }

  metrics(options: SnapshotOptions): MetricsSnapshot | null {
    if ("snapshot" in this.#now) return this.#now.snapshot;
    return this.state === "starting" ? null : this.#now.metrics(options);
  }

  errors(): readonly UiError[] {
    return this.#errors.newestFirst();
  }

  workers(): readonly UiWorker[] {
    const stats = this.#run?.workerStats?.() ?? [];
    return this.#workers.map((worker) => ({ ...worker, stats: stats[worker.worker] ?? null }));
  }

  queueFills(): Readonly<Record<string, number>> | null {
    return this.#run?.queueFills?.() ?? null;
  }

  bucketsOf(component: string, histogram: HistogramName): readonly UiBucket[] | null {
    return this.#run?.bucketsOf?.(component, histogram) ?? null;
  }

  activate(): void {
    this.#run?.activate();
  }

  deactivate(): void {
    this.#run?.deactivate();
  }

  kill(deadlineMs: number | null): void {
    const ending = deadlineMs === 0 ? this.#run?.kill() : this.#run?.drain(deadlineMs === null ? {} : { deadlineMs });
    // How a run ends is told by its state and its errors.
    ending?.catch(() => undefined);
  }

  /** Keeps the last numbers, and lets the run go. */
  end(): void {
    const run = this.#run;
    if (run === null) return;
    this.stopListening();
    this.#now = { state: run.state, snapshot: lastNumbers(run) };
  }

  stopListening(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  get #run(): ObservedRun | null {
    return "snapshot" in this.#now ? null : this.#now;
  }

  #listen<E extends keyof ObservedEvents>(
    run: ObservedRun,
    event: E,
    listener: (data: ObservedEvents[E]) => void,
  ): void {
    run.on(event, listener as never);
    this.#stops.push(() => run.off(event, listener as never));
  }

  #note(
    kind: UiError["kind"],
    facts: {
      readonly component?: string;
      readonly task?: number;
      readonly worker?: number | null;
      readonly error: Error | string;
    },
  ): void {
    const { component = null, task = null, error } = facts;
    const host = this.#workers.find(({ tasks }) => task !== null && tasks.includes(task));
    const worker = facts.worker ?? host?.worker ?? null;
    this.#errors.add({ timeMs: this.#wallMs(), kind, component, task, worker, error });
  }
}

/** A run that could not be started may have none to give. */
function lastNumbers(run: ObservedRun): MetricsSnapshot | null {
  try {
    return run.metrics({});
  } catch {
    return null;
  }
}

function workerOfTask({ plan }: ObservedRun, task: number): number | null {
  const thread = plan.tasks[task]?.thread ?? plan.workerCount;
  return thread >= plan.workerCount ? null : thread;
}

function graphOf(run: ObservedRun): UiGraph {
  const { plan } = run;
  return {
    components: plan.components.map(({ id, kind, depth, taskIds }) => ({
      id,
      kind,
      depth,
      tasks: taskIds.map((task) => ({ task, worker: workerOfTask(run, task) })),
    })),
    edges: plan.edges.map(({ streamIndex, consumer, input, grouping, feedback, keyColumns }) => {
      const { component, stream, fields } = plan.streams[streamIndex]!;
      const names = keyColumns.map((column) => fields[column]!.name);
      return { from: component, stream, to: consumer, input, grouping: grouping.kind, fields: names, feedback };
    }),
    cores: run.cores,
  };
}

function workersOf({ plan, cores }: ObservedRun): Omit<UiWorker, "stats">[] {
  return Array.from({ length: plan.workerCount }, (_, worker) => ({
    worker,
    core: cores[worker] ?? null,
    tasks: plan.tasks.flatMap((task) => (task?.thread === worker ? [task.taskId] : [])),
  }));
}
