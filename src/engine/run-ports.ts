import type { Task } from "./executor/task.ts";

/** By port name, the main thread's task of the component that stands behind it. */
export function portsOf<T>(
  tasks: readonly Task[],
  ports: Readonly<Record<string, string>>,
  kind: abstract new (...args: never[]) => T,
): Record<string, T> {
  const found: Record<string, T> = {};
  for (const [port, component] of Object.entries(ports)) {
    const task = tasks.find((candidate) => candidate.plan.component === component);
    if (task instanceof kind) found[port] = task;
  }
  return found;
}
