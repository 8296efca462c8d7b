import type { MessagePort } from "node:worker_threads";
import type { WireError } from "../../base/wire-error.ts";
import type { ConfigLayers } from "../../config/resolve-config.ts";
import type { RunMemory } from "../../memory/run-memory.ts";
import type { UserMetricDefinition } from "../../metrics/task-metrics.ts";
import type { Declarations } from "../../topology/topology-hash.ts";
import type { SpoutReport } from "../executor/position-marks.ts";
import type { InspectedEvent, Inspection } from "../inspected.ts";
import type { WorkerQuestion } from "./worker-questions.ts";

/** All that a worker is started with. It computes the plan for itself and compares what it built with main's. */
export interface WorkerStart {
  /** The module that defines the topology, and the key under which it then is registered. */
  readonly moduleUrl: string;
  readonly topologyKey: string;
  readonly topologyName: string;
  readonly options: unknown;
  /** Hash of what main declared, and the declarations themselves, to say what differs. */
  readonly specHash: string;
  readonly declarations: Declarations;
  /** Settings as given, from which every thread resolves the same options. */
  readonly layers: ConfigLayers;
  readonly workerCount: number;
  readonly thread: number;
  /** The core to run on, or null to run anywhere. */
  readonly core: number | null;
  readonly spinMs: number;
  readonly epoch: number;
  readonly memory: RunMemory;
  readonly port: MessagePort;
  /** By task: where spouts begin that are made again. */
  readonly positions: SpoutPositions;
  /** For a worker in the place of one that was lost; else null. */
  readonly replaces: Replaced | null;
}

/** What a replacement has to know of the worker before it. */
export interface Replaced {
  /** Tasks of it that had ended their streams: they only say so again. */
  readonly done: readonly number[];
  /** How they had ended: value of an end-of-stream signal. */
  readonly endValue: number;
}

/** How a test lets a worker die of itself. */
export type Death = "throw" | "reject" | "exit" | "memory" | "hang";

/** By task id: where a spout's task is to begin; without an entry, at the beginning. */
export type SpoutPositions = ReadonlyMap<number, SpoutReport>;

export type ToWorker =
  | { readonly type: "start" }
  | { readonly type: "activate" }
  | { readonly type: "deactivate" }
  | { readonly type: "drain" }
  | { readonly type: "askCycles" }
  | { readonly type: "cycleQuiet"; readonly cycle: number }
  /** The thread's line to the acker, once that runs. */
  | { readonly type: "acker"; readonly port: MessagePort }
  | { readonly type: "stop" }
  /** A thread was lost: go on in this memory, and do nothing until "resume". Answered by "inEpoch". */
  | { readonly type: "epoch"; readonly epoch: number; readonly memory: RunMemory }
  /** All threads are in the new epoch. */
  | { readonly type: "resume" }
  /** Give a sign of life: a worker without work gives none of its own accord. */
  | { readonly type: "ping" }
  | { readonly type: "die"; readonly how: Death }
  | { readonly type: "inspect"; readonly component: string; readonly inspection: Inspection | null }
  /** Answered by "answer" of the same number. */
  | { readonly type: "ask"; readonly id: number; readonly question: WorkerQuestion }
  | { readonly type: "offloadResult"; readonly id: number; readonly value: unknown }
  | { readonly type: "offloadError"; readonly id: number; readonly error: WireError };

/** A failure in user code, and where. */
export interface TaskFailure {
  readonly component: string;
  readonly taskId: number;
  readonly hook: string;
  readonly error: WireError;
}

/** An error that ends nothing: one that a component reports itself, or that a tuple was failed with. */
export interface NotedError {
  readonly component: string;
  readonly taskId: number;
  readonly kind: "reported" | "tuple-failed";
  readonly error: WireError;
}

/** A task that goes on with a new instance. */
export interface TaskRestart extends TaskFailure {
  /** Which restart of the task it was within restartSpanMs, from 1. */
  readonly attempt: number;
}

/** What a worker knows of one cycle: main ends it when nothing moves in any worker's part of it. */
export interface CycleReport {
  readonly cycle: number;
  /** No task of it is at work and all input from outside has ended. */
  readonly quiet: boolean;
  /** Rows sent over its inner edges, and rows executed that came over them. */
  readonly sent: number;
  readonly received: number;
}

export type FromWorker =
  | { readonly type: "phase"; readonly phase: string }
  | { readonly type: "ready"; readonly epoch: number; readonly pinned: boolean; readonly pinReason: string }
  | { readonly type: "inEpoch"; readonly epoch: number }
  | { readonly type: "startFailed"; readonly error: WireError }
  | { readonly type: "taskFailed"; readonly failure: TaskFailure }
  | { readonly type: "taskRestarted"; readonly restart: TaskRestart }
  | { readonly type: "errorNoted"; readonly noted: NotedError }
  | { readonly type: "taskOpened"; readonly taskId: number }
  | { readonly type: "taskDone"; readonly taskId: number }
  | { readonly type: "positionMoved"; readonly taskId: number; readonly position: SpoutReport }
  | { readonly type: "taskClosed"; readonly taskId: number }
  | { readonly type: "cycles"; readonly reports: readonly CycleReport[] }
  | { readonly type: "hookFailed"; readonly failure: TaskFailure }
  | { readonly type: "workerHookFailed"; readonly error: WireError }
  /** A tuple of this thread is tracked, for the first time. */
  | { readonly type: "startAcker" }
  | { readonly type: "answer"; readonly id: number; readonly answer: { value: unknown } | { error: WireError } }
  | { readonly type: "inspected"; readonly events: readonly InspectedEvent[] }
  | { readonly type: "userMetric"; readonly metric: UserMetricDefinition }
  | { readonly type: "stopped" }
  | {
      readonly type: "offload";
      readonly id: number;
      readonly module: string;
      readonly name: string;
      readonly args: readonly unknown[];
    };
