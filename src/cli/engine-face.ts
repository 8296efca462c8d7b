import type { PhysicalPlan } from "../engine/plan/physical-plan.ts";
import type { LiveState } from "../http/live-state.ts";

/** What the commands need of the engine, so that tests can put a scripted one in its place. */
export interface EngineFace {
  /** Whether an export of a module was made by `defineTopology`. */
  isTopology(value: unknown): boolean;
  /** Runs the builder with these options, checks what it declared, and plans it. */
  planOf(topology: object, request: PlanRequest): PhysicalPlan;
  /** A cluster whose runs take these settings above those of any other layer. */
  createCluster(commandLine: Settings): ClusterFace;
}

export interface PlanRequest {
  readonly options: unknown;
  readonly commandLine: Settings;
  readonly workerCount: number;
}

/** The layer of settings that the command line is. */
export type Settings = Readonly<Record<string, unknown>>;

export interface ClusterFace {
  submitTopology(
    name: string,
    topology: object,
    settings: { readonly options: unknown; readonly signal: AbortSignal },
  ): Promise<RunFace>;
  /** Opens the dashboard of this cluster: on that port, or on any that is free. */
  serveUi(ui: true | number): Promise<DashboardFace>;
  /** What a run of this cluster does at this moment. */
  liveState(run: RunFace): LiveState;
  close(): Promise<void>;
}

export interface DashboardFace {
  /** With its token, for a browser. */
  readonly link: string;
  close(): Promise<void>;
}

export interface RunFace {
  readonly name: string;
  readonly plan: PhysicalPlan;
  /** By port name. */
  readonly outputs: Readonly<Record<string, AsyncIterable<unknown>>>;
  readonly feeders: Readonly<Record<string, { end(): void }>>;
  /** Resolves when the run has ended, and rejects when it failed. */
  completed(): Promise<RunSummaryFace>;
  drain(settings: { readonly deadlineMs: number }): Promise<unknown>;
  totals(): RunTotalsFace;
}

export interface TaskTotals {
  readonly emitted: number;
  readonly transferred: number;
  readonly executed: number;
  readonly failed: number;
}

export interface RunTotalsFace extends TaskTotals {
  readonly byComponent: Readonly<Record<string, TaskTotals>>;
}

export interface RunSummaryFace {
  readonly topology: string;
  readonly outcome: "completed" | "drained" | "killed";
  readonly elapsedMs: number;
  readonly workers: number;
  /** By worker; null where it was not bound to a core. */
  readonly cores: readonly (number | null)[];
  readonly totals: RunTotalsFace;
  /** Tuples that were under way when the run ended. */
  readonly left: number;
}
