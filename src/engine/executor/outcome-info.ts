import { fromWireError } from "../../base/wire-error.ts";
import type { AckInfo, FailInfo, SettledInfo } from "../../component/spout.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { TreeOutcome } from "./pending-trees.ts";

/** What a spout's `ack` is told. */
export function ackInfo({ latencyMs, attempt }: TreeOutcome): AckInfo {
  return { latencyMs, attempt };
}

/** What a spout's `fail` is told. */
export function failInfo(outcome: TreeOutcome, failure: TreeFailure): FailInfo {
  return { ...whoAndWhy(outcome, failure), reason: failure.reason, willSettle: outcome.stage === "overdue" };
}

/** What a spout's `settled` is told. */
export function settledInfo(outcome: TreeOutcome): SettledInfo {
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
