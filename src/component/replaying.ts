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

/**
 * Makes a spout whose messages are emitted again when they fail, from a simple one that only emits:
 * `replaying(fromIterable(Order, read), { id: (order) => order.id, retries: 5 })`. docs/REPLAY.md has the contract.
 *
 * The source is a spout with one plain stream: what `fromIterable`, `fromAsyncIterable` or `fromStream` makes, or any
 * other whose constructor takes no arguments. Rows that it has emitted must not be changed.
 *
 * @throws EngineError REPLAY_BAD_OPTION, REPLAY_BAD_SOURCE
 */
export function replaying<F extends Fields, const D extends string | undefined = undefined>(
  source: SpoutClass<F, []>,
  options: ReplayOptions<F, D> = {},
): SpoutClass<ReplayOutputs<F, D>, []> {
  checkSource(source);
  const plan = replayPlanOf<F>(options as ReplayOptions<F>);
  const { deadLetter } = plan;
  const output: Outputs =
    typeof deadLetter === "string" ? { default: source.output, [deadLetter]: DeadLetter } : source.output;
  const made = spout<Outputs>({
    output,
    config: source.config,
    create: (context, collector, start) => {
      const replayer = new Replayer<F>({
        source: new source() as SpoutHooks<Outputs>,
        names: source.output.columns.map((column) => column.name),
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
  return made as unknown as SpoutClass<ReplayOutputs<F, D>, []>;
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

function checkSource(source: unknown): void {
  const { style, output } = (source ?? {}) as { style?: unknown; output?: unknown };
  if (typeof source === "function" && style === "spout" && isFields(output)) return;
  throw new EngineError("REPLAY_BAD_SOURCE", {
    problem: "replaying is given something that is no spout with one plain stream",
    facts: { given: typeof source },
    remedy:
      "give it what fromIterable, fromAsyncIterable or fromStream makes, or a spout class with output: fields(...)",
  });
}
