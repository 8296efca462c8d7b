import { childWithThreshold, type Logger, type LogLevel, LogThreshold } from "../../base/log.ts";

/** The thresholds of one thread's loggers: one for the worker itself, and one for each component on it. */
export class LogLevels {
  /** Of the worker's own lines. */
  readonly root: LogThreshold;
  readonly #configured: (component: string | null) => LogLevel;
  readonly #components = new Map<string, LogThreshold>();
  /** Levels that were asked for while the thread runs; under null that of all that have none of their own. */
  readonly #asked = new Map<string | null, LogLevel>();

  /** @param configured the level by the options, of a component or (null) of the run */
  constructor(configured: (component: string | null) => LogLevel) {
    this.#configured = configured;
    this.root = new LogThreshold(configured(null));
  }

  /** A logger for a task of the component. */
  loggerFor(component: string, task: number, logger: Logger): Logger {
    let threshold = this.#components.get(component);
    if (threshold === undefined) {
      threshold = new LogThreshold(this.#levelOf(component));
      this.#components.set(component, threshold);
    }
    return childWithThreshold(logger, { component, task }, threshold);
  }

  /**
   * @param component null for the worker itself, and for components without a level of their own
   * @param level null takes back what was asked for before
   */
  set(component: string | null, level: LogLevel | null): void {
    if (level === null) this.#asked.delete(component);
    else this.#asked.set(component, level);
    this.root.level = this.#levelOf(null);
    for (const [name, threshold] of this.#components) threshold.level = this.#levelOf(name);
  }

  #levelOf(component: string | null): LogLevel {
    return this.#asked.get(component) ?? this.#asked.get(null) ?? this.#configured(component);
  }
}
