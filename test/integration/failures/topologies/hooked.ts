import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  fields,
  fromIterable,
  replaying,
  type TaskContext,
  type Tuple,
  type WorkerHook,
} from "../../../../src/index.ts";

export interface HookedOptions {
  readonly rows: number;
  /** On which worker, and in which hook, a worker hook fails. */
  readonly fails?: "start 1" | "shutdown 1";
  /** Adds what is no hook. */
  readonly adds?: "no worker hook" | "no task hook";
}

const N = fields("n:int32");
const Seen = fields("what:string", "component:string", "worker:int32");

/** Says what its worker's hooks have put where its tasks find it, once for each tuple. */
class Relay extends BasicBolt({ input: N, output: { default: N, seen: Seen } }) {
  #context!: TaskContext;

  override prepare(context: TaskContext): void {
    this.#context = context;
  }

  execute({ n }: Tuple<typeof N>, collector: BasicCollector<{ default: typeof N; seen: typeof Seen }>): void {
    const { worker, component } = this.#context;
    const started = this.#context.shared("started", () => "by nobody");
    collector.emitTo("seen", [`relay ${started}`, component, worker]);
    if (n === 3 && this.#context.shared("thrown", () => ({ is: false })).is === false) {
      this.#context.shared("thrown", () => ({ is: false })).is = true;
      throw new Error("three");
    }
    collector.emit([n]);
  }
}

function hookOf(name: string, { fails, counts }: HookedOptions & { counts: Int32Array }): WorkerHook {
  let worker = -1;
  let ended: string[] = [];
  return {
    start(context) {
      ({ worker } = context);
      ended = context.shared("ended", () => []);
      if (fails === `start ${worker}` && name === "second") throw new Error("planted in start");
      context.shared("started", () => `by ${name} on ${worker}`);
      Atomics.add(counts, CELLS.started, 1);
    },
    async shutdown() {
      await null;
      Atomics.add(counts, CELLS.shutDown, 1);
      // The last that was started is shut down first.
      if (name === "first" && ended[0] !== "second") Atomics.add(counts, CELLS.wrongOrder, 1);
      ended.push(name);
      if (fails === `shutdown ${worker}` && name === "second") throw new Error("planted in shutdown");
    },
  };
}

/** relay between two others; what hooks see, on whatever thread, is counted in shared memory. */
export const hooked = defineTopology(import.meta.url, (builder, options: HookedOptions & { counts: Int32Array }) => {
  const { adds, counts } = options;
  const count = (cell: number) => void Atomics.add(counts, cell, 1);
  for (const name of ["first", "second"]) builder.addWorkerHook(() => hookOf(name, options));
  if (adds === "no worker hook") builder.addWorkerHook(() => "hook" as never);
  if (adds === "no task hook") builder.addTaskHook(() => ({}));
  builder.addTaskHook(({ component }) =>
    component === "last"
      ? null
      : {
          prepare: () => count(CELLS.prepared),
          cleanup: () => count(CELLS.cleanedUp),
          emit: ({ stream }) => count(stream === "default" ? CELLS.emits : CELLS.seen),
          boltExecute: () => count(CELLS.executed),
          boltAck: () => count(CELLS.acked),
          boltFail: () => count(CELLS.failed),
          spoutAck: () => count(CELLS.spoutAcked),
          spoutFail: () => count(CELLS.spoutFailed),
        },
  );
  const source = fromIterable(N, function* () {
    for (let n = 0; n < options.rows; n++) yield [n];
  });
  const numbers = builder.setSpout("numbers", replaying(source, { on: { bolt: "now" } }));
  const relay = builder.setBolt("relay", Relay, { onError: "restart-task" });
  relay.shuffleGrouping(numbers);
  builder.setBolt("last", Last).shuffleGrouping(relay);
  return { seen: builder.output(relay.stream("seen")) };
});

class Last extends BasicBolt({ input: N }) {
  execute(): void {}
}

export const CELLS = {
  started: 0,
  shutDown: 1,
  wrongOrder: 2,
  prepared: 3,
  cleanedUp: 4,
  emits: 5,
  seen: 6,
  executed: 7,
  acked: 8,
  failed: 9,
  spoutAcked: 10,
  spoutFailed: 11,
} as const;
