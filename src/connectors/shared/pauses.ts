import { Prng } from "../../base/prng.ts";
import type { Backoff } from "../../component/replay-options.ts";
import type { TaskContext } from "../../component/task-context.ts";
import { type OptionReader, TIMER_MS_MAX } from "./option-reader.ts";

/** Before a lost connection is made again. */
export const RECONNECT: Required<Backoff> = { firstMs: 50, factor: 2, maxMs: 2000, jitter: 0.2 };

/** An option such as `reconnect: { firstMs, factor, maxMs, jitter }`. */
export function readBackoff(options: OptionReader, name: string, byDefault = RECONNECT): Required<Backoff> {
  const group = options.group(name, Object.keys(RECONNECT));
  const max = TIMER_MS_MAX;
  const firstMs = group.number("firstMs", { min: 0, max, byDefault: byDefault.firstMs });
  const least = Math.max(byDefault.maxMs, firstMs);
  return {
    firstMs,
    factor: group.number("factor", { min: 1, max: 1000, byDefault: byDefault.factor }),
    maxMs: group.number("maxMs", { min: firstMs, max, byDefault: least }),
    jitter: group.number("jitter", { min: 0, max: 1, byDefault: byDefault.jitter }),
  };
}

/** Pauses that grow from one failure to the next, until something succeeds. */
export class Pauses {
  readonly #backoff: Required<Backoff>;
  readonly #prng: Prng;
  #failures = 0;

  /** Chance is seeded as that of the engine, and differs from task to task: they do not all come back at once. */
  constructor(backoff: Required<Backoff>, context: Pick<TaskContext, "config" | "taskId">) {
    this.#backoff = backoff;
    this.#prng = new Prng(Number(context.config.seed ?? 0) + Math.imul(context.taskId, 0x9e3779b1));
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** How long to wait now, after one more failure. */
  nextMs(): number {
    const { firstMs, factor, maxMs, jitter } = this.#backoff;
    const wholeMs = Math.min(maxMs, firstMs * factor ** this.#failures++);
    return wholeMs * (1 - jitter * this.#prng.nextFloat());
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
