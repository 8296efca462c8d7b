import type { StreamPlan, TaskPlan } from "../plan/physical-plan.ts";
import type { RunProbe } from "./run-probe.ts";
import { StreamRoute } from "./stream-route.ts";

type RouteArguments = ConstructorParameters<typeof StreamRoute>;

/** A route that tells a probe what was emitted. A class of its own, so that the usual one need not ask. */
export class ProbedRoute extends StreamRoute {
  protected override readonly sendsAtOnce = false;
  readonly #probe: RunProbe;
  readonly #task: TaskPlan;
  readonly #plan: StreamPlan;
  #ended = false;

  constructor(probe: RunProbe, task: TaskPlan, stream: StreamPlan, ...[, edges, check, counts]: RouteArguments) {
    super(stream, edges, check, counts);
    this.#probe = probe;
    this.#task = task;
    this.#plan = stream;
  }

  override emit(...given: Parameters<StreamRoute["emit"]>): void {
    super.emit(...given);
    this.#tell(given[0]);
  }

  override emitDirect(...given: Parameters<StreamRoute["emitDirect"]>): void {
    super.emitDirect(...given);
    this.#tell(given[1]);
  }

  override sendTo(...given: Parameters<StreamRoute["sendTo"]>): void {
    super.sendTo(...given);
    this.#tell(given[1]);
  }

  override end(...given: Parameters<StreamRoute["end"]>): void {
    super.end(...given);
    this.#ended = true;
  }

  /** What comes after the end of the stream goes nowhere, and so was not emitted. */
  #tell(values: readonly unknown[]): void {
    if (!this.#ended) this.#probe.emitted(this.#task, this.#plan, values);
  }
}
