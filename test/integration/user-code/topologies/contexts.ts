/** Bolts that tell what their context gives them. */
import { once } from "node:events";
import {
  BasicBolt,
  type BasicCollector,
  basicBolt,
  defineTopology,
  fields,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

const N = fields("n:int32");
const Told = fields("n:int32", "told:any");

let sharedMade = 0;

class Teller extends BasicBolt({ input: N, output: Told }) {
  #context!: TaskContext;

  override prepare(context: TaskContext) {
    this.#context = context;
  }

  execute({ n }: Tuple<typeof N>, collector: BasicCollector<typeof Told>) {
    const context = this.#context;
    const before = context.nowMs();
    const shared = context.shared("value", () => ({
      made: ++sharedMade,
      by: context.taskId,
      users: new Set<number>(),
    }));
    shared.users.add(context.taskId);
    collector.emit([
      n,
      {
        topology: context.topology,
        component: context.component,
        taskId: context.taskId,
        taskIndex: context.taskIndex,
        taskCount: context.taskCount,
        worker: context.worker,
        options: context.options,
        tellers: [...context.tasksOf("teller")],
        idleMs: context.config.spoutIdleMs,
        drainTimeoutMs: context.config.drainTimeoutMs,
        aborted: context.signal.aborted,
        isTimeGrowing: before <= context.nowMs(),
        unknown: codeOf(() => context.tasksOf("tellr")),
        shared: { made: shared.made, by: shared.by, users: [...shared.users] },
      },
    ]);
  }
}

function codeOf(call: () => unknown): string {
  try {
    call();
    return "nothing thrown";
  } catch (error) {
    return String(error);
  }
}

/** Every task of the teller gets every tuple. */
export const tellingTopology = defineTopology(
  import.meta.url,
  (builder, options: { tasks: number; nested: { when: Date } }) => {
    const numbers = builder.setFeeder("numbers", N);
    const settings = { parallelism: options.tasks, config: { spoutIdleMs: 7 } };
    const told = builder.setBolt("teller", Teller, settings).allGrouping(numbers);
    return { numbers, told: builder.output(told) };
  },
);

const heavy = new URL("./heavy.js", import.meta.url);

/** Offloads what each tuple names, and tells what came back, or how it failed. */
const offloader = basicBolt({
  input: fields("call:string", "argument:any"),
  output: fields("call:string", "outcome:any"),
  config: { concurrency: 64 },
  create: (context) => ({
    async execute({ call, argument }, collector) {
      try {
        const module = call === "relative" ? "./heavy.js" : call === "noModule" ? new URL("./none.js", heavy) : heavy;
        const given = call === "uncloneable" ? () => {} : argument;
        collector.emit([call, { result: await context.offload(module, call, given) }]);
      } catch (error) {
        collector.emit([call, describe(error)]);
      }
    },
  }),
});

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const { code, facts } = error as { code?: unknown; facts?: unknown };
  const cause = error.cause instanceof Error ? error.cause.message : null;
  const isRangeError = error instanceof RangeError;
  return { name: error.name, message: error.message, code: code ?? null, facts: facts ?? null, cause, isRangeError };
}

export const offloadTopology = defineTopology(import.meta.url, (builder) => {
  const calls = builder.setFeeder("calls", fields("call:string", "argument:any"));
  return { calls, outcomes: builder.output(builder.setBolt("offloader", offloader).shuffleGrouping(calls)) };
});

/** Counts, on its own worker, ticks of the other bolt while a long computation is offloaded. */
export const stallTopology = defineTopology(import.meta.url, (builder) => {
  const calls = builder.setFeeder("calls", N);
  const busy = basicBolt({
    input: N,
    output: fields("turns:int32"),
    create: (context) => ({
      async execute({ n }, collector) {
        let turns = 0;
        const interval = setInterval(() => turns++, 1);
        await context.offload(heavy, "spin", n);
        clearInterval(interval);
        collector.emit([turns]);
      },
    }),
  });
  return { calls, turns: builder.output(builder.setBolt("busy", busy).shuffleGrouping(calls)) };
});

/** Has a fetch-like wait under way that only its signal ends; says by the logger when and where it was ended. */
export const signalTopology = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const waiter = basicBolt({
    input: N,
    output: N,
    create(context) {
      context.signal.addEventListener("abort", () => context.logger.info({ from: "listener" }, "aborted"));
      return {
        async execute({ n }, collector) {
          collector.emit([n]);
          if (n === 0) await once(context.signal, "abort");
        },
        cleanup: () => context.logger.info({ aborted: context.signal.aborted }, "cleanup"),
      };
    },
  });
  return { numbers, seen: builder.output(builder.setBolt("waiter", waiter).shuffleGrouping(numbers)) };
});
