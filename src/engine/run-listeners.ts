import { EventEmitter } from "node:events";
import type { Logger } from "../base/log.ts";
import type { RunEvents } from "./run-types.ts";

/** Who listens to a run. What a listener throws is no affair of the run, nor of the next listener. */
export class RunListeners {
  readonly #events = new EventEmitter<{ [E in keyof RunEvents]: [RunEvents[E]] }>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<E extends keyof RunEvents>(event: E, listener: (data: RunEvents[E]) => void): void {
    this.#events.on(event as never, listener as never);
  }

  off<E extends keyof RunEvents>(event: E, listener: (data: RunEvents[E]) => void): void {
    this.#events.off(event as never, listener as never);
  }

  tell<E extends keyof RunEvents>(event: E, data: RunEvents[E]): void {
    for (const listener of this.#events.listeners(event) as ((data: RunEvents[E]) => void)[]) {
      try {
        listener(data);
      } catch (error) {
        this.#logger.error({ err: error }, `a listener for "${event}" failed`);
      }
    }
  }
}
