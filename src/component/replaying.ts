import { EngineError } from "../base/engine-error.ts";
import type { Fields } from "../tuple/field-types.ts";
import type { SpoutClass } from "./component-schema.ts";
import { isFields, type Outputs } from "./outputs.ts";
import { DeadLetter, type ReplayOptions, replayPlanOf } from "./replay-options.ts";
import { Replayer } from "./replayer.ts";
import { type SpoutHooks, spout } from "./spout.ts";

/** What a replaying spout emits: its source's stream, and a stream of dead letters if it is given a name for one. */
export type ReplayOutputs<F extends Fields, D> = [D] extends [string]
  ? { readonly [S in D | "default"]: S extends "default" ? F : typeof DeadLetter }
  : F;

/** The same for a source with several streams: all of them, and one of dead letters. */
export type ReplayStreams<O, D> = [D] extends [string] ? O & { readonly [S in D]: typeof DeadLetter } : O;

/** A source with several streams: what is replayed is `default`, and what it emits to others with ids. */
type SourceStreams = { readonly default: Fields } & { readonly [stream: string]: Fields };

/**
 * Makes a spout whose messages are emitted again when they fail, from a simple one that only emits:
 * `replaying(fromIterable(Order, read), { id: (order) => order.id, retries: 5 })`. docs/REPLAY.md has the contract.
 *
 * The source is a spout with one plain stream: what `fromIterable`, `fromAsyncIterable` or `fromStream` makes, or any
 * other whose constructor takes no arguments. One that has further plain streams emits to them untracked, unless it
 * gives an id: what it sends there without is not replayed, and may come again with the rows around it. Rows that it
 * has emitted must not be changed. A spout that replays already is taken with these options over its own.
 *
 * @throws EngineError REPLAY_BAD_OPTION, REPLAY_BAD_SOURCE
 */
export function replaying<F extends Fields, const D extends string | undefined = undefined>(
  source: SpoutClass<F, []>,
  options?: ReplayOptions<F, D>,
): SpoutClass<ReplayOutputs<F, D>, []>;
export function replaying<const O extends SourceStreams, const D extends string | undefined = undefined>(
  source: SpoutClass<O, []>,
  options?: ReplayOptions<O["default"], D>,
): SpoutClass<ReplayStreams<O, D>, []>;
export function replaying<F extends Fields>(
  given: SpoutClass<Outputs, []>,
  options: ReplayOptions<F> = {},
): SpoutClass<Outputs, []> {
  const made = typeof given === "function" ? madeOf.get(given) : undefined;
  if (made === undefined) return replayingSpout(given, options);
  return replayingSpout(made.source, { ...(made.options as ReplayOptions<F>), ...options });
}

interface Replayed {
  readonly source: SpoutClass<Outputs, []>;
  readonly options: object;
}

/** What replaying spouts are made of: one that replays already is not replayed once more. */
const madeOf = new WeakMap<object, Replayed>();

function replayingSpout<F extends Fields>(
  source: SpoutClass<Outputs, []>,
  options: ReplayOptions<F>,
): SpoutClass<Outputs, []> {
  const own = streamsOf(source);
  const plan = replayPlanOf<F>(options);
  const { deadLetter } = plan;
  if (typeof deadLetter === "string" && Object.hasOwn(own, deadLetter)) throw takenName(deadLetter, own);
  const streams = typeof deadLetter === "string" ? { ...own, [deadLetter]: DeadLetter } : own;
  const output: Outputs = Object.keys(streams).length === 1 ? own.default : streams;
  const made = spout<Outputs>({
    output,
    config: source.config,
    ...(source.onError === undefined ? {} : { onError: source.onError }),
    create: (context, collector, start) => {
      const replayer = new Replayer<F>({
        source: new source() as SpoutHooks<Outputs>,
        streams: new Map(Object.entries(own).map(([name, { columns }]) => [name, columns.map((each) => each.name)])),
        plan,
        context,
        collector,
        start,
      });
      // Without the hook, attempts are cut off when their time is up.
      const settled = plan.on.timeout === "after-settled" ? { settled: replayer.settled.bind(replayer) } : {};
      return { ...hooksOf(replayer), ...settled };
    },
  });
  madeOf.set(made, { source, options });
  return made;
}

function hooksOf<F extends Fields>(replayer: Replayer<F>): SpoutHooks<Outputs> {
  return {
    open: () => replayer.open(),
    nextTuple: () => replayer.nextTuple(),
    ack: (id, info) => replayer.ack(id, info),
    fail: (id, info) => replayer.fail(id, info),
    activate: () => replayer.activate(),
    deactivate: () => replayer.deactivate(),
    close: () => replayer.close(),
    ...replayer.ticks,
  };
}

/** The source's streams by name. */
function streamsOf(source: unknown): SourceStreams {
  const { style, output } = (source ?? {}) as { style?: unknown; output?: unknown };
  if (typeof source === "function" && style === "spout") {
    if (isFields(output)) return { default: output } as SourceStreams;
    const streams = Object.values(output ?? {});
    if (isFields((output as Partial<SourceStreams> | undefined)?.default) && streams.every(isFields))
      return output as SourceStreams;
  }
  throw new EngineError("REPLAY_BAD_SOURCE", {
    problem: "replaying is given something that is no spout with a plain default stream",
    facts: { given: typeof source },
    remedy:
      "give it what fromIterable, fromAsyncIterable or fromStream makes, or a spout class with output: fields(...)",
  });
}

function takenName(deadLetter: string, streams: SourceStreams): EngineError {
  return new EngineError("REPLAY_BAD_OPTION", {
    problem: `the option deadLetter of replaying is given "${deadLetter}", which is a stream of the source`,
    facts: { streams: Object.keys(streams) },
    remedy: "give it another name",
  });
}
