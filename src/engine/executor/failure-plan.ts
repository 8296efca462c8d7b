import { EngineError } from "../../base/engine-error.ts";
import type {
  DeadLetterTarget,
  FailurePolicyName,
  FailureSpec,
  RestartBackoff,
} from "../../component/failure-policy.ts";
import type { OptionValues } from "../../config/option-values.ts";
import { RestartBudget } from "./restart-budget.ts";

/** What a component's tasks do when their user code throws: the policy with every default filled in. */
export interface FailurePlan {
  /** `default` is what docs/FAILURES.md says for the component's style. */
  readonly policy: FailurePolicyName | "default";
  readonly backoff: Required<RestartBackoff>;
  /** Null is any number. */
  readonly restartsMax: number | null;
  readonly restartSpanMs: number;
  readonly deadLetter: DeadLetterTarget | null;
}

const DEFAULT_BACKOFF = { kind: "exponential", firstMs: 100, maxMs: 10_000, factor: 2, jitter: 0.2 } as const;

export function failurePlanOf(
  spec: FailureSpec | undefined,
  config: Pick<OptionValues, "restartsMax" | "restartSpanMs">,
): FailurePlan {
  const { policy = "default", backoff = DEFAULT_BACKOFF, deadLetter = null } = spec ?? {};
  return {
    policy,
    backoff: backoff.kind === "exponential" ? { ...DEFAULT_BACKOFF, ...backoff } : backoff,
    restartsMax: config.restartsMax,
    restartSpanMs: config.restartSpanMs,
    deadLetter,
  };
}

/**
 * Refuses a limit that a task which fails at once, every time, would never reach: it would be restarted for ever.
 *
 * @throws EngineError FAILURE_BAD_POLICY
 */
export function checkLimitIsReached(component: string, plan: FailurePlan): void {
  const { restartsMax, restartSpanMs } = plan;
  if (restartsMax === null) return;
  const budget = new RestartBudget(plan, () => 0);
  let nowMs = 0;
  for (let restart = 0; restart < restartsMax; restart++) {
    const next = budget.next(nowMs);
    if (next === null) return;
    nowMs += next.delayMs;
    if (nowMs < restartSpanMs) continue;
    throw new EngineError("FAILURE_BAD_POLICY", {
      problem: `the restarts of "${component}" come so slowly that their limit would never be reached`,
      facts: { restartsMax, restartSpanMs, "restarts within the span": restart, backoff: plan.backoff.kind },
      remedy: "raise restartSpanMs, lower restartsMax or shorten the backoff; restartsMax: null sets no limit",
    });
  }
}
