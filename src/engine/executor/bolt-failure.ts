import { FailedException, ReportedFailedException } from "../../component/failed-exception.ts";
import type { DeadLetterTarget, DroppedTuple, FailurePolicyName } from "../../component/failure-policy.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import type { AnchorSet } from "./anchor-set.ts";
import type { FailurePlan } from "./failure-plan.ts";
import { isThenable, type Task } from "./task.ts";

export interface ExecuteFailure {
  readonly error: unknown;
  readonly policy: FailurePlan["policy"];
  readonly isBasic: boolean;
  /** Somebody is told when the tuple fails. */
  readonly isTracked: boolean;
}

/** What follows when `execute` throws or rejects. A tuple that nobody tracks must not be lost in silence. */
export function verdictOn({ error, policy, isBasic, isTracked }: ExecuteFailure): FailurePolicyName {
  if (error instanceof FailedException) return "fail-tuple";
  if (policy === "drop" || policy === "fail-run") return policy;
  if (!isTracked) return "fail-run";
  return policy === "default" ? (isBasic ? "fail-tuple" : "restart-task") : policy;
}

/** Whether a tuple's failure is logged: one that its bolt asked for is none of the log's business. */
export function isWorthTelling(error: unknown): boolean {
  return !(error instanceof FailedException) || error instanceof ReportedFailedException;
}

/** Hands the tuples that one task dropped to whoever its component names. */
export class DeadLetters {
  readonly #task: Task;
  readonly #target: DeadLetterTarget | null;
  readonly #failed: (error: unknown) => void;

  /** @param failed called with what the target threw: a dead letter that is lost is lost data */
  constructor(task: Task, target: DeadLetterTarget | null, failed: (error: unknown) => void) {
    this.#task = task;
    this.#target = target;
    this.#failed = failed;
  }

  /**
   * @param anchors the trees of the tuple, which those of its dead letter are; null for none
   * @returns false when there is nobody to send it to
   */
  send(tuple: object, error: unknown, anchors: AnchorSet | null): boolean {
    const target = this.#target;
    if (target === null) return false;
    try {
      if (typeof target === "string") this.#emit(target, tuple, error, anchors);
      else this.#call(target, { ...this.#names, tuple, error });
    } catch (failure) {
      this.#failed(failure);
    }
    return true;
  }

  #call(target: Exclude<DeadLetterTarget, string>, dropped: DroppedTuple): void {
    const result: unknown = target(dropped);
    if (isThenable(result)) result.then(undefined, this.#failed);
  }

  #emit(stream: string, tuple: object, error: unknown, anchors: AnchorSet | null): void {
    const { component, taskId } = this.#names;
    const { sourceComponent, sourceStream, values } = (tuple as AnyTuple).$;
    const text = error instanceof Error ? error.message : String(error);
    const row = [component, taskId, sourceComponent, sourceStream, [...values], text];
    const route = this.#task.routes.get(stream)!;
    if (anchors !== null && anchors.pairCount > 0) route.emitRooted(row, anchors);
    else route.emit(row);
  }

  get #names(): { component: string; taskId: number } {
    return { component: this.#task.plan.component, taskId: this.#task.taskId };
  }
}
