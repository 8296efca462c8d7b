import { createRequire } from "node:module";
import { isatty } from "node:tty";
import type { Logger as PinoLogger } from "pino";

/** From the least to the most urgent; "silent" is a threshold only. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
/** From which level on lines are written, or at which one is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line of text; or data (or an error) that belongs to the line, and its text. */
export interface LogMethod {
  (message: string): void;
  (data: object, message?: string): void;
}

/** From which level on lines are written: of all loggers that share it, and it may change while they are used. */
export class LogThreshold {
  level: LogLevel;

  constructor(level: LogLevel) {
    this.level = level;
  }

  passes(level: LogLevel): boolean {
    return level !== "silent" && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.level);
  }
}

/** What the engine logs through and what user code gets from its context. Names and meaning are pino's. */
export interface Logger {
  readonly level: LogLevel;
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** For lines whose data is dear to make. */
  isLevelEnabled(level: LogLevel): boolean;
  /** The same logger with more on each of its lines. */
  child(bindings: LogBindings): Logger;
}

/** What a line carries besides its text: who wrote it. */
export interface LogBindings {
  readonly topology?: string;
  readonly component?: string;
  readonly task?: number;
  readonly worker?: number;
  readonly [name: string]: unknown;
}

export interface LoggerOptions {
  readonly level: LogLevel | LogThreshold;
  readonly bindings?: LogBindings;
  /** A file descriptor, or "stderr": standard output belongs to the program. */
  readonly destination?: "stderr" | number;
  /** Lines for people instead of JSON; "auto" when the destination is a terminal. */
  readonly pretty?: "auto" | boolean;
}

/**
 * Lines are written synchronously, so that those of a thread that dies are not lost.
 * pino is loaded by the first line that passes the level: importing it takes longer than a worker's start may.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level } = options;
  return new LazyLogger(level instanceof LogThreshold ? level : new LogThreshold(level), () => openPino(options));
}

/** As `logger.child`, with a threshold of its own: for loggers whose level can be changed by themselves. */
export function childWithThreshold(logger: Logger, bindings: LogBindings, threshold: LogThreshold): Logger {
  return logger instanceof LazyLogger ? logger.childWith(bindings, threshold) : logger.child(bindings);
}

type WriteLine = (level: Exclude<LogLevel, "silent">, data: object | string, message: string | undefined) => void;

class LazyLogger implements Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  readonly #threshold: LogThreshold;
  readonly #open: () => PinoLogger;
  #pino: PinoLogger | null = null;

  constructor(threshold: LogThreshold, open: () => PinoLogger) {
    this.#threshold = threshold;
    this.#open = open;
    const write: WriteLine = (lineLevel, data, message) => {
      const pino = this.#opened();
      if (typeof data === "string") pino[lineLevel](data);
      else pino[lineLevel](data, message);
    };
    const methodFor =
      (lineLevel: Exclude<LogLevel, "silent">): LogMethod =>
      (data: object | string, message?: string) => {
        if (threshold.passes(lineLevel)) write(lineLevel, data, message);
      };
    this.trace = methodFor("trace");
    this.debug = methodFor("debug");
    this.info = methodFor("info");
    this.warn = methodFor("warn");
    this.error = methodFor("error");
    this.fatal = methodFor("fatal");
  }

  get level(): LogLevel {
    return this.#threshold.level;
  }

  isLevelEnabled(level: LogLevel): boolean {
    return this.#threshold.passes(level);
  }

  child(bindings: LogBindings): Logger {
    return this.childWith(bindings, this.#threshold);
  }

  childWith(bindings: LogBindings, threshold: LogThreshold): Logger {
    return new LazyLogger(threshold, () => this.#opened().child(bindings));
  }

  #opened(): PinoLogger {
    this.#pino ??= this.#open();
    return this.#pino;
  }
}

function ignoreLine(): void {}

/** Takes every line and writes none. */
export const silentLogger: Logger = {
  level: "silent",
  trace: ignoreLine,
  debug: ignoreLine,
  info: ignoreLine,
  warn: ignoreLine,
  error: ignoreLine,
  fatal: ignoreLine,
  isLevelEnabled: () => false,
  child: () => silentLogger,
};

// The synchronous form of import, so that the first line is written before its caller goes on.
const require = createRequire(import.meta.url);

function openPino(options: LoggerOptions): PinoLogger {
  const { pino } = require("pino") as typeof import("pino");
  const descriptor = options.destination === undefined || options.destination === "stderr" ? 2 : options.destination;
  const file = pino.destination({ dest: descriptor, sync: true });
  // A full disk or a closed terminal costs lines. Without a listener it would cost the process that embeds us.
  file.on("error", ignoreLine);
  const pretty = options.pretty === undefined || options.pretty === "auto" ? isatty(descriptor) : options.pretty;
  const settings = {
    level: "trace", // The threshold is ours: it may change.
    base: options.bindings ?? {}, // Instead of pino's pid and host name.
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err, cause: pino.stdSerializers.err },
  };
  if (!pretty) return pino(settings, file);
  const toText = prettyPrinter(isatty(descriptor) && process.env.NO_COLOR === undefined);
  return pino(settings, { write: (line) => file.write(toText(line)) });
}

/** pino-pretty as a plain function: its stream form would hold lines back until a later turn of the event loop. */
function prettyPrinter(colorize: boolean): (line: string) => string {
  const { prettyFactory } = require("pino-pretty") as typeof import("pino-pretty");
  const print = prettyFactory({
    colorize,
    ignore: "pid,hostname,topology,component,task,worker",
    translateTime: "SYS:HH:MM:ss.l",
    messageFormat: (log, messageKey) => `${sourceOf(log)}${String(log[messageKey] ?? "")}`,
  });
  return (line) => print(line) as string;
}

/** Such as `word-count/split#3@w1 `: topology, component, task, worker, as far as they are known. */
function sourceOf(log: Readonly<Record<string, unknown>>): string {
  const component = log.component === undefined ? "" : `/${log.component}`;
  const task = log.task === undefined ? "" : `#${log.task}`;
  const worker = log.worker === undefined ? "" : `@w${log.worker}`;
  const source = `${log.topology ?? ""}${component}${task}${worker}`;
  return source === "" ? "" : `[${source}] `;
}
