/** Spouts over iterables and streams, each in a topology that hands on what they give. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import {
  defineTopology,
  fields,
  fromAsyncIterable,
  fromIterable,
  fromStream,
  type TaskContext,
  type TopologyBuilder,
} from "../../../../src/index.ts";

const N = fields("n:int32");
const Line = fields("line:string");

/** Every number below the limit, once, by as many tasks as there are: each takes its share. */
export const shares = defineTopology(import.meta.url, (builder, options: { tasks: number; limit: number }) => {
  const share = function* (context: TaskContext): Iterable<[number]> {
    for (let n = context.taskIndex; n < options.limit; n += context.taskCount) yield [n];
  };
  const numbers = builder.setSpout("numbers", fromIterable(N, share), { parallelism: options.tasks });
  return { numbers: builder.output(numbers) };
});

/** What plain things may be a source. */
export const plainSources = defineTopology(import.meta.url, (builder) => ({
  array: builder.output(
    builder.setSpout(
      "array",
      fromIterable(N, () => [[1], [2]] as [number][]),
    ),
  ),
  set: builder.output(
    builder.setSpout(
      "set",
      fromIterable(N, () => new Set<[number]>([[3], [4]])),
    ),
  ),
  generator: builder.output(
    builder.setSpout(
      "generator",
      fromIterable(N, function* () {
        yield [5];
      }),
    ),
  ),
  asyncGenerator: builder.output(
    builder.setSpout(
      "asyncGenerator",
      fromAsyncIterable(N, async function* () {
        yield [6];
      }),
    ),
  ),
  readable: builder.output(
    builder.setSpout(
      "readable",
      fromStream(N, () => Readable.from([[7], [8]]) as AsyncIterable<[number]>),
    ),
  ),
  empty: builder.output(
    builder.setSpout(
      "empty",
      fromIterable(N, () => []),
    ),
  ),
}));

/** The lines of a file by its stream, through a transform. */
export const fileLines = defineTopology(import.meta.url, (builder, options: { file: string }) => {
  const lines = async function* (): AsyncIterable<[string]> {
    for await (const line of createInterface({ input: createReadStream(options.file) })) yield [line];
  };
  const chunks = () =>
    createReadStream(options.file, { encoding: "utf8", highWaterMark: 64 }).map((chunk: string) => [
      chunk,
    ]) as AsyncIterable<[string]>;
  return {
    lines: builder.output(builder.setSpout("lines", fromAsyncIterable(Line, lines))),
    chunks: builder.output(builder.setSpout("chunks", fromStream(Line, chunks))),
  };
});

export type WaitingForm = "generator" | "iterator" | "stream" | "endless";

/** A source that gives one row, then nothing more for ever (or never stops); it logs when it is let go of. */
export const waiting = defineTopology(
  import.meta.url,
  (builder: TopologyBuilder, options: { form: WaitingForm }) => ({
    rows: builder.output(builder.setSpout("source", sourceOf(options.form))),
  }),
);

/** Tells the program that the source's reader waits now. */
function sayWaiting(): void {
  const channel = new BroadcastChannel("waiting");
  channel.postMessage("now");
  channel.close();
}

function sourceOf(form: WaitingForm) {
  switch (form) {
    case "generator":
      return fromAsyncIterable(N, async function* (context) {
        try {
          yield [1];
          sayWaiting();
          await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
        } finally {
          context.logger.info("let go");
        }
      });
    case "iterator":
      return fromAsyncIterable(N, (context) => {
        let given = false;
        return {
          [Symbol.asyncIterator]: () => ({
            next: (): Promise<IteratorResult<[number]>> => {
              if (given) {
                sayWaiting();
                return new Promise(() => {});
              }
              given = true;
              return Promise.resolve({ done: false, value: [1] });
            },
            return: () => {
              context.logger.info("let go");
              return Promise.resolve({ done: true as const, value: undefined });
            },
          }),
        };
      });
    case "stream":
      return fromStream(N, (context) => {
        let given = 0;
        const stream = new Readable({
          objectMode: true,
          highWaterMark: 1,
          read() {
            if (given++ === 0) this.push([1]);
            else sayWaiting();
          },
        });
        stream.once("close", () => context.logger.info("let go"));
        return stream as AsyncIterable<[number]>;
      });
    case "endless":
      return fromIterable(N, function* (context) {
        try {
          sayWaiting();
          for (;;) yield [1];
        } finally {
          context.logger.info("let go");
        }
      });
  }
}

export type FailingForm =
  | "iterable"
  | "generator"
  | "asyncGenerator"
  | "stream"
  | "missingFile"
  | "notIterable"
  | "wrongValue";

/** Gives one row and fails, each form in its way. */
export const failing = defineTopology(import.meta.url, (builder, options: { form: FailingForm }) => ({
  rows: builder.output(builder.setSpout("source", failingSource(options.form))),
}));

function failingSource(form: FailingForm) {
  switch (form) {
    case "iterable":
      return fromIterable(N, () => {
        throw new RangeError("planted");
      });
    case "generator":
      return fromIterable(N, function* () {
        yield [1];
        throw new RangeError("planted");
      });
    case "asyncGenerator":
      return fromAsyncIterable(N, async function* () {
        yield [1];
        throw new RangeError("planted");
      });
    case "stream":
      return fromStream(N, () => {
        const stream = new Readable({ objectMode: true, read: () => {} });
        stream.push([1]);
        setImmediate(() => stream.destroy(new RangeError("planted")));
        return stream as AsyncIterable<[number]>;
      });
    case "missingFile":
      return fromStream(N, () => createReadStream("/no/such/file") as AsyncIterable<never>);
    case "notIterable":
      return fromIterable(N, () => 5 as never);
    case "wrongValue":
      return fromIterable(N, () => [["planted" as never]] as [number][]);
  }
}
