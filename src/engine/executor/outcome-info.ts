import { fromWireError } from "../../base/wire-error.ts";
import type { AckInfo, FailInfo, SettledInfo } from "../../component/spout.ts";
import type { TaskCounter } from "../../metrics/metric-layout.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { TreeOutcome } from "./pending-trees.ts";

/** By the reason of a tree's failure: what counts it. */
export const FAILURE_COUNTERS = {
  bolt: "failedBolt",
  timeout: "timedOut",
  "worker-lost": "failedWorkerLost",
  rejected: "failedRejected",
} as const satisfies Record<TreeFailure["reason"], TaskCounter>;

/** What a spout's `ack`, `fail` or `settled` is told, by the stage of the outcome. */
export function infoOf(outcome: TreeOutcome): AckInfo | FailInfo | SettledInfo {
  if (outcome.stage === "late") return settledInfo(outcome);
  return outcome.failure === null ? ackInfo(outcome) : failInfo(outcome, outcome.failure);
}

function ackInfo({ latencyMs, attempt }: TreeOutcome): AckInfo {
  return { latencyMs, attempt };
}

function failInfo(outcome: TreeOutcome, failure: TreeFailure): FailInfo {
  return { ...whoAndWhy(outcome, failure), reason: failure.reason, willSettle: outcome.stage === "overdue" };
}

function settledInfo(outcome: TreeOutcome): SettledInfo {
  const { failure } = outcome;
  return { ...whoAndWhy(outcome, failure), reason: failure?.reason ?? null, completed: failure === null };
}

function whoAndWhy({ latencyMs, attempt }: TreeOutcome, failure: TreeFailure | null) {
  return {
    latencyMs,
    attempt,
    error: failure === null || failure.error === null ? undefined : fromWireError(failure.error),
    component: failure?.component ?? null,
    task: failure?.taskId ?? null,
  };
}
