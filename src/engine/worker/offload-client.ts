import { EngineError } from "../../base/engine-error.ts";
import { fromWireError } from "../../base/wire-error.ts";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Calls under way per worker at most: the pool behind them is small, and what waits holds its arguments in memory.
 */
const OFFLOADS_MAX = 10_000;

/** A worker's side of `context.offload`: asks main to run a function on its pool of helper threads. */
export class OffloadClient {
  readonly #post: (message: FromWorker) => void;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  call(module: string, name: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#pending.size >= OFFLOADS_MAX) {
      throw new EngineError("OFFLOAD_OVERFLOW", {
        problem: `${this.#pending.size} offloaded calls of this worker are still under way`,
        facts: { offloadsMax: OFFLOADS_MAX },
        remedy: "await offloaded calls before making more",
      });
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      try {
        this.#post({ type: "offload", id, module, name, args });
      } catch (error) {
        throw notCloneable(error);
      }
      this.#pending.set(id, { resolve, reject });
    });
  }

  settle(message: Extract<ToWorker, { type: "offloadResult" | "offloadError" }>): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === "offloadResult") pending?.resolve(message.value);
    else pending?.reject(fromWireError(message.error));
  }
}

/** For a call whose arguments or result cannot go to another thread; `cause` is what said so. */
export function notCloneable(cause: unknown): EngineError {
  return new EngineError("OFFLOAD_NOT_CLONEABLE", {
    problem: "the arguments or the result of an offloaded call cannot be handed to another thread",
    facts: cause instanceof Error ? { error: cause.message } : {},
    remedy: "pass and return plain data: no functions, no classes' instances with private state, no handles",
    cause,
  });
}
