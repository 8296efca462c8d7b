import { createLogger } from "../../../../src/base/log.ts";
import type { TaskContext } from "../../../../src/index.ts";

/** What a connector sees of a task, where there is none. */
export function stubContext(nowMs: () => number, changes: Partial<TaskContext> = {}): TaskContext {
  const shared = new Map<string, unknown>();
  const meter = { increment: () => {}, mark: () => {}, set: () => {}, record: () => {} };
  return {
    topology: "test",
    component: "gate",
    taskId: 1,
    taskIndex: 0,
    taskCount: 1,
    worker: 0,
    options: undefined,
    config: { seed: 1 },
    tupleBytesMax: Number.POSITIVE_INFINITY,
    logger: createLogger({ level: "silent", bindings: {} }),
    metrics: { counter: () => meter, meter: () => meter, gauge: () => meter, histogram: () => meter },
    signal: new AbortController().signal,
    nowMs,
    tasksOf: () => [],
    addTaskHook: () => {},
    claim: () => Promise.reject(new Error("there are no claims")),
    shared: <T>(name: string, create: () => T): T => {
      if (!shared.has(name)) shared.set(name, create());
      return shared.get(name) as T;
    },
    offload: () => Promise.reject(new Error("there is no pool")),
    ...changes,
  };
}
