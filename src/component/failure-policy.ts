import { TIMER_MS_MAX } from "../base/clock.ts";
import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { fields } from "../tuple/fields.ts";
import type { StreamDeclaration } from "./outputs.ts";

/** What happens when user code of a component throws or rejects; docs/FAILURES.md says exactly what each does. */
export type FailurePolicyName = "fail-tuple" | "restart-task" | "drop" | "fail-run";

/** How long a task waits before it is made anew. Time is the engine's own: a test's virtual time counts. */
export type RestartBackoff =
  /** The same time before each restart. */
  | { readonly kind: "fixed"; readonly delayMs: number }
  /**
   * `firstMs`, then `factor` times as long for each restart within the span, up to `maxMs`. Of each delay a random
   * part of up to `jitter` (0 to 1) is left out, so that tasks that failed together do not come back together.
   */
  | {
      readonly kind: "exponential";
      readonly firstMs?: number;
      readonly maxMs?: number;
      readonly factor?: number;
      readonly jitter?: number;
    }
  /** At once, but so many times in each span at most. */
  | { readonly kind: "rate"; readonly restarts: number; readonly spanMs: number };

/** What a `deadLetter` function is told of a tuple that was dropped. */
export interface DroppedTuple {
  readonly component: string;
  readonly taskId: number;
  /** What `execute` was called with. */
  readonly tuple: object;
  readonly error: unknown;
}

/**
 * Where dropped tuples go: a stream of the component, declared with the fields `DroppedRow`; or a function,
 * called on the worker that hosts the task.
 */
export type DeadLetterTarget = string | ((dropped: DroppedTuple) => void | Promise<void>);

/** A failure policy with its settings. How often a task may be restarted is said by restartsMax and restartSpanMs. */
export interface FailureSettings {
  readonly policy?: FailurePolicyName;
  readonly backoff?: RestartBackoff;
  /** With the policy `drop`. */
  readonly deadLetter?: DeadLetterTarget;
}

/** The failure policy of a component: a word, or a word with its settings. */
export type FailurePolicy = FailurePolicyName | FailureSettings;

/** The fields of a stream that takes dropped tuples. `values` are those of the dropped tuple, in order. */
export const DroppedRow = fields(
  "component:string",
  "task:int32",
  "source:string",
  "stream:string",
  "values:any",
  "error:string",
);

/** A failure policy as checked: what stands in it is allowed. */
export type FailureSpec = FailureSettings;

export interface FailureSubject {
  /** For errors: `bolt "count"`. */
  readonly name: string;
  readonly isSpout: boolean;
  readonly outputs: Readonly<Record<string, StreamDeclaration>>;
}

const POLICIES: readonly FailurePolicyName[] = ["fail-tuple", "restart-task", "drop", "fail-run"];
const SPOUT_POLICIES: readonly FailurePolicyName[] = ["restart-task", "fail-run"];
const SETTINGS = ["policy", "backoff", "deadLetter"] as const;
const BACKOFF_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  fixed: ["kind", "delayMs"],
  exponential: ["kind", "firstMs", "maxMs", "factor", "jitter"],
  rate: ["kind", "restarts", "spanMs"],
};

/**
 * The policy of a component, checked.
 *
 * @throws EngineError FAILURE_BAD_POLICY
 */
export function checkFailurePolicy(given: unknown, subject: FailureSubject): FailureSpec {
  if (given === undefined) return {};
  const settings: unknown = typeof given === "string" ? { policy: given } : given;
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw bad(subject, "is neither a word nor an object", { given, allowed: POLICIES });
  }
  checkKeys(subject, "onError", settings, SETTINGS);
  const { policy, backoff, deadLetter } = settings as FailureSettings;
  const allowed = subject.isSpout ? SPOUT_POLICIES : POLICIES;
  if (policy !== undefined && !allowed.includes(policy)) {
    const isForBolts = POLICIES.includes(policy);
    throw bad(
      subject,
      isForBolts ? `is "${policy}", but a spout receives no tuples` : "names a policy that does not exist",
      {
        given: policy,
        allowed,
        nearest: nearestName(String(policy), allowed) ?? undefined,
      },
    );
  }
  if (backoff !== undefined) checkBackoff(subject, backoff);
  if (deadLetter !== undefined) checkDeadLetter(subject, policy, deadLetter);
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
  };
}

function checkBackoff(subject: FailureSubject, backoff: unknown): void {
  const kind = (backoff as { kind?: unknown } | null)?.kind;
  const known = typeof kind === "string" && Object.hasOwn(BACKOFF_SETTINGS, kind) ? BACKOFF_SETTINGS[kind]! : null;
  if (known === null) {
    throw bad(subject, "has a backoff of no known kind", { given: kind, allowed: Object.keys(BACKOFF_SETTINGS) });
  }
  checkKeys(subject, `a ${String(kind)} backoff`, backoff as object, known);
  const given = backoff as Partial<Record<string, unknown>>;
  const number = (name: string, min: number, max: number, isRequired = false) => {
    const value = given[name];
    if (value === undefined && !isRequired) return;
    if (typeof value === "number" && value >= min && value <= max) return;
    throw bad(subject, `has a backoff whose ${name} is not allowed`, {
      given: value,
      allowed: `a number from ${min} to ${max}`,
    });
  };
  if (kind === "fixed") number("delayMs", 0, TIMER_MS_MAX, true);
  else if (kind === "rate") {
    number("restarts", 1, 1_000_000, true);
    number("spanMs", 1, TIMER_MS_MAX, true);
  } else {
    number("firstMs", 0, TIMER_MS_MAX);
    number("maxMs", 0, TIMER_MS_MAX);
    number("factor", 1, 1_000);
    number("jitter", 0, 1);
  }
}

function checkDeadLetter(subject: FailureSubject, policy: unknown, deadLetter: unknown): void {
  if (policy !== "drop") {
    throw bad(subject, "has a dead letter target and drops nothing", { policy }, 'add policy: "drop", or remove it');
  }
  if (typeof deadLetter === "function") return;
  const declared = Object.keys(subject.outputs);
  if (typeof deadLetter !== "string" || !Object.hasOwn(subject.outputs, deadLetter)) {
    throw bad(
      subject,
      "sends dead letters to a stream that the component does not declare",
      { given: deadLetter, declared },
      "declare it in the component's output with the fields DroppedRow, or give a function",
    );
  }
  const { fields: columns, direct } = subject.outputs[deadLetter]!;
  const text = (specs: StreamDeclaration["fields"]) => JSON.stringify(specs);
  if (direct || text(columns) !== text(DroppedRow.columns)) {
    throw bad(
      subject,
      `sends dead letters to stream "${deadLetter}", whose fields are others than DroppedRow's`,
      { fields: columns.map(({ name }) => name), allowed: DroppedRow.columns.map(({ name }) => name) },
      `declare it as output: { ${deadLetter}: DroppedRow, ... }`,
    );
  }
}

function checkKeys(subject: FailureSubject, place: string, settings: object, allowed: readonly string[]): void {
  for (const key of Object.keys(settings)) {
    if (allowed.includes(key)) continue;
    throw bad(subject, `has a setting "${key}", which ${place} does not know`, {
      allowed,
      nearest: nearestName(key, allowed) ?? undefined,
    });
  }
}

function bad(
  subject: FailureSubject,
  problem: string,
  facts: Readonly<Record<string, unknown>>,
  remedy = "see docs/FAILURES.md for what may be said",
): EngineError {
  return new EngineError("FAILURE_BAD_POLICY", {
    problem: `the failure policy of ${subject.name} ${problem}`,
    facts,
    remedy,
  });
}
