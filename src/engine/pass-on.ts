import type { BackendEvents } from "./run-backend.ts";
import { fromWireError } from "../base/wire-error.ts";
import type { FromWorker } from "./worker/worker-protocol.ts";

type TaskSaid = "taskFailed" | "taskRestarted" | "hookFailed" | "userMetric" | "errorNoted";

/** Messages of workers that say nothing to the backend itself. */
type ForTheRun = Extract<
  FromWorker,
  { type: TaskSaid | "workerHookFailed" | "inspected" }
>;

/** Tells the run what a worker says to it. */
export function passOn(message: ForTheRun, events: BackendEvents): void {
  switch (message.type) {
    case "taskFailed":
      return events.taskFailed(message.failure);
    case "taskRestarted":
      return events.taskRestarted(message.restart);
    case "hookFailed":
      return events.hookFailed(message.failure);
    case "workerHookFailed":
      return events.workerHookFailed(fromWireError(message.error));
    case "userMetric":
      return events.userMetric(message.metric);
    case "errorNoted":
      return events.errorNoted(message.noted);
    case "inspected":
      return events.inspected(message.events);
  }
}
