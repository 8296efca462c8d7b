import { EngineError } from "../../base/engine-error.ts";
import { nearestName } from "../../base/nearest-name.ts";
import type { StreamRoute } from "./stream-route.ts";
import type { Task } from "./task.ts";

type Values = readonly unknown[];

/** What reports a user's error without failing anything. */
export type ErrorReporter = (error: unknown) => void;

/** What all collectors share: the routes of one task. */
abstract class Collector {
  /** Emit calls so far: how the engine sees that a spout's `nextTuple` emitted nothing. */
  emits = 0;
  readonly #task: Task;
  readonly #report: ErrorReporter;
  readonly #default: StreamRoute | null;

  constructor(task: Task, report: ErrorReporter) {
    this.#task = task;
    this.#report = report;
    this.#default = task.routes.get("default") ?? null;
  }

  /** Tells about an error that the component handles itself: it is logged and counted, nothing fails. */
  reportError(error: unknown): void {
    this.#report(error);
  }

  protected emitDefault(values: Values): void {
    this.emits++;
    if (this.#default === null) this.#throwUnknown("default");
    this.#default.emit(values);
  }

  protected route(stream: string): StreamRoute {
    this.emits++;
    return this.#task.routes.get(stream) ?? this.#throwUnknown(stream);
  }

  #throwUnknown(stream: string): never {
    const declared = [...this.#task.routes.keys()];
    const near = nearestName(stream, declared);
    throw new EngineError("EMIT_UNKNOWN_STREAM", {
      problem: `component "${this.#task.plan.component}" emits to stream "${stream}", which it does not declare`,
      facts: { declared },
      remedy:
        near === null ? `declare "${stream}" in the component's output` : `emit to "${near}", or declare "${stream}"`,
    });
  }
}

/** The engine's BasicCollector: every emit belongs to the tuple that is being executed. */
export class BasicTaskCollector extends Collector {
  emit(values: Values): void {
    this.emitDefault(values);
  }

  emitTo(stream: string, values: Values): void {
    this.route(stream).emit(values);
  }

  emitDirect(stream: string, taskId: number, values: Values): void {
    this.route(stream).emitDirect(taskId, values);
  }

  emitAndTell(values: Values): number[] {
    return this.route("default").emitAndTell(values);
  }

  emitToAndTell(stream: string, values: Values): number[] {
    return this.route(stream).emitAndTell(values);
  }
}

/** The engine's OutputCollector: the bolt names the anchors and acks. */
export class RichTaskCollector extends Collector {
  emit(_anchors: unknown, values: Values): void {
    this.emitDefault(values);
  }

  emitTo(stream: string, _anchors: unknown, values: Values): void {
    this.route(stream).emit(values);
  }

  emitUnanchored(values: Values): void {
    this.emitDefault(values);
  }

  emitUnanchoredTo(stream: string, values: Values): void {
    this.route(stream).emit(values);
  }

  emitDirect(stream: string, taskId: number, _anchors: unknown, values: Values): void {
    this.route(stream).emitDirect(taskId, values);
  }

  emitAndTell(_anchors: unknown, values: Values): number[] {
    return this.route("default").emitAndTell(values);
  }

  emitToAndTell(stream: string, _anchors: unknown, values: Values): number[] {
    return this.route(stream).emitAndTell(values);
  }

  ack(_tuple: object): void {}

  fail(_tuple: object, error?: unknown): void {
    if (error !== undefined) this.reportError(error);
  }

  resetTimeout(_tuple: object): void {}
}

/** The engine's SpoutCollector. */
export class SpoutTaskCollector extends Collector {
  emit(values: Values, _id?: unknown, _position?: unknown): void {
    this.emitDefault(values);
  }

  emitTo(stream: string, values: Values, _id?: unknown, _position?: unknown): void {
    this.route(stream).emit(values);
  }

  emitDirect(stream: string, taskId: number, values: Values, _id?: unknown): void {
    this.route(stream).emitDirect(taskId, values);
  }

  emitAndTell(values: Values, _id?: unknown, _position?: unknown): number[] {
    return this.route("default").emitAndTell(values);
  }

  emitToAndTell(stream: string, values: Values, _id?: unknown, _position?: unknown): number[] {
    return this.route(stream).emitAndTell(values);
  }
}
