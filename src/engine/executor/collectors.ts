import { EngineError } from "../../base/engine-error.ts";
import { nearestName } from "../../base/nearest-name.ts";
import { type AttemptEmit, SPOUT_ENGINE, type SpoutEngine } from "../../component/spout-engine.ts";
import { TupleUtils } from "../../tuple/tick-tuple.ts";
import type { AnchorSet } from "./anchor-set.ts";
import type { BoltTask } from "./bolt-task.ts";
import type { Outlet } from "./outlet.ts";
import type { SpoutTask } from "./spout-task.ts";
import type { StreamRoute } from "./stream-route.ts";
import type { Task } from "./task.ts";

type Values = readonly unknown[];

/** What reports a user's error without failing anything. */
export type ErrorReporter = (error: unknown) => void;

/** What one instance of a task emits through: its task's routes, until it is given up. */
export class InstanceRoutes {
  byStream: ReadonlyMap<string, StreamRoute>;

  constructor(task: Task) {
    this.byStream = task.routes;
  }

  /** From now on rows are checked and go nowhere. */
  retire(onLate: () => void): void {
    this.byStream = new Map([...this.byStream].map(([stream, route]) => [stream, route.deadEnd(onLate)]));
  }
}

/** What all collectors share: the routes of one instance. */
abstract class Collector {
  /** Emit calls so far: how the engine sees that a spout's `nextTuple` emitted nothing. */
  emits = 0;
  readonly #task: Task;
  readonly #routes: InstanceRoutes;
  readonly #report: ErrorReporter;
  #default: StreamRoute | null;

  constructor(task: Task, routes: InstanceRoutes, report: ErrorReporter) {
    this.#task = task;
    this.#routes = routes;
    this.#report = report;
    this.#default = routes.byStream.get("default") ?? null;
  }

  /** After the routes were retired. */
  retire(): void {
    this.#default = this.#routes.byStream.get("default") ?? null;
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

  protected get defaultRoute(): StreamRoute {
    this.emits++;
    return this.#default ?? this.#throwUnknown("default");
  }

  protected route(stream: string): StreamRoute {
    this.emits++;
    return this.#routes.byStream.get(stream) ?? this.#throwUnknown(stream);
  }

  #throwUnknown(stream: string): never {
    const declared = [...this.#routes.byStream.keys()];
    const near = nearestName(stream, declared);
    throw new EngineError("EMIT_UNKNOWN_STREAM", {
      problem: `component "${this.#task.plan.component}" emits to stream "${stream}", which it does not declare`,
      facts: { declared },
      remedy:
        near === null ? `declare "${stream}" in the component's output` : `emit to "${near}", or declare "${stream}"`,
    });
  }
}

/** What a basic bolt's emits are anchored to. */
export interface CurrentAnchor {
  /** Null outside of `execute`, and for a tuple that belongs to no tree. */
  current(): AnchorSet | null;
}

/** The engine's BasicCollector: every emit belongs to the tuple that is being executed. */
export class BasicTaskCollector extends Collector {
  readonly #anchor: CurrentAnchor;
  /** True while a batch with roots is being executed; spares the rest the look at the anchor. */
  isAnchored = false;

  constructor(task: Task, routes: InstanceRoutes, report: ErrorReporter, anchor: CurrentAnchor) {
    super(task, routes, report);
    this.#anchor = anchor;
  }

  emit(values: Values): void {
    if (this.isAnchored) this.#emit(this.defaultRoute, values);
    else this.emitDefault(values);
  }

  emitTo(stream: string, values: Values): void {
    this.#emit(this.route(stream), values);
  }

  emitDirect(stream: string, taskId: number, values: Values): void {
    const anchors = this.#anchor.current();
    if (anchors === null) this.route(stream).emitDirect(taskId, values);
    else sendDirect(this.route(stream), taskId, values, anchors);
  }

  emitAndTell(values: Values): number[] {
    return this.emitToAndTell("default", values);
  }

  emitToAndTell(stream: string, values: Values): number[] {
    const anchors = this.#anchor.current();
    return anchors === null
      ? this.route(stream).emitAndTell(values)
      : sendAndTell(this.route(stream), values, anchors);
  }

  #emit(route: StreamRoute, values: Values): void {
    const anchors = this.#anchor.current();
    if (anchors === null) route.emit(values);
    else send(route, values, anchors);
  }
}

/** The engine's OutputCollector: the bolt names the anchors and acks. */
export class RichTaskCollector extends Collector {
  readonly #task: BoltTask;

  constructor(task: BoltTask, routes: InstanceRoutes, report: ErrorReporter) {
    super(task, routes, report);
    this.#task = task;
  }

  emit(anchors: unknown, values: Values): void {
    const set = this.#task.anchors.of(anchors);
    if (set === null) this.emitDefault(values);
    else send(this.route("default"), values, set);
  }

  emitTo(stream: string, anchors: unknown, values: Values): void {
    const set = this.#task.anchors.of(anchors);
    if (set === null) this.route(stream).emit(values);
    else send(this.route(stream), values, set);
  }

  emitUnanchored(values: Values): void {
    this.emitDefault(values);
  }

  emitUnanchoredTo(stream: string, values: Values): void {
    this.route(stream).emit(values);
  }

  emitDirect(stream: string, taskId: number, anchors: unknown, values: Values): void {
    const set = this.#task.anchors.of(anchors);
    if (set === null) this.route(stream).emitDirect(taskId, values);
    else sendDirect(this.route(stream), taskId, values, set);
  }

  emitAndTell(anchors: unknown, values: Values): number[] {
    return this.emitToAndTell("default", anchors, values);
  }

  emitToAndTell(stream: string, anchors: unknown, values: Values): number[] {
    const set = this.#task.anchors.of(anchors);
    return set === null ? this.route(stream).emitAndTell(values) : sendAndTell(this.route(stream), values, set);
  }

  ack(tuple: object): void {
    if (!TupleUtils.isTick(tuple)) this.#task.ackTuple(tuple);
  }

  fail(tuple: object, error?: unknown): void {
    if (!TupleUtils.isTick(tuple)) this.#task.failTuple(tuple, error);
  }

  resetTimeout(tuple: object): void {
    if (!TupleUtils.isTick(tuple)) this.#task.book.resetTimeout(tuple);
  }
}

/** A tuple of trees that have all failed is checked like any other, and goes nowhere. */
function send(route: StreamRoute, values: Values, anchors: AnchorSet): readonly Outlet[] {
  if (anchors.pairCount > 0) return route.emitRooted(values, anchors);
  route.checkRow(values);
  return NOWHERE;
}

function sendDirect(route: StreamRoute, taskId: number, values: Values, anchors: AnchorSet): void {
  if (anchors.pairCount > 0) route.emitDirectRooted(taskId, values, anchors);
  else route.checkRow(values);
}

function sendAndTell(route: StreamRoute, values: Values, anchors: AnchorSet): number[] {
  return send(route, values, anchors).map((outlet) => outlet.targetTask);
}

const NOWHERE: readonly Outlet[] = [];

/** The engine's SpoutCollector. */
export class SpoutTaskCollector extends Collector {
  readonly #task: SpoutTask;
  readonly [SPOUT_ENGINE]: SpoutEngine;
  #isRetired = false;

  constructor(task: SpoutTask, routes: InstanceRoutes, report: ErrorReporter) {
    super(task, routes, report);
    this.#task = task;
    this[SPOUT_ENGINE] = {
      emitAttempt: (values, attempt) => void this.emitAttempt(values, attempt),
      giveUp: (id) => {
        if (!this.#isRetired) task.giveUp(id);
      },
      skip: (position) => this.#note(position),
    };
  }

  override retire(): void {
    super.retire();
    this.#isRetired = true;
  }

  /** See SpoutEngine. */
  emitAttempt(values: Values, { stream, id, attempt, position }: AttemptEmit): readonly Outlet[] {
    const route = stream === "default" ? this.defaultRoute : this.route(stream);
    return this.#track(route, values, id, position, null, attempt);
  }

  emit(values: Values, id?: unknown, position?: unknown): void {
    if (isId(id)) this.#track(this.defaultRoute, values, id, position, null, 1);
    else if (position === undefined) this.emitDefault(values);
    else this.emitTo("default", values, id, position);
  }

  emitTo(stream: string, values: Values, id?: unknown, position?: unknown): void {
    if (isId(id)) this.#track(this.route(stream), values, id, position, null, 1);
    else {
      this.#untracked(stream, values, position).emit(values);
      this.#note(position);
    }
  }

  emitDirect(stream: string, taskId: number, values: Values, id?: unknown, position?: unknown): void {
    if (isId(id)) this.#track(this.route(stream), values, id, position, taskId, 1);
    else {
      this.#untracked(stream, values, position).emitDirect(taskId, values);
      this.#note(position);
    }
  }

  emitAndTell(values: Values, id?: unknown, position?: unknown): number[] {
    return this.emitToAndTell("default", values, id, position);
  }

  emitToAndTell(stream: string, values: Values, id?: unknown, position?: unknown): number[] {
    if (isId(id)) {
      return this.#track(this.route(stream), values, id, position, null, 1).map((outlet) => outlet.targetTask);
    }
    const told = this.#untracked(stream, values, position).emitAndTell(values);
    this.#note(position);
    return told;
  }

  /** Arguments, not an object: this runs for every tuple. */
  #track(
    route: StreamRoute,
    values: Values,
    id: unknown,
    position: unknown,
    target: number | null,
    attempt: number,
  ): readonly Outlet[] {
    if (!this.#isRetired) return this.#task.emitTracked(route, values, id, position, target, attempt);
    // Nobody would hear how it ended.
    route.checkRow(values);
    return NOWHERE;
  }

  /** The route of an emit without an id, whose message may have been emitted before. */
  #untracked(stream: string, values: Values, position: unknown): StreamRoute {
    const route = this.route(stream);
    if (position === undefined || this.#isRetired) return route;
    const { counts, progress } = this.#task;
    // Before anything is counted of it.
    progress.use();
    if (counts.expectsRereads) {
      route.checkRow(values);
      if (counts.isReplay(1, true)) route.countReplay();
    }
    return route;
  }

  #note(position: unknown): void {
    if (position !== undefined && !this.#isRetired) this.#task.progress.noteUntracked(position);
  }
}

function isId(id: unknown): boolean {
  return id !== undefined && id !== null;
}
