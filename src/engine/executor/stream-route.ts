import { EngineError } from "../../base/engine-error.ts";
import { StringKeyGrouping } from "../../grouping/fields-grouping.ts";
import { GlobalGrouping } from "../../grouping/global-grouping.ts";
import { MultiGrouping, SingleGrouping } from "../../grouping/grouping.ts";
import { LeastLoadedGrouping } from "../../grouping/least-loaded-grouping.ts";
import { LocalOrShuffleGrouping } from "../../grouping/local-or-shuffle-grouping.ts";
import { NoneGrouping } from "../../grouping/none-grouping.ts";
import { ShuffleGrouping } from "../../grouping/shuffle-grouping.ts";
import type { OutputWords } from "../../metrics/task-block.ts";
import type { RowAppender } from "../../tuple/row-appender.ts";
import type { Outlet } from "./outlet.ts";
import type { Rooting } from "./rooting.ts";

/**
 * One subscription as a producing task sees it. A null grouping means a direct stream: the producer names the task.
 */
export interface RouteEdge {
  readonly consumer: string;
  readonly grouping: SingleGrouping | MultiGrouping | null;
  /** By index into the edge's target tasks. */
  readonly outlets: readonly Outlet[];
}

/** Where a route counts. */
export interface RouteCounts {
  readonly words: Int32Array;
  readonly places: OutputWords;
  readonly index: number;
}

/** For a route that stands for no task's stream. */
function countsOfNobody(): RouteCounts {
  const places = { emitted: 0, transferred: 1, firsts: 2, replayed: 3, acked: 4, failed: 5 };
  return { words: new Int32Array(6), places, index: 0 };
}

interface SingleEdge {
  readonly grouping: SingleGrouping;
  readonly outlets: readonly Outlet[];
}

interface OnlyTarget {
  readonly outlet: Outlet;
  readonly append: RowAppender;
}

interface KeyedEdge {
  readonly grouping: StringKeyGrouping;
  readonly outlets: readonly Outlet[];
  readonly append: RowAppender;
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
  /** Its position among the streams of its task. */
  readonly index: number;
  /** The words in which its task counts what becomes of it. */
  readonly places: OutputWords;
  #counts: Int32Array;
  /** False where `sendTo` must see every row that belongs to trees. */
  protected readonly sendsAtOnce: boolean = true;

  readonly #direct: boolean;
  #edges: readonly RouteEdge[];
  /** The one outlet of a stream that can go to one task only: no choice to make. */
  #only: OnlyTarget | null;
  /** The only edge, when it leads each tuple to one task: its check and its copy are then one pass. */
  #single: SingleEdge | null;
  /**
   * The same edge, when tuples go by one string: on a way of its own, where V8 sees one grouping and one appender, and
   * puts them and the emit into the code of the user's `execute`.
   */
  #keyed: KeyedEdge | null;
  #check: (values: readonly unknown[]) => void;
  readonly #chosen: number[] = [];
  readonly #targets: Outlet[] = [];
  #ended = false;
  /** Set while a caller wants to know the tasks that an emit reached. */
  #told: number[] | null = null;

  /** @param check throws when `values` are not a row of this stream; used where no outlet would check them */
  constructor(
    names: { component: string; stream: string; direct: boolean },
    edges: readonly RouteEdge[],
    check: (values: readonly unknown[]) => void,
    counts: RouteCounts = countsOfNobody(),
  ) {
    this.component = names.component;
    this.stream = names.stream;
    this.index = counts.index;
    this.places = counts.places;
    this.#counts = counts.words;
    this.#direct = names.direct;
    this.#edges = edges;
    this.#check = check;
    const single = edges.length === 1 ? edges[0]! : null;
    this.#only = single === null ? null : onlyTargetOf(single);
    this.#single =
      single?.grouping instanceof SingleGrouping ? { grouping: single.grouping, outlets: single.outlets } : null;
    this.#keyed = single === null ? null : keyedEdgeOf(single);
  }

  /** Counts a call of emit and the copies that it made. */
  count(copies: number): void {
    const counts = this.#counts;
    const { emitted, transferred } = this.places;
    counts[emitted] = (counts[emitted]! + 1) | 0;
    counts[transferred] = (counts[transferred]! + copies) | 0;
  }

  /** Counts an emit that is no first attempt, before `count`: see docs/METRICS.md. */
  countReplay(): void {
    const { replayed } = this.places;
    this.#counts[replayed] = (this.#counts[replayed]! + 1) | 0;
  }

  /** From now on counts elsewhere: in the memory of a new epoch. */
  moveTo(counts: Int32Array): void {
    this.#counts = counts;
  }

  emit(values: readonly unknown[]): void {
    const only = this.#only;
    if (only !== null) {
      only.outlet.appendBy(only.append, values);
      this.count(1);
      this.#told?.push(only.outlet.targetTask);
      return;
    }
    if (this.#keyed !== null) {
      this.#emitKeyed(this.#keyed, values);
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

  /**
   * As `emit`, for a tuple that belongs to trees. Everything that can be refused is refused before `rooting.begin`.
   *
   * @returns the outlets that took a copy; good until the next call
   */
  emitRooted(values: readonly unknown[], rooting: Rooting): readonly Outlet[] {
    const only = this.onlyTarget(values);
    if (only === null) {
      const targets = this.#choose(values);
      this.sendTo(targets, values, rooting);
      return targets;
    }
    if (this.#keyed !== null) only.appendTrackedBy(this.#keyed.append, values, rooting);
    else only.appendTracked(values, rooting);
    this.count(1);
    const targets = this.#targets;
    if (targets.length !== 1) targets.length = 1;
    if (targets[0] !== only) targets[0] = only;
    return targets;
  }

  /**
   * The one outlet that a row goes to, where it is not looked at before it is taken; else null.
   *
   * @throws EngineError TUPLE_VALUE_INVALID
   */
  onlyTarget(values: readonly unknown[]): Outlet | null {
    if (!this.sendsAtOnce) return null;
    if (this.#only !== null) return this.#only.outlet;
    const keyed = this.#keyed;
    if (keyed !== null && Array.isArray(values)) {
      const key: unknown = values[keyed.grouping.keyColumn];
      if (typeof key === "string") return keyed.outlets[keyed.grouping.chooseByKey(key)]!;
    }
    const single = this.#single;
    if (single === null) return null;
    try {
      return single.outlets[single.grouping.choose(values)]!;
    } catch (error) {
      // A grouping trips over a value of the wrong type: then that is what there is to tell.
      this.#check(values);
      throw error;
    }
  }

  /** @throws EngineError EMIT_NOT_DIRECT, EMIT_DIRECT_TARGET */
  emitDirectRooted(taskId: number, values: readonly unknown[], rooting: Rooting): void {
    this.sendTo(this.#directTargets(taskId, values), values, rooting);
  }

  /**
   * Checks a row and chooses where it will go, for a tuple that has to wait before `sendTo`.
   *
   * @param taskId the target on a direct stream, else null
   */
  chooseTargets(values: readonly unknown[], taskId: number | null): readonly Outlet[] {
    return taskId === null ? [...this.#choose(values)] : this.#directTargets(taskId, values);
  }

  /** Hands a checked row to the outlets that were chosen for it. */
  sendTo(targets: readonly Outlet[], values: readonly unknown[], rooting: Rooting): void {
    rooting.begin(targets.length);
    let copies = 0;
    try {
      while (copies < targets.length) targets[copies++]!.appendRooted(values, rooting.pairs, rooting.pairCount);
    } finally {
      // An outlet that throws has taken its copy. Those behind it get none, and nobody would ever settle them.
      if (copies < targets.length) rooting.takeBack(targets.length - copies);
    }
    this.count(targets.length);
  }

  /** Whether a row would be taken: throws what `emit` would throw for its values. */
  checkRow(values: readonly unknown[]): void {
    this.#check(values);
  }

  /** @throws EngineError EMIT_DIRECT_STREAM, EMIT_DIRECT_TARGET */
  emitDirect(taskId: number, values: readonly unknown[]): void {
    const targets = this.#directTargets(taskId, values);
    for (const outlet of targets) outlet.appendChecked(values);
    this.count(targets.length);
  }

  /** The outlets of all subscriptions of a direct stream that lead to the task. */
  #directTargets(taskId: number, values: readonly unknown[]): readonly Outlet[] {
    if (!this.#direct) {
      throw new EngineError("EMIT_NOT_DIRECT", {
        problem: `component "${this.component}" emits directly to stream "${this.stream}", which is not declared as direct`,
        remedy: `declare it with direct(fields), or use emit`,
      });
    }
    this.#check(values);
    const targets = this.#edges.flatMap((edge) => edge.outlets.filter((outlet) => outlet.targetTask === taskId));
    if (targets.length === 0 && !this.#ended) {
      throw new EngineError("EMIT_DIRECT_TARGET", {
        problem: `component "${this.component}" emits directly to task ${taskId}, which does not subscribe to stream "${this.stream}"`,
        facts: { subscribers: this.#edges.flatMap((edge) => edge.outlets.map((outlet) => outlet.targetTask)) },
        remedy: "choose a task of context.tasksOf(id) of a component that subscribes to this stream",
      });
    }
    return targets;
  }

  #emitKeyed({ grouping, outlets, append }: KeyedEdge, values: readonly unknown[]): void {
    const key: unknown = Array.isArray(values) ? values[grouping.keyColumn] : null;
    if (typeof key !== "string") {
      this.#emitToSingle(this.#single!, values);
      return;
    }
    const outlet = outlets[grouping.chooseByKey(key)]!;
    outlet.appendBy(append, values);
    this.count(1);
    if (this.#told !== null) this.#told.push(outlet.targetTask);
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
    this.count(1);
    if (this.#told !== null) this.#told.push(outlet.targetTask);
  }

  /** A route of the same name and fields from which rows go nowhere: for an instance that was given up. */
  deadEnd(onLate: () => void): StreamRoute {
    const { component, stream } = this;
    const route = new StreamRoute({ component, stream, direct: this.#direct }, [], this.#check);
    route.end(onLate);
    return route;
  }

  /** The end of the stream was sent: from now on, rows go nowhere, and each is told to `onLate`. */
  end(onLate: () => void): void {
    const check = this.#check;
    this.#ended = true;
    this.#only = null;
    this.#single = null;
    this.#keyed = null;
    this.#edges = [];
    this.#check = (values) => {
      check(values);
      onLate();
    };
  }

  #emitToEdges(values: readonly unknown[]): void {
    // Before any copy: a value that is refused must not have reached one consumer and not the other.
    const targets = this.#choose(values);
    this.count(targets.length);
    for (let i = 0; i < targets.length; i++) this.#append(targets[i]!, values);
  }

  /** The outlets for a row that is checked first. The list is good until the next call. */
  #choose(values: readonly unknown[]): readonly Outlet[] {
    const targets = this.#targets;
    this.#check(values);
    const single = this.#single;
    if (this.#only === null && single === null) {
      targets.length = 0;
      this.#chooseAll(values, targets);
      return targets;
    }
    if (targets.length !== 1) targets.length = 1;
    targets[0] = this.#only?.outlet ?? single!.outlets[single!.grouping.choose(values)]!;
    return targets;
  }

  #chooseAll(values: readonly unknown[], targets: Outlet[]): void {
    if (this.#direct) {
      throw new EngineError("EMIT_DIRECT_STREAM", {
        problem: `component "${this.component}" emits to stream "${this.stream}", which is direct, without naming a task`,
        remedy: "use emitDirect(stream, taskId, ...), or declare the stream without direct()",
      });
    }
    for (const { grouping, outlets } of this.#edges) {
      if (grouping instanceof MultiGrouping) {
        const count = grouping.choose(values, this.#chosen);
        for (let i = 0; i < count; i++) targets.push(outlets[this.#chosen[i]!]!);
      } else if (grouping !== null) {
        targets.push(outlets[grouping.choose(values)]!);
      }
    }
  }

  #append(outlet: Outlet, values: readonly unknown[]): void {
    outlet.appendChecked(values);
    if (this.#told !== null) this.#told.push(outlet.targetTask);
  }
}

/** Where there is nothing to choose. Groupings that look closely at values go on to do so, whatever they lead to. */
function onlyTargetOf({ grouping, outlets }: RouteEdge): OnlyTarget | null {
  const isBlind = BLIND.some((kind) => grouping instanceof kind);
  if (!(grouping instanceof GlobalGrouping || (isBlind && outlets.length === 1))) return null;
  return { outlet: outlets[0]!, append: outlets[0]!.appender };
}

const BLIND = [ShuffleGrouping, LocalOrShuffleGrouping, NoneGrouping, LeastLoadedGrouping, StringKeyGrouping];

function keyedEdgeOf({ grouping, outlets }: RouteEdge): KeyedEdge | null {
  return grouping instanceof StringKeyGrouping ? { grouping, outlets, append: outlets[0]!.appender } : null;
}
