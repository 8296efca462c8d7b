import { EngineError } from "../../base/engine-error.ts";
import type { AttemptEmit } from "../../component/spout-engine.ts";
import type { TaskContext } from "../../component/task-context.ts";
import { TASK_HOOKS, type TaskHook } from "../../component/task-hook.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { isThenable } from "../executor/task.ts";

type Style = "basic" | "rich" | "spout";
type Call = (...given: readonly unknown[]) => unknown;
type Methods = Record<string, Call>;

/**
 * The task hooks of one instance. They stand around its own hooks and its collector's methods, as properties of these
 * objects, from the first that is added: without one nothing is there.
 */
export class InstanceHooks {
  readonly #names: { readonly component: string; readonly taskId: number };
  readonly #style: Style;
  readonly #nowMs: () => number;
  readonly #hooks: TaskHook[] = [];

  constructor(names: { component: string; taskId: number }, style: Style, nowMs: () => number) {
    this.#names = names;
    this.#style = style;
    this.#nowMs = nowMs;
  }

  /** @throws EngineError TASK_HOOK_INVALID */
  add(hook: TaskHook, context: TaskContext): void {
    const isHook = typeof hook === "object" && hook !== null;
    if (!isHook || !TASK_HOOKS.some((name) => typeof hook[name] === "function")) {
      throw new EngineError("TASK_HOOK_INVALID", {
        problem: `"${this.#names.component}" adds something as a task hook that is none`,
        facts: { given: isHook ? Object.keys(hook) : typeof hook, hooks: TASK_HOOKS },
        remedy: "give an object with at least one of these hooks",
      });
    }
    this.#hooks.push(hook);
    hook.prepare?.(context);
  }

  /** When the instance's first hook has succeeded, and all its hooks are where they stay. */
  installAround(instance: object, collector: object): void {
    if (this.#hooks.length === 0) return;
    this.aroundCollector(collector);
    const methods = instance as Methods;
    const last = this.#style === "spout" ? "close" : "cleanup";
    const lastHook = methods[last];
    methods[last] = () => {
      for (const hook of this.#hooks) hook.cleanup?.();
      return lastHook?.call(instance);
    };
    if (this.#style === "spout") this.#aroundSpout(methods);
    else this.#aroundExecute(methods);
  }

  aroundCollector(target: object): void {
    if (this.#hooks.length === 0) return;
    const collector = target as Methods;
    const isRich = this.#style === "rich";
    const valuesAt = isRich ? 1 : 0;
    const tell = collector.emitToAndTell!.bind(target) as Call;
    const direct = collector.emitDirect!.bind(target) as Call;
    const emit = (stream: unknown, ...rest: readonly unknown[]) => {
      const outTasks = tell(stream, ...rest) as number[];
      this.#emitted(stream as string, rest[valuesAt] as unknown[], outTasks);
      return outTasks;
    };
    collector.emitToAndTell = emit;
    collector.emitTo = (stream, ...rest) => void emit(stream, ...rest);
    collector.emit = (...rest) => void emit("default", ...rest);
    collector.emitDirect = (stream, taskId, ...rest) => {
      direct(stream, taskId, ...rest);
      this.#emitted(stream as string, rest[valuesAt] as unknown[], [taskId as number]);
    };
    const attempt = collector.emitAttempt?.bind(target);
    if (attempt !== undefined) {
      collector.emitAttempt = (values, emit) => {
        const outTasks = (attempt(values, emit) as readonly { targetTask: number }[]).map((to) => to.targetTask);
        this.#emitted((emit as AttemptEmit).stream, values as unknown[], outTasks);
      };
    }
    if (!isRich) return;
    collector.emitUnanchored = (values) => void emit("default", [], values);
    collector.emitUnanchoredTo = (stream, values) => void emit(stream, [], values);
    for (const [name, told] of [
      ["ack", "boltAck"],
      ["fail", "boltFail"],
    ] as const) {
      const settle = collector[name]!.bind(target) as Call;
      collector[name] = (tuple, ...rest) => {
        settle(tuple, ...rest);
        this.#settled(told, tuple as AnyTuple, 0);
      };
    }
  }

  #emitted(stream: string, values: readonly unknown[], outTasks: readonly number[]): void {
    for (const hook of this.#hooks) hook.emit?.({ ...this.#names, stream, values, outTasks });
  }

  #settled(told: "boltExecute" | "boltAck" | "boltFail", tuple: AnyTuple, latencyMs: number): void {
    for (const hook of this.#hooks) hook[told]?.({ ...this.#names, tuple, latencyMs });
  }

  #aroundSpout(spout: Methods): void {
    for (const [name, told] of [
      ["ack", "spoutAck"],
      ["fail", "spoutFail"],
    ] as const) {
      const own = spout[name];
      spout[name] = (id, info) => {
        for (const hook of this.#hooks) hook[told]?.({ ...this.#names, id, info });
        return own?.call(spout, id, info);
      };
    }
  }

  #aroundExecute(bolt: Methods): void {
    const own = bolt.execute!;
    bolt.execute = (tuple, collector) => {
      const startMs = this.#nowMs();
      const ended = (isDone: boolean) => {
        const latencyMs = this.#nowMs() - startMs;
        if (isDone) this.#settled("boltExecute", tuple as AnyTuple, latencyMs);
        if (!isDone) this.#settled("boltFail", tuple as AnyTuple, latencyMs);
        else if (this.#style === "basic") this.#settled("boltAck", tuple as AnyTuple, latencyMs);
      };
      const failed = (error: unknown): never => {
        ended(false);
        throw error;
      };
      let result: unknown;
      try {
        result = own.call(bolt, tuple, collector);
      } catch (error) {
        failed(error);
      }
      if (isThenable(result)) return result.then(() => ended(true), failed);
      ended(true);
      return result;
    };
  }
}
