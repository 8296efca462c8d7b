import { EngineError } from "../base/engine-error.ts";
import type { ColumnOf, Fields, ValueOf } from "../tuple/field-types.ts";
import type { SpoutClass } from "./component-schema.ts";
import type { SpoutCollector } from "./output-collector.ts";
import { type NextTuple, type SpoutHooks, spout } from "./spout.ts";
import type { TaskContext } from "./task-context.ts";

/** One tuple's values, for the fields as written. */
type RowOf<S extends readonly string[]> = { -readonly [I in keyof S]: ValueOf<ColumnOf<S[I]>> };

type IterableSpout<S extends readonly string[]> = SpoutClass<Fields<S>, []>;

/**
 * Tuples that an async source may hand over in one call, and how long the call may go on: what one await costs is
 * shared.
 */
const ROWS_PER_CALL_MAX = 64;
const CALL_MS_MAX = 1;

/**
 * A finite spout over anything iterable: `fromIterable(Sentence, function* () { yield ["a b c"]; })`. When the
 * iterable ends, the spout is exhausted. Its tuples are not tracked, and an error of the source fails the run:
 * `replaying` makes a spout of it that is restarted where it was.
 *
 * `source` is called once per task. With more than one task each must take its own share, by the task index and count
 * of its context; a source that ignores them emits everything once per task.
 */
export function fromIterable<const S extends readonly string[]>(
  fields: Fields<S>,
  source: (context: TaskContext) => Iterable<RowOf<S>>,
): IterableSpout<S> {
  return iterableSpout(fields, (context, collector) => {
    const iterable = source(context);
    checkSource(iterable, Symbol.iterator, "fromIterable");
    const iterator = iterable[Symbol.iterator]();
    return {
      nextTuple() {
        const { done, value } = iterator.next();
        if (done) return "exhausted";
        collector.emit(value);
        return undefined;
      },
      close() {
        iterator.return?.();
      },
    };
  });
}

/**
 * A finite or endless spout over anything async iterable. While the source has nothing, the task waits without
 * holding up others of its worker, and a drain does not wait for it either: the row that a read under way gives after
 * that is not emitted. Its tuples are not tracked. For more than one task see `fromIterable`.
 */
export function fromAsyncIterable<const S extends readonly string[]>(
  fields: Fields<S>,
  source: (context: TaskContext) => AsyncIterable<RowOf<S>>,
): IterableSpout<S> {
  return iterableSpout(fields, (context, collector) => {
    const iterable = source(context);
    checkSource(iterable, Symbol.asyncIterator, "fromAsyncIterable");
    keepErrors(iterable);
    return asyncHooks(iterable, context, collector);
  });
}

/**
 * A spout over a Node stream in object mode, whose chunks are tuples' values; or over anything async iterable. A
 * stream is destroyed when the task stops. For more than one task see `fromIterable`.
 */
export function fromStream<const S extends readonly string[]>(
  fields: Fields<S>,
  source: (context: TaskContext) => AsyncIterable<RowOf<S>>,
): IterableSpout<S> {
  return iterableSpout(fields, (context, collector) => {
    const stream: AsyncIterable<RowOf<S>> & { destroy?: () => void } = source(context);
    checkSource(stream, Symbol.asyncIterator, "fromStream");
    keepErrors(stream);
    const hooks = asyncHooks(stream, context, collector);
    return {
      ...hooks,
      close() {
        // First, because a read that waits for the stream's next chunk ends only with the stream.
        stream.destroy?.();
        return hooks.close();
      },
    };
  });
}

/**
 * The fields' own type is left behind here: inside, the values of a tuple are whatever the source's type says, and
 * that was compared with the fields where the source was given.
 */
function iterableSpout<S extends readonly string[]>(
  fields: Fields<S>,
  create: (context: TaskContext, collector: RowCollector<RowOf<S>>) => SpoutHooks<Fields<S>>,
): IterableSpout<S> {
  return spout<Fields<S>>({
    output: fields,
    // Anew it would begin at its beginning, and emit what it has emitted before.
    onError: "fail-run",
    create: (context, collector: SpoutCollector<Fields<S>>) => create(context, collector as RowCollector<RowOf<S>>),
  });
}

interface RowCollector<R> {
  emit(values: R): void;
}

interface AsyncSourceHooks {
  nextTuple(): Promise<NextTuple>;
  activate(): void;
  deactivate(): void;
  close(): Promise<void>;
}

function asyncHooks<R>(
  iterable: AsyncIterable<R>,
  context: TaskContext,
  collector: RowCollector<R>,
): AsyncSourceHooks {
  const iterator = iterable[Symbol.asyncIterator]();
  let active = true;
  /** The read under way: also after nobody waits for it any more. */
  let pending: Promise<IteratorResult<R>> | null = null;
  let letGo = NOTHING;
  function waitFor(read: Promise<IteratorResult<R>>): Promise<IteratorResult<R> | null> {
    return new Promise((resolve, reject) => {
      letGo = () => resolve(null);
      read.then(resolve, reject);
    });
  }
  async function readSome(): Promise<NextTuple> {
    const stopAtMs = context.nowMs() + CALL_MS_MAX;
    for (let rows = 0; rows < ROWS_PER_CALL_MAX; rows++) {
      pending ??= Promise.resolve(iterator.next());
      const result = await waitFor(pending);
      if (result === null) return "idle";
      pending = null;
      if (result.done) return "exhausted";
      collector.emit(result.value);
      if (!active || context.nowMs() >= stopAtMs) break;
    }
    return undefined;
  }
  return {
    nextTuple: readSome,
    activate() {
      active = true;
    },
    deactivate() {
      active = false;
      // A source may have nothing for hours: the spout can stop without it.
      letGo();
    },
    async close() {
      active = false;
      const returned = iterator.return?.();
      if (returned === undefined) return;
      // A generator settles this only after the read that is under way, which may never end: then nobody waits.
      if (pending !== null) Promise.resolve(returned).catch(NOTHING);
      else await returned;
    },
  };
}

/**
 * A stream that fails before it is first read (a file that is not there) would take the whole thread down, as nobody
 * listens yet. It keeps its error, and the first read rejects with it.
 */
function keepErrors(
  source: AsyncIterable<unknown> & { on?: (event: string, listener: () => void) => unknown },
): void {
  source.on?.("error", NOTHING);
}

function NOTHING(): void {}

function checkSource(source: unknown, method: symbol, form: string): void {
  if (source !== null && source !== undefined && typeof (source as Record<symbol, unknown>)[method] === "function")
    return;
  const wanted = method === Symbol.iterator ? "iterable" : "async iterable";
  throw new EngineError("COMPONENT_NOT_ITERABLE", {
    problem: `the function given to ${form} returns something that is not ${wanted}`,
    facts: { returned: source === null ? "null" : typeof source },
    remedy: "return an array, a generator or a stream; fromIterable takes plain iterables, the others async ones",
  });
}
