import { EngineError } from "../../base/engine-error.ts";
import {
  WORKER_HOOKS,
  type WorkerContext,
  type WorkerHook,
  type WorkerHookFactory,
} from "../../component/worker-hook.ts";

/** The worker hooks of one worker: started in the order in which they were added, shut down the other way around. */
export class WorkerHooks {
  readonly #factories: readonly WorkerHookFactory[];
  readonly #context: WorkerContext;
  readonly #started: WorkerHook[] = [];
  #starting: Promise<void> = Promise.resolve();

  constructor(factories: readonly WorkerHookFactory[], context: WorkerContext) {
    this.#factories = factories;
    this.#context = context;
  }

  /** @throws EngineError WORKER_HOOK_INVALID, WORKER_HOOK_FAILED */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  /** Shuts down whatever was started, whatever else fails. Every failure is told. */
  async shutdown(failed: (error: EngineError) => void): Promise<void> {
    // One whose start is under way has nothing to shut down before that has come to its end.
    await this.#starting.catch(() => {});
    for (const hook of this.#started.splice(0).reverse()) {
      try {
        await hook.shutdown?.();
      } catch (cause) {
        failed(this.#failure("shutdown", cause));
      }
    }
  }

  async #start(): Promise<void> {
    for (const create of this.#factories) {
      try {
        const hook = this.#checked(create());
        await hook.start?.(this.#context);
        this.#started.push(hook);
      } catch (cause) {
        if (cause instanceof EngineError && cause.code === "WORKER_HOOK_INVALID") throw cause;
        throw this.#failure("start", cause);
      }
    }
  }

  #checked(hook: WorkerHook): WorkerHook {
    const isObject = typeof hook === "object" && hook !== null;
    if (isObject && WORKER_HOOKS.some((name) => typeof hook[name] === "function")) return hook;
    throw new EngineError("WORKER_HOOK_INVALID", {
      problem: "what addWorkerHook was given makes something that is no worker hook",
      facts: { made: isObject ? Object.keys(hook) : typeof hook, hooks: WORKER_HOOKS },
      remedy: "let it return an object with start, shutdown or both",
    });
  }

  #failure(hook: "start" | "shutdown", cause: unknown): EngineError {
    return new EngineError("WORKER_HOOK_FAILED", {
      problem: `a worker hook failed in ${hook} on worker ${this.#context.worker}`,
      facts: { worker: this.#context.worker, hook, error: cause instanceof Error ? cause.message : String(cause) },
      remedy: "see the cause for the original error and its stack",
      cause,
    });
  }
}
