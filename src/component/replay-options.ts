import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import type { Fields, Row } from "../tuple/field-types.ts";
import { fields } from "../tuple/fields.ts";
import type { FailReason } from "./spout.ts";

/** When a failed message is emitted again: at once, after a while that grows, or never. */
export type ReplayWhen = "now" | "backoff" | "give-up";

/** What to do with a failed message, by the reason of its failure. */
export interface ReplayRules {
  /** A bolt failed it. Default: "backoff". */
  readonly bolt?: ReplayWhen;
  /** A worker was lost with a part of it; does not count among the retries. Default: "now". */
  readonly "worker-lost"?: ReplayWhen;
  /**
   * It made no progress in time. "after-settled", the default: the attempt goes on, and the message is emitted again
   * only when the attempt has come to its end without having been completed. With the others it is cut off.
   */
  readonly timeout?: ReplayWhen | "after-settled";
  /** It was never taken in. Default: "backoff". */
  readonly rejected?: ReplayWhen;
}

/** How the time before a message is emitted again grows. On the engine's clock. */
export interface Backoff {
  /** Before the second attempt. Default: 100. */
  readonly firstMs?: number;
  /** What each further failure multiplies it by. Default: 2. */
  readonly factor?: number;
  /** The most. Default: 60,000. */
  readonly maxMs?: number;
  /** The part of each time that chance may take away, from 0 to 1. Default: 0.2. */
  readonly jitter?: number;
}

/** A message that was given up. */
export interface Letter<F extends Fields> {
  /** What `id` said; the number of its row where there is no `id`. */
  readonly id: unknown;
  readonly row: Row<F>;
  /** Why its last attempt failed. */
  readonly reason: FailReason;
  readonly error: unknown;
  /** The component that failed it or held it; null when nobody knows. */
  readonly component: string | null;
  /** How often it was emitted. */
  readonly attempts: number;
}

/** Takes a message that was given up. Its promise holds the spout's task back. */
export type LetterBox<F extends Fields> = (letter: Letter<F>) => void | Promise<void>;

/** How `replaying` treats its messages. */
export interface ReplayOptions<F extends Fields, D extends string | undefined = string | undefined> {
  /** Names a message, for dead letters. Default: the number of its row. */
  readonly id?: (row: Row<F>) => unknown;
  /** How often a message is emitted again at most, lost workers aside. Default: 5. */
  readonly retries?: number;
  readonly on?: ReplayRules;
  readonly backoff?: Backoff;
  /** Messages that may wait to be emitted again: at this many the source is not asked for more. Default: 1,024. */
  readonly waitingMax?: number;
  /**
   * The source itself hands out again what was neither acked nor given up when its task is made again, in whatever
   * order, as queues do. Nothing is then left out by position. Default: false.
   */
  readonly redelivers?: boolean;
  /**
   * Where messages go that are given up: the name of a stream, which the spout then declares with the fields
   * `DeadLetter`; or a function. Without it they are logged as errors.
   */
  readonly deadLetter?: D | LetterBox<F>;
}

/** The fields of a stream of dead letters; `values` is the row as it was emitted. */
export const DeadLetter = fields(
  "id:any",
  "values:any",
  "reason:string",
  "error:string?",
  "component:string?",
  "attempts:int32",
);

/** Options with everything filled in. */
export interface ReplayPlan<F extends Fields> {
  readonly id: ((row: Row<F>) => unknown) | null;
  readonly retries: number;
  readonly on: Readonly<Record<FailReason, ReplayWhen | "after-settled">>;
  readonly backoff: Required<Backoff>;
  readonly waitingMax: number;
  readonly redelivers: boolean;
  readonly deadLetter: string | LetterBox<F> | null;
}

const RULES = { bolt: "backoff", "worker-lost": "now", timeout: "after-settled", rejected: "backoff" } as const;
const BACKOFF = { firstMs: 100, factor: 2, maxMs: 60_000, jitter: 0.2 } as const;
const OPTIONS = ["id", "retries", "on", "backoff", "waitingMax", "redelivers", "deadLetter"];
const WHENS = ["now", "backoff", "give-up"];

/** @throws EngineError REPLAY_BAD_OPTION */
export function replayPlanOf<F extends Fields>(options: ReplayOptions<F>): ReplayPlan<F> {
  checkNames("options", options, OPTIONS);
  const { id, retries = 5, on = {}, backoff = {}, waitingMax = 1024 } = options;
  const { redelivers = false, deadLetter } = options;
  checkNames("on", on, Object.keys(RULES));
  checkNames("backoff", backoff, Object.keys(BACKOFF));
  const isCount = retries === Number.POSITIVE_INFINITY || Number.isInteger(retries);
  check("retries", retries, isCount && retries >= 0, "a whole number from 0, or Infinity");
  check("waitingMax", waitingMax, Number.isInteger(waitingMax) && waitingMax >= 1, "a whole number from 1");
  check("redelivers", redelivers, typeof redelivers === "boolean", "true or false");
  check("id", id, id === undefined || typeof id === "function", "a function of the row");
  for (const [reason, when] of Object.entries(on)) {
    const isKnown = WHENS.includes(when) || (reason === "timeout" && when === "after-settled");
    check(`on.${reason}`, when, isKnown, reason === "timeout" ? [...WHENS, "after-settled"] : WHENS);
  }
  const filled = { ...BACKOFF, ...backoff };
  const { firstMs, factor, maxMs, jitter } = filled;
  check(
    "backoff.firstMs",
    firstMs,
    isNumber(firstMs) && firstMs >= 0 && firstMs < Number.POSITIVE_INFINITY,
    "milliseconds from 0",
  );
  check(
    "backoff.factor",
    factor,
    isNumber(factor) && factor >= 1 && factor < Number.POSITIVE_INFINITY,
    "a number from 1",
  );
  check(
    "backoff.maxMs",
    maxMs,
    isNumber(maxMs) && maxMs >= firstMs && maxMs < Number.POSITIVE_INFINITY,
    "milliseconds from firstMs",
  );
  check("backoff.jitter", jitter, isNumber(jitter) && jitter >= 0 && jitter <= 1, "a number from 0 to 1");
  const isLetterBox =
    typeof deadLetter === "function" || (typeof deadLetter === "string" && deadLetter !== "default");
  const wanted = 'a function, or the name of a stream other than "default"';
  check("deadLetter", deadLetter, deadLetter === undefined || isLetterBox, wanted);
  return {
    id: id ?? null,
    retries,
    on: { ...RULES, ...on },
    backoff: filled,
    waitingMax,
    redelivers,
    deadLetter: deadLetter ?? null,
  };
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function checkNames(where: string, given: unknown, allowed: readonly string[]): void {
  check(where, given, typeof given === "object" && given !== null, "an object");
  for (const name of Object.keys(given as object)) {
    if (allowed.includes(name)) continue;
    const near = nearestName(name, allowed);
    throw new EngineError("REPLAY_BAD_OPTION", {
      problem: `replaying is given an option "${name}" that does not exist`,
      facts: { allowed },
      remedy: near === null ? "remove it" : `did you mean "${near}"?`,
    });
  }
}

function check(name: string, given: unknown, isGood: boolean, allowed: string | readonly string[]): void {
  if (isGood) return;
  throw new EngineError("REPLAY_BAD_OPTION", {
    problem: `the option ${name} of replaying is given ${typeof given === "object" ? "an object" : String(given)}`,
    facts: { allowed },
    remedy: "give it one of the values that it takes, or leave it out for its default",
  });
}
