import { prometheusConsumer } from "../metrics/consumers/prometheus-consumer.ts";
import type { HistogramName } from "../metrics/metric-layout.ts";
import type { MetricsConsumer } from "../metrics/metrics-consumer.ts";
import type { MetricsSnapshot, SnapshotOptions } from "../metrics/metrics-snapshot.ts";
import { ErrorBook } from "./error-book.ts";
import { PrometheusPage } from "./prometheus-page.ts";
import {
  NO_TOOLS,
  type SettingRow,
  type UiBucket,
  type UiComponent,
  type UiError,
  type UiGraph,
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
  queueFills?(): Readonly<Record<string, number>>;
  workerStats?(): readonly (UiWorkerStats | null)[];
  bucketsOf?(component: string, histogram: HistogramName): readonly UiBucket[] | null;
  readonly tools?: UiTools;
  activate(): void;
  deactivate(): void;
  drain(options?: { readonly deadlineMs?: number }): Promise<unknown>;
  kill(): Promise<unknown>;
  completed(): Promise<unknown>;
  on<E extends keyof ObservedEvents>(event: E, listener: (data: ObservedEvents[E]) => void): unknown;
  off<E extends keyof ObservedEvents>(event: E, listener: (data: ObservedEvents[E]) => void): unknown;
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
  readonly workerReplaced: { readonly worker: number | null; readonly error: Error };
  readonly stalled: { readonly problem: string; readonly component: string; readonly task: number };
}

/** Whatever runs topologies. */
export interface ObservedCluster {
  readonly runs: readonly ObservedRun[];
}

export const ENDED_MAX = 8;
const PROMETHEUS_INTERVAL_MS = 5_000;

/** Shows the runs of a cluster: those that it has now, and the last ones that have ended. */
export class RunSource implements UiSource {
  readonly prometheus: () => Promise<string>;
  readonly #cluster: ObservedCluster;
  readonly #wallMs: () => number;
  readonly #page = new PrometheusPage();
  readonly #known = new Map<ObservedRun, ObservedTopology>();
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
      if (this.#known.has(run) || this.#ended.some((topology) => topology.run === run)) continue;
      this.#add(run);
    }
  }

  /** Hears nothing more. */
  close(): void {
    for (const topology of this.#known.values()) topology.stopListening();
    this.#known.clear();
  }

  #add(run: ObservedRun): void {
    const topology = new ObservedTopology(run, this.#wallMs);
    this.#known.set(run, topology);
    const registry = this.#page.registryFor(run.name);
    run.registerMetricsConsumer?.(prometheusConsumer(registry), { intervalMs: PROMETHEUS_INTERVAL_MS });
    const ended = () => {
      if (!this.#known.delete(run)) return;
      topology.stopListening();
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

class ObservedTopology implements UiTopology {
  readonly run: ObservedRun;
  readonly graph: UiGraph;
  readonly #errors = new ErrorBook();
  readonly #wallMs: () => number;
  readonly #stops: (() => void)[] = [];

  constructor(run: ObservedRun, wallMs: () => number) {
    this.run = run;
    this.graph = graphOf(run);
    this.#wallMs = wallMs;
    this.#listen("failed", ({ error }) => this.#note("failed", { error }));
    this.#listen("taskRestarted", ({ component, task, hook, error }) => {
      this.#note("task-restarted", { component, task, error: new Error(`in ${hook}`, { cause: error }) });
    });
    this.#listen("workerReplaced", ({ worker, error }) => this.#note("worker-replaced", { worker, error }));
    this.#listen("stalled", ({ problem, component, task }) => {
      this.#note("stalled", { component, task, error: problem });
    });
  }

  get id(): string {
    return this.run.name;
  }

  get state(): UiState {
    return this.run.state;
  }

  get settings(): readonly SettingRow[] | null {
    return this.run.settings ?? null;
  }

  get messageTimeoutMs(): number | null {
    const value = this.run.settings?.find(({ name }) => name === "messageTimeoutMs")?.value;
    return typeof value === "number" ? value : null;
  }

  get tools(): UiTools {
    return this.run.tools ?? NO_TOOLS;
  }

  metrics(options: SnapshotOptions): MetricsSnapshot | null {
    return this.state === "starting" ? null : this.run.metrics(options);
  }

  errors(): readonly UiError[] {
    return this.#errors.newestFirst();
  }

  workers(): readonly UiWorker[] {
    const stats = this.run.workerStats?.() ?? [];
    return workersOf(this.run).map((worker) => ({ ...worker, stats: stats[worker.worker] ?? null }));
  }

  queueFills(): Readonly<Record<string, number>> | null {
    return this.run.queueFills?.() ?? null;
  }

  bucketsOf(component: string, histogram: HistogramName): readonly UiBucket[] | null {
    return this.run.bucketsOf?.(component, histogram) ?? null;
  }

  activate(): void {
    this.run.activate();
  }

  deactivate(): void {
    this.run.deactivate();
  }

  kill(deadlineMs: number | null): void {
    const ending =
      deadlineMs === 0 ? this.run.kill() : this.run.drain(deadlineMs === null ? {} : { deadlineMs });
    // How a run ends is told by its state and its errors.
    ending.catch(() => undefined);
  }

  stopListening(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #listen<E extends keyof ObservedEvents>(event: E, listener: (data: ObservedEvents[E]) => void): void {
    this.run.on(event, listener);
    this.#stops.push(() => this.run.off(event, listener));
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
    const worker = facts.worker ?? (task === null ? null : workerOfTask(this.run, task));
    this.#errors.add({ timeMs: this.#wallMs(), kind, component, task, worker, error });
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
