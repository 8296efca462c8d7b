import type { BoltClass, SpoutClass } from "../../component/component-schema.ts";
import type { DirectStream, FieldsOfStream, Outputs, Streams } from "../../component/outputs.ts";
import { richBolt } from "../../component/rich-bolt.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields, Row } from "../../tuple/field-types.ts";
import type { AnyTuple, Tuple } from "../../tuple/tuple.ts";
import { type GateCollector, OnceGate } from "./once-gate.ts";
import {
  type OnceId,
  type OnceOptions,
  type OncePlan,
  Outcome,
  oncePlanOf,
  type Watched,
  withOnce,
} from "./once-options.ts";
import type { OnceTimes } from "./once-store.ts";
import { watchSpout } from "./watch-spout.ts";

/** The inputs of a gate: rows of a watched spout, or what bolts made of them; and that spout's outcomes. */
export type OnceInputs<F extends Fields> = { readonly rows: Watched<F>; readonly outcomes: typeof Outcome };

/** The default stream of a spout's outputs. */
type DefaultFields<O extends Outputs> = FieldsOfStream<Streams<O>["default" & keyof Streams<O>]>;

/** The streams of a watched spout: those of the spout, with two more fields in the default one, and the outcomes. */
export type WatchedOutputs<O extends Outputs> = {
  readonly [S in keyof Streams<O> | "outcomes"]: S extends "outcomes"
    ? typeof Outcome
    : S extends "default"
      ? Watched<DefaultFields<O>>
      : Extract<Streams<O>[S & keyof Streams<O>], Fields | DirectStream>;
};

/** A gate: a bolt that lets each id through once, and what makes the spouts that it follows. */
export interface Once<F extends Fields> extends BoltClass<OnceInputs<F>, F, []> {
  /**
   * The spout around `source` that the gate follows: its rows say what they are known by, and its stream `outcomes`
   * tells how each of their trees ended.
   *
   * @param id for a source with other rows than the gate's: what they are known by
   * @throws EngineError ONCE_BAD_SOURCE
   */
  watch<O extends Outputs>(
    source: SpoutClass<O, []>,
    id?: (row: Row<DefaultFields<O>>) => OnceId,
  ): SpoutClass<WatchedOutputs<O>, []>;
}

/** Waiting rows are looked after this often. */
const TICK_MS = 20;

/**
 * Makes a gate that lets each id through once, by the outcome of its tuple's tree: what was done is not done again,
 * and what failed is. docs/ONCE.md has the protocol, and the table of what can still happen twice.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 * @example
 * const Gate = once({ fields: Trade, id: "tradeId", store: redisOnceStore({ host: "10.0.0.5" }) });
 * const trades = builder.setSpout("trades", Gate.watch(replaying(source)));
 * const fresh = builder
 *   .setBolt("once", Gate)
 *   .fieldsGrouping(trades, ["onceId"], { as: "rows" })
 *   .fieldsGrouping(trades.stream("outcomes"), ["onceId"], { as: "outcomes" });
 */
export function once<F extends Fields>(options: OnceOptions<F>): Once<F> {
  const plan = oncePlanOf(options);
  const gate = richBolt<OnceInputs<Fields>, Fields>({
    input: { rows: withOnce(plan.fields), outcomes: Outcome },
    output: plan.fields,
    tickMs: TICK_MS,
    create: (context, collector) => openGate(plan, context, collector as unknown as GateCollector),
  });
  const watch = (source: SpoutClass<Outputs, []>, id?: unknown) =>
    watchSpout(source, (id as OncePlan["idOf"] | undefined) ?? plan.idOf);
  return Object.assign(gate, { watch }) as unknown as Once<F>;
}

function openGate(plan: OncePlan, context: TaskContext, collector: GateCollector) {
  const times = timesOf(plan, context);
  const filled = { ...plan, waitMaxMs: plan.waitMaxMs ?? times.leaseMs + 1000 };
  const session = plan.store.open(context, times);
  const hooksOf = (opened: Awaited<typeof session>) =>
    gateHooks(new OnceGate({ plan: filled, session: opened, context, collector }));
  return session instanceof Promise ? session.then(hooksOf) : hooksOf(session);
}

function timesOf({ leaseMs, rememberMs }: OncePlan, { config }: TaskContext): OnceTimes {
  return { leaseMs: leaseMs ?? Number(config.messageTimeoutMs) + Number(config.settleTimeoutMs), rememberMs };
}

function gateHooks(gate: OnceGate) {
  return {
    execute: (tuple: Tuple<OnceInputs<Fields>>) =>
      tuple.$input === "outcomes"
        ? gate.takeOutcome(tuple as unknown as Tuple<typeof Outcome>)
        : gate.takeRow(tuple as AnyTuple),
    onTick: () => gate.tick(),
    onFlush: () => gate.settle(),
    onEnd: () => gate.settle(),
    cleanup: () => gate.close(),
  };
}
