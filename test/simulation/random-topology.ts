import {
  basicBolt,
  defineTopology,
  direct,
  fields,
  spout,
  type TaskContext,
  type TopologyBuilder,
} from "../../src/index.ts";
import { type Arrivals, addArrival, consumersOf } from "./random-oracle.ts";
import {
  childrenOf,
  customChoice,
  directChoice,
  keyOf,
  payloadOf,
  type RandomComponent,
  type RandomPlan,
  randomPlan,
  spoutTupleId,
} from "./random-plan.ts";

const Item = fields("id:float64", "key:string", "payload:string", "seq:int32");
const Keyed = fields("key:string", "id:float64", "seq:int32");
const Reversed = fields("seq:int32", "payload:string", "key:string", "id:float64");
const INPUTS = [Item, Keyed, Reversed] as unknown as readonly (typeof Item)[];
const Report = fields(
  "consumer:string",
  "taskIndex:int32",
  "source:string",
  "stream:string",
  "sourceTask:int32",
  "key:string",
  "count:int32",
  "sum:float64",
);

interface AnyCollector {
  emitTo(stream: string, values: readonly unknown[], messageId?: unknown): void;
  emitDirect(stream: string, taskId: number, values: readonly unknown[], messageId?: unknown): void;
}

export interface RandomOptions {
  readonly seed: number;
  readonly burst?: number;
  /** Every tuple of a spout is a tree, and some executes end later, with a promise. */
  readonly tracked?: boolean;
}

/** What spouts were told of the trees of one run, by its seed; for runs on the test's own thread. */
export interface Told {
  readonly emitted: Set<string>;
  readonly acked: string[];
  readonly failed: string[];
}
export const toldBySeed = new Map<number, Told>();

/** The engine's random topologies: the same components on any runtime, each reporting at its end what reached it. */
export const randomTopology = defineTopology(import.meta.url, (builder, options: RandomOptions) => {
  const plan = randomPlan(options.seed, options.burst);
  for (const component of plan.components) {
    if (component.spoutTuples > 0) declareSpout(builder, plan, component, options);
    else declareBolt(builder, plan, component, options);
  }
  const collect = builder.setBolt(
    "reports",
    basicBolt({
      input: Report,
      output: Report,
      execute: (tuple, collector) => collector.emit([...tuple.$.values] as never),
    }),
  );
  for (const component of plan.components) {
    if (component.spoutTuples === 0) collect.globalGrouping(streamOf(component.id, "reports") as never);
  }
  return { reports: builder.output(collect) };
});

const handles = new Map<string, { stream(name: string): unknown }>();

function streamOf(component: string, stream: string): unknown {
  return handles.get(component)!.stream(stream);
}

function outputsOf(component: RandomComponent): Record<string, typeof Item> {
  const streams = component.streams.map(({ name, direct: isDirect }) => [name, isDirect ? direct(Item) : Item]);
  return Object.fromEntries(streams) as Record<string, typeof Item>;
}

function declareSpout(
  builder: TopologyBuilder,
  plan: RandomPlan,
  component: RandomComponent,
  { seed, tracked }: RandomOptions,
): void {
  const told = toldBySeed.get(seed);
  const code = spout({
    output: outputsOf(component),
    create: (context, collector) => {
      const emit = emitterFor(plan, component, context);
      let n = 0;
      return {
        nextTuple() {
          if (n === component.spoutTuples) return "exhausted";
          const id = spoutTupleId(component, context.taskIndex, n++);
          const track = (place: string) => {
            told?.emitted.add(place);
            return place;
          };
          const tree = tracked
            ? (child: number) => track(`${component.id}/${context.taskIndex}/${n}/${child}`)
            : null;
          return emit(collector as unknown as AnyCollector, id, tree) === 0 ? "idle" : undefined;
        },
        ack: (id) => void told?.acked.push(String(id)),
        fail: (id, { reason }) => void told?.failed.push(`${id}: ${reason}`),
      };
    },
  });
  handles.set(component.id, builder.setSpout(component.id, code, { parallelism: component.parallelism }) as never);
}

function declareBolt(
  builder: TopologyBuilder,
  plan: RandomPlan,
  component: RandomComponent,
  { tracked }: RandomOptions,
): void {
  const code = basicBolt({
    input: INPUTS[component.inputShape]!,
    output: { ...outputsOf(component), reports: Report },
    create: (context) => {
      const emit = emitterFor(plan, component, context);
      const seen = new ArrivalBook(component.id, context.taskIndex);
      return {
        execute(tuple, collector) {
          seen.note(tuple, component.inputShape !== 1);
          emit(collector as unknown as AnyCollector, tuple.id, null);
          return tracked === true && tuple.id % 29 === 0 ? Promise.resolve() : undefined;
        },
        onEnd: (collector) => {
          for (const row of seen.rows()) collector.emitTo("reports", row as never);
        },
      };
    },
  });
  const declared = builder.setBolt(component.id, code, { parallelism: component.parallelism });
  handles.set(component.id, declared as never);
  for (const { source, stream, grouping } of component.subscriptions) {
    const from = streamOf(source, stream) as never;
    if (grouping === "fields") declared.fieldsGrouping(from, ["key"] as never);
    else if (grouping === "partialKey") declared.partialKeyGrouping(from, ["key"] as never);
    else if (grouping === "custom") {
      declared.customGrouping(from, (({ targetTasks }: { targetTasks: readonly number[] }) => ({
        chooseTasks: ([id]: [number]) => customChoice(id, targetTasks.length),
      })) as never);
    } else declared[`${grouping}Grouping`](from);
  }
}

/** Emits what the component's function says for one tuple, over all its streams; returns how many. */
function emitterFor(plan: RandomPlan, component: RandomComponent, context: TaskContext) {
  let seq = 0;
  const consumers = component.streams.map(({ name }) => consumersOf(plan, component.id, name));
  return (collector: AnyCollector, id: number, idOf: ((child: number) => string) | null): number => {
    let emitted = 0;
    for (const [index, { name, direct: isDirect }] of component.streams.entries()) {
      for (const child of childrenOf(component, index, id)) {
        const values = [child, keyOf(child), payloadOf(child), seq++];
        const messageId = () => (idOf === null ? [] : ([idOf(emitted)] as const));
        if (!isDirect) collector.emitTo(name, values, ...messageId());
        else {
          const targets = consumers[index]!.map(({ consumer }) => consumer);
          if (targets.length === 0) continue;
          const choice = directChoice(
            child,
            targets.map(({ parallelism }) => parallelism),
          );
          const taskId = context.tasksOf(targets[choice.consumer]!.id)[choice.taskIndex]!;
          collector.emitDirect(name, taskId, values, ...messageId());
        }
        emitted++;
      }
    }
    return emitted;
  };
}

interface Received {
  readonly id: number;
  readonly key: string;
  readonly payload: string;
  readonly seq: number;
  readonly $: { readonly sourceComponent: string; readonly sourceStream: string; readonly sourceTask: number };
}

/** What reached one task. Fails at once on a tuple that was changed on its way or came out of turn. */
class ArrivalBook {
  readonly #consumer: string;
  readonly #taskIndex: number;
  readonly #arrivals = new Map<string, { row: unknown[]; arrivals: Arrivals }>();
  readonly #lastSeq = new Map<string, number>();

  constructor(consumer: string, taskIndex: number) {
    this.#consumer = consumer;
    this.#taskIndex = taskIndex;
  }

  note(tuple: Received, hasPayload: boolean): void {
    const { sourceComponent, sourceStream, sourceTask } = tuple.$;
    if (tuple.key !== keyOf(tuple.id)) throw new Error(`tuple ${tuple.id} came with key ${tuple.key}`);
    if (hasPayload && tuple.payload !== payloadOf(tuple.id)) throw new Error(`tuple ${tuple.id} came with a payload`);
    const way = `${sourceTask}:${sourceStream}`;
    const last = this.#lastSeq.get(way) ?? -1;
    if (tuple.seq <= last) throw new Error(`order: ${this.#consumer} got ${tuple.seq} of ${way} after ${last}`);
    this.#lastSeq.set(way, tuple.seq);
    const key = `${way}|${tuple.key}`;
    let found = this.#arrivals.get(key);
    if (found === undefined) {
      const row = [this.#consumer, this.#taskIndex, sourceComponent, sourceStream, sourceTask, tuple.key];
      found = { row, arrivals: { count: 0, sum: 0 } };
      this.#arrivals.set(key, found);
    }
    addArrival(found.arrivals, tuple.id, 1);
  }

  rows(): unknown[][] {
    return [...this.#arrivals.values()].map(({ row, arrivals }) => [...row, arrivals.count, arrivals.sum]);
  }
}
