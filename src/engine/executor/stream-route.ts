import { EngineError } from "../../base/engine-error.ts";
import { GlobalGrouping } from "../../grouping/global-grouping.ts";
import { MultiGrouping, SingleGrouping } from "../../grouping/grouping.ts";
import type { Outlet } from "./outlet.ts";

/**
 * One subscription as a producing task sees it. A null grouping means a direct stream: the producer names the task.
 */
export interface RouteEdge {
  readonly consumer: string;
  readonly grouping: SingleGrouping | MultiGrouping | null;
  /** By index into the edge's target tasks. */
  readonly outlets: readonly Outlet[];
}

interface SingleEdge {
  readonly grouping: SingleGrouping;
  readonly outlets: readonly Outlet[];
}

/**
 * All that happens when a task emits to one of its streams: choose target tasks, append the row to their outlets,
 * count.
 *
 * Storm's definitions: `emitted` counts calls, `transferred` counts copies sent; a stream without subscribers
 * transfers nothing.
 */
export class StreamRoute {
  readonly component: string;
  readonly stream: string;
  emitted = 0;
  transferred = 0;

  readonly #direct: boolean;
  #edges: readonly RouteEdge[];
  /** The one outlet of a stream that can go to one task only: no choice to make. */
  #only: Outlet | null;
  /** The only edge, when it leads each tuple to one task: its check and its copy are then one pass. */
  #single: SingleEdge | null;
  #check: (values: readonly unknown[]) => void;
  readonly #chosen: number[] = [];
  #ended = false;
  /** Set while a caller wants to know the tasks that an emit reached. */
  #told: number[] | null = null;

  /** @param check throws when `values` are not a row of this stream; used where no outlet would check them */
  constructor(
    names: { component: string; stream: string; direct: boolean },
    edges: readonly RouteEdge[],
    check: (values: readonly unknown[]) => void,
  ) {
    this.component = names.component;
    this.stream = names.stream;
    this.#direct = names.direct;
    this.#edges = edges;
    this.#check = check;
    const single = edges.length === 1 ? edges[0]! : null;
    this.#only = single?.grouping instanceof GlobalGrouping ? single.outlets[0]! : null;
    this.#single =
      single?.grouping instanceof SingleGrouping ? { grouping: single.grouping, outlets: single.outlets } : null;
  }

  emit(values: readonly unknown[]): void {
    const only = this.#only;
    if (only !== null) {
      only.append(values);
      this.emitted++;
      this.transferred++;
      this.#told?.push(only.targetTask);
      return;
    }
    if (this.#single !== null) this.#emitToSingle(this.#single, values);
    else this.#emitToEdges(values);
  }

  /** As `emit`, and returns the ids of the tasks reached, as Storm's emit does. */
  emitAndTell(values: readonly unknown[]): number[] {
    this.#told = [];
    try {
      this.emit(values);
      return this.#told;
    } finally {
      this.#told = null;
    }
  }

  /** @throws EngineError EMIT_DIRECT_STREAM, EMIT_DIRECT_TARGET */
  emitDirect(taskId: number, values: readonly unknown[]): void {
    if (!this.#direct) {
      throw new EngineError("EMIT_NOT_DIRECT", {
        problem: `component "${this.component}" emits directly to stream "${this.stream}", which is not declared as direct`,
        remedy: `declare it with direct(fields), or use emit`,
      });
    }
    let reached = 0;
    this.#check(values);
    for (const edge of this.#edges) {
      for (const outlet of edge.outlets) {
        if (outlet.targetTask !== taskId) continue;
        outlet.appendChecked(values);
        reached++;
      }
    }
    if (reached === 0 && !this.#ended) {
      throw new EngineError("EMIT_DIRECT_TARGET", {
        problem: `component "${this.component}" emits directly to task ${taskId}, which does not subscribe to stream "${this.stream}"`,
        facts: { subscribers: this.#edges.flatMap((edge) => edge.outlets.map((outlet) => outlet.targetTask)) },
        remedy: "choose a task of context.tasksOf(id) of a component that subscribes to this stream",
      });
    }
    this.emitted++;
    this.transferred += reached;
  }

  #emitToSingle({ grouping, outlets }: SingleEdge, values: readonly unknown[]): void {
    let outlet: Outlet;
    try {
      outlet = outlets[grouping.choose(values)]!;
    } catch (error) {
      // A grouping trips over a value of the wrong type: then that is what there is to tell.
      this.#check(values);
      throw error;
    }
    outlet.append(values);
    this.emitted++;
    this.transferred++;
    if (this.#told !== null) this.#told.push(outlet.targetTask);
  }

  /** The end of the stream was sent: from now on, rows go nowhere, and each is told to `onLate`. */
  end(onLate: () => void): void {
    const check = this.#check;
    this.#ended = true;
    this.#only = null;
    this.#single = null;
    this.#edges = [];
    this.#check = (values) => {
      check(values);
      onLate();
    };
  }

  #emitToEdges(values: readonly unknown[]): void {
    if (this.#direct) {
      throw new EngineError("EMIT_DIRECT_STREAM", {
        problem: `component "${this.component}" emits to stream "${this.stream}", which is direct, without naming a task`,
        remedy: "use emitDirect(stream, taskId, ...), or declare the stream without direct()",
      });
    }
    // Before any copy: a value that is refused must not have reached one consumer and not the other.
    this.#check(values);
    this.emitted++;
    for (const edge of this.#edges) {
      const { grouping, outlets } = edge;
      if (grouping instanceof MultiGrouping) {
        const count = grouping.choose(values, this.#chosen);
        for (let i = 0; i < count; i++) this.#append(outlets[this.#chosen[i]!]!, values);
      } else if (grouping !== null) {
        this.#append(outlets[grouping.choose(values)]!, values);
      }
    }
  }

  #append(outlet: Outlet, values: readonly unknown[]): void {
    outlet.appendChecked(values);
    this.transferred++;
    if (this.#told !== null) this.#told.push(outlet.targetTask);
  }
}
