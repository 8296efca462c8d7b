import { fromWireError } from "../base/wire-error.ts";
import type { BackendEvents } from "./run-backend.ts";
import type { FromWorker } from "./worker/worker-protocol.ts";

type TaskSaid = "taskFailed" | "taskRestarted" | "hookFailed" | "userMetric" | "errorNoted";

/** Messages of workers that say nothing to the backend itself. */
type ForTheRun = Extract<FromWorker, { type: TaskSaid | "workerHookFailed" | "inspected" }>;

/** Tells the run what a worker says to it. */
export function passOn(message: ForTheRun, events: BackendEvents): void {
  switch (message.type) {
    case "taskFailed":
      events.taskFailed(message.failure);
      return;
    case "taskRestarted":
      events.taskRestarted(message.restart);
      return;
    case "hookFailed":
      events.hookFailed(message.failure);
      return;
    case "workerHookFailed":
      events.workerHookFailed(fromWireError(message.error));
      return;
    case "userMetric":
      events.userMetric(message.metric);
      return;
    case "errorNoted":
      events.errorNoted(message.noted);
      return;
    case "inspected":
      events.inspected(message.events);
      return;
  }
}
