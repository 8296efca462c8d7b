import type { Clock } from "../base/clock.ts";
import { EngineError } from "../base/engine-error.ts";
import type { CreatedBolt, CreatedSpout, InstanceFactory } from "../engine/executor/create-instance.ts";
import type { RunProbe } from "../engine/executor/run-probe.ts";
import type { Task } from "../engine/executor/task.ts";
import type { StreamPlan, TaskPlan } from "../engine/plan/physical-plan.ts";
import type { ComponentSpec } from "../topology/topology-spec.ts";
import { cloneAny } from "../tuple/any-value.ts";
import type { FieldSpec } from "../tuple/field-spec.ts";
import { TupleUtils } from "../tuple/tick-tuple.ts";
import type { AnyTuple } from "../tuple/tuple.ts";
import type { TraceEvent } from "./trace.ts";
import { type AroundHook, watchHooks } from "./watch-hooks.ts";

export interface RecordingSettings {
  /** Events after which the run fails: a test that records without end would take the machine's memory. */
  readonly eventsMax: number;
  /** Stands around the hooks of each instance of a component; null for those of no interest. */
  readonly around?: (spec: ComponentSpec, created: CreatedSpout | CreatedBolt) => AroundHook | null;
  readonly batchRowsOf?: (component: string) => number | null;
}

/** Writes down what a run does: a probe for the inline runtime. */
export class Recording implements RunProbe {
  readonly events: TraceEvent[] = [];
  readonly #settings: RecordingSettings;
  #clock: Clock | null = null;

  constructor(settings: RecordingSettings) {
    this.#settings = settings;
  }

  /** The run's clock: known once the run is made, and before anything happens in it. */
  setClock(clock: Clock): void {
    this.#clock = clock;
  }

  emitted(task: TaskPlan, stream: StreamPlan, values: readonly unknown[]): void {
    this.#note(task, "emit", stream.stream, copyRow(stream.fields, values));
  }

  batchRowsOf(component: string): number | null {
    return this.#settings.batchRowsOf?.(component) ?? null;
  }

  wrapInstances(instances: InstanceFactory): InstanceFactory {
    return {
      create: (spec, task) => {
        const created = instances.create(spec, task);
        const around = this.#settings.around?.(spec, created) ?? null;
        const hooks = watchHooks(created.hooks, (hook, given, proceed) => {
          this.#noteHook(spec, task, hook, given);
          return around === null ? proceed(...given) : around(hook, given, proceed);
        });
        return { ...created, hooks } as CreatedSpout | CreatedBolt;
      },
    };
  }

  #noteHook(spec: ComponentSpec, task: Task, hook: string, given: readonly unknown[]): void {
    if (hook === "nextTuple") return;
    const isTick = TupleUtils.isTick(given[0]);
    if (hook !== "execute" || isTick) {
      this.#note(task.plan, isTick ? "onTick" : hook, "", []);
      return;
    }
    const { input, values } = (given[0] as AnyTuple).$;
    this.#note(task.plan, hook, input, copyRow(spec.inputs[input]!, values));
  }

  #note({ component, taskId }: TaskPlan, what: string, place: string, values: readonly unknown[]): void {
    if (this.events.length >= this.#settings.eventsMax) throw tooLong(this.#settings.eventsMax);
    this.events.push({ atMs: this.#clock?.nowMs() ?? 0, component, taskId, what, place, values });
  }
}

/** A row as it is now, whatever its owner does to it later. */
function copyRow(columns: readonly FieldSpec[], values: readonly unknown[]): unknown[] {
  return columns.map(({ type }, column) => {
    const value = values[column];
    if (type !== "bytes") return cloneAny(value);
    return value instanceof Uint8Array ? new Uint8Array(value) : null;
  });
}

function tooLong(eventsMax: number): EngineError {
  return new EngineError("SIMULATION_TOO_LONG", {
    problem: `the simulation has recorded ${eventsMax} events, and may record no more`,
    facts: { eventsMax },
    remedy: "simulate less input or less time, end an endless topology with kill() or drain(), or raise eventsMax",
  });
}
