/** Bolts whose user code does what any Node program does: sockets, timers, promises, fetches, child processes. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { threadId } from "node:worker_threads";
import {
  BasicBolt,
  type BasicCollector,
  basicBolt,
  defineTopology,
  fields,
  type OutputCollector,
  richBolt,
  Spout,
  type SpoutCollector,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

const Text = fields("text:string");
const Port = fields("port:int32");
const N = fields("n:int32");
type TextCollector = BasicCollector<typeof Text>;

/** Answers every line on a socket with the number of tuples that it has executed so far; tells its port once. */
class SocketServer extends BasicBolt({ input: N, output: Port }) {
  #executed = 0;
  readonly #server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("data", () => socket.write(`${this.#executed}\n`));
  });
  readonly #sockets = new Set<{ destroy(): void }>();

  override async prepare() {
    this.#server.on("connection", (socket) => this.#sockets.add(socket));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  execute(_tuple: Tuple<typeof N>, collector: BasicCollector<typeof Port>) {
    if (this.#executed++ > 0) return;
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) collector.emit([address.port]);
  }

  override cleanup() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

class Endless extends Spout({ output: N }) {
  nextTuple(collector: SpoutCollector<typeof N>) {
    collector.emit([1]);
    return undefined;
  }
}

const pass = basicBolt({ input: N, output: N, execute: ({ n }, collector) => collector.emit([n]) });

/** One tuple reaches the server, then the topology is idle. */
export const idleServer = defineTopology(import.meta.url, (builder) => {
  const questions = builder.setFeeder("questions", N);
  const server = builder.setBolt("server", SocketServer).shuffleGrouping(questions);
  return { questions, ports: builder.output(server) };
});

/** The server's worker is never without work: an endless spout, and other bolts beside the server. */
export const busyServer = defineTopology(import.meta.url, (builder, options: { extraBolts: number }) => {
  const numbers = builder.setSpout("numbers", Endless);
  const server = builder.setBolt("server", SocketServer).shuffleGrouping(numbers);
  for (let i = 0; i < options.extraBolts; i++) builder.setBolt(`pass${i}`, pass).shuffleGrouping(numbers);
  return { ports: builder.output(server) };
});

/** One bolt that does, for each tuple, what its text says. */
const doer = basicBolt({
  input: Text,
  output: Text,
  config: { concurrency: 8 },
  create: (context) => ({
    execute: ({ text }, collector) => deeds[text]?.(collector, context),
  }),
});

type Deed = (collector: TextCollector, context: TaskContext) => void | Promise<void>;

const deeds: Readonly<Record<string, Deed>> = {
  timer(collector) {
    setTimeout(() => collector.emit(["timer fired"]), 5);
  },
  interval(collector) {
    let count = 0;
    const interval = setInterval(() => {
      collector.emit([`interval ${++count}`]);
      if (count === 3) clearInterval(interval);
    }, 3);
  },
  async promise(collector) {
    await new Promise((resolve) => setImmediate(resolve));
    collector.emit(["promise resolved"]);
  },
  microtask(collector) {
    queueMicrotask(() => collector.emit(["microtask ran"]));
  },
  async fetch(collector) {
    const server = createHttpServer((_request, response) => response.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/`);
    collector.emit([`fetched ${await response.text()}`]);
    server.closeAllConnections();
    server.close();
  },
  async child(collector) {
    const output = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, ["-e", "console.log('from a child')"], (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      ),
    );
    collector.emit([output.trim()]);
  },
  async import(collector) {
    const { half } = (await import("./imported-late.js")) as { half: (n: number) => number };
    collector.emit([`half of 8 is ${half(8)}`]);
  },
  console(collector) {
    console.log("printed by a worker");
    console.error("complained by a worker");
    collector.emit(["console"]);
  },
  exit() {
    process.exit(7);
  },
  throwLater() {
    setTimeout(() => {
      throw new Error("thrown in a timer");
    }, 1);
  },
  rejectUnhandled() {
    void Promise.reject(new Error("rejected and not handled"));
  },
  thread(collector) {
    collector.emit([String(threadId)]);
  },
};

/** Emits of the doer cross to another component, so that they pass local edges or rings as the plan has it. */
export const deedsTopology = defineTopology(import.meta.url, (builder) => {
  const tasks = builder.setFeeder("tasks", Text);
  const done = builder.setBolt("doer", doer).shuffleGrouping(tasks);
  const relay = builder
    .setBolt(
      "relay",
      basicBolt({ input: Text, output: Text, execute: ({ text }, collector) => collector.emit([text]) }),
    )
    .shuffleGrouping(done);
  return { tasks, results: builder.output(relay) };
});

/** Tells how many calls of `execute` were under way at once. */
const concurrent = (concurrency: number) =>
  richBolt({
    input: N,
    output: fields("n:int32", "underWay:int32"),
    config: { concurrency },
    create: (_context, collector: OutputCollector<typeof Concurrent>) => {
      let underWay = 0;
      return {
        async execute(tuple) {
          const seen = ++underWay;
          await new Promise((resolve) => setTimeout(resolve, 2));
          collector.emit(tuple, [tuple.n, seen]);
          underWay--;
        },
      };
    },
  });
const Concurrent = fields("n:int32", "underWay:int32");

export const concurrentTopology = defineTopology(import.meta.url, (builder, options: { concurrency: number }) => {
  const numbers = builder.setFeeder("numbers", N);
  const done = builder.setBolt("concurrent", concurrent(options.concurrency)).shuffleGrouping(numbers);
  return { numbers, results: builder.output(done) };
});

/** Goes on emitting from an interval after its input has ended, until its cleanup. */
const stubborn = basicBolt({
  input: N,
  output: N,
  create: () => {
    let interval: NodeJS.Timeout | undefined;
    return {
      execute({ n }, collector) {
        interval ??= setInterval(() => collector.emit([n]), 1);
      },
      cleanup: () => clearInterval(interval),
    };
  },
});

export const stubbornTopology = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const emitted = builder.setBolt("stubborn", stubborn).shuffleGrouping(numbers);
  // Takes a while to end, in which the other goes on emitting.
  const slow = basicBolt({
    input: N,
    output: N,
    execute: ({ n }, collector) => collector.emit([n]),
    onFlush: () => new Promise<void>((resolve) => setTimeout(resolve, 30)),
  });
  return { numbers, results: builder.output(builder.setBolt("slow", slow).shuffleGrouping(emitted)) };
});
