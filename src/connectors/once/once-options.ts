import { isFields } from "../../component/outputs.ts";
import type { Fields, Names, Row } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import { OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import type { OnceStore } from "./once-store.ts";

/** What an id may be: two are the same when their texts are. */
export type OnceId = string | number | bigint;

/** Options of `once`. */
export interface OnceOptions<F extends Fields> {
  /** Of the rows that the gate lets through. */
  readonly fields: F;
  /** What a row is known by: the name of a field, or a function of the row. */
  readonly id: Names<F> | ((row: Row<F>) => OnceId);
  readonly store: OnceStore;
  /**
   * How long a reservation holds that nobody confirms or releases. Default: messageTimeoutMs + settleTimeoutMs, the
   * longest that an attempt can last.
   */
  readonly leaseMs?: number;
  /** How long a confirmed id is known. Default: a day. */
  readonly rememberMs?: number;
  /**
   * What becomes of a tuple whose id another attempt has reserved. "wait", the default: it waits for the outcome.
   * "drop": it is acked and gone, also when the other attempt fails later, so that a message may be lost.
   */
  readonly onBusy?: "wait" | "drop";
  /** So long does a tuple wait at most, before it is failed. Default: leaseMs, and a second. */
  readonly waitMaxMs?: number;
  /** So many tuples of a task wait at most: further ones are failed at once. Default: 10,000. */
  readonly waitingMax?: number;
  /** How often a waiting tuple asks again, besides when its task hears of an outcome. Default: 100. */
  readonly askAgainMs?: number;
  /** How long the end of a task waits for what its store has not taken yet. Default: 5,000. */
  readonly closeTimeoutMs?: number;
}

/** The fields of a watched spout: those that it has, what its rows are known by, and whose attempt it is. */
export type Watched<F extends Fields> =
  F extends Fields<infer S extends readonly string[]>
    ? Fields<readonly [...S, "onceId:string", "onceToken:string"]>
    : never;

/** The stream `outcomes` of a watched spout: how each attempt ended. */
export const Outcome = fields("onceId:string", "onceToken:string", "completed:bool");

/** Options with everything filled in, but for what depends on the topology. */
export interface OncePlan {
  readonly fields: Fields;
  readonly idOf: (row: Readonly<Record<string, unknown>>) => unknown;
  readonly store: OnceStore;
  readonly leaseMs: number | null;
  readonly rememberMs: number;
  readonly onBusy: "wait" | "drop";
  readonly waitMaxMs: number | null;
  readonly waitingMax: number;
  readonly askAgainMs: number;
  readonly closeTimeoutMs: number;
}

const OPTIONS = [
  "fields",
  "id",
  "store",
  "leaseMs",
  "rememberMs",
  "onBusy",
  "waitMaxMs",
  "waitingMax",
  "askAgainMs",
  "closeTimeoutMs",
];
const DAY_MS = 24 * 60 * 60 * 1000;

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function oncePlanOf(options: unknown): OncePlan {
  const read = new OptionReader("once", options, OPTIONS);
  const rows = read.given("fields");
  if (!isFields(rows)) throw read.bad("fields", "what fields(...) made");
  const store = read.given("store") as OnceStore | null | undefined;
  if (typeof store?.open !== "function")
    throw read.bad("store", "memoryOnceStore(), redisOnceStore(...) or your own");
  const ms = (name: string) => (read.has(name) ? read.whole(name, { min: 1, byDefault: 1 }) : null);
  return {
    fields: rows,
    idOf: idReader(read, rows),
    store,
    leaseMs: ms("leaseMs"),
    rememberMs: read.whole("rememberMs", { min: 1, byDefault: DAY_MS }),
    onBusy: read.word("onBusy", ["wait", "drop"], "wait"),
    waitMaxMs: ms("waitMaxMs"),
    waitingMax: read.whole("waitingMax", { min: 1, byDefault: 10_000 }),
    askAgainMs: read.whole("askAgainMs", { min: 1, byDefault: 100 }),
    closeTimeoutMs: read.whole("closeTimeoutMs", { min: 0, max: TIMER_MS_MAX, byDefault: 5_000 }),
  };
}

/** What the option `id` says of a row. @throws EngineError CONNECTOR_BAD_OPTION */
function idReader(read: OptionReader, { columns }: Fields): OncePlan["idOf"] {
  const id = read.given("id");
  if (typeof id === "function") return id as OncePlan["idOf"];
  const names = columns.map(({ name }) => name);
  if (typeof id === "string" && names.includes(id)) return (row) => row[id];
  throw read.bad("id", `a function of the row, or the name of a field: ${names.join(", ")}`);
}

/** The same fields, and the two that a watched spout adds: for the inputs and outputs of bolts before the gate. */
export function withOnce<F extends Fields>(rows: F): Watched<F> {
  const make = fields as unknown as (...specs: string[]) => Fields;
  return make(...rows.specs, "onceId:string", "onceToken:string") as unknown as Watched<F>;
}
