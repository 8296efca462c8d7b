import { EngineError } from "../../base/engine-error.ts";
import { nearestName } from "../../base/nearest-name.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** The values that a number may have, and the one that it has when nothing is said. */
export interface NumberRange {
  readonly min: number;
  /** Infinity allows Infinity itself. Default: the largest whole number that is exact. */
  readonly max?: number;
  readonly byDefault: number;
}

type Options = Readonly<Record<string, unknown>>;

const SHOWN_CHARS_MAX = 200;
/** The most milliseconds that Node's timers take, some 24 days. */
export const TIMER_MS_MAX = 2_147_483_647;
const HIDDEN_NAME = /pass|secret|token|credential|(private|api)key$/i;

/**
 * Reads and checks the options of a connector, where a component is made: whatever is wrong is told before anything
 * starts. All methods throw CONNECTOR_BAD_OPTION.
 */
export class OptionReader {
  readonly #connector: string;
  /** Each option is read once: what a getter says later cannot undo what was checked. */
  readonly #options: ReadonlyMap<string, unknown>;
  /** Before each name, for options within an option: "reconnect.". */
  readonly #prefix: string;

  /** @param connector what the user called, such as "fileSpout" */
  constructor(connector: string, options: unknown, allowed: readonly string[], prefix = "") {
    this.#connector = connector;
    this.#prefix = prefix;
    const whole = prefix === "" ? "options" : prefix.slice(0, -1);
    const isPlain = attempted(() => typeof options === "object" && options !== null && !Array.isArray(options));
    if (isPlain !== true) throw badOption(connector, whole, options, "an object");
    const names = attempted(() => Object.keys(options as object));
    if (names === UNREADABLE) throw badOption(connector, whole, names, "an object whose names can be read");
    for (const name of names) {
      if (!allowed.includes(name)) throw this.#unknown(name, allowed);
    }
    const values = allowed.map((name) => [name, readableValue(options as Options, name)] as const);
    this.#options = new Map(values.filter(([, value]) => value !== undefined));
    for (const [name, value] of values) {
      if (value === UNREADABLE) throw this.bad(name, "a value that can be read");
    }
  }

  has(name: string): boolean {
    return this.#options.has(name);
  }

  /** The value as it was given. */
  given(name: string): unknown {
    return this.#options.get(name);
  }

  /** An object of options that somebody else checks, as a copy without surprises; undefined when nothing is said. */
  objectOf(name: string, allowed = "an object"): Readonly<Record<string, unknown>> | undefined {
    const value = this.#options.get(name);
    if (value === undefined) return undefined;
    const copy = attempted(() => (typeof value !== "object" || Array.isArray(value) ? null : value && { ...value }));
    if (copy === null || copy === UNREADABLE) throw this.bad(name, allowed);
    return copy as Readonly<Record<string, unknown>>;
  }

  whole(name: string, { min, max = Number.MAX_SAFE_INTEGER, byDefault }: NumberRange): number {
    const value = this.#valueOf(name, byDefault);
    const isWhole = Number.isInteger(value) || (value === Number.POSITIVE_INFINITY && max === value);
    const to = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
    if (!isWhole || (value as number) < min || (value as number) > max)
      throw this.bad(name, `a whole number from ${min}${to}`);
    return value as number;
  }

  number(name: string, { min, max = Number.MAX_SAFE_INTEGER, byDefault }: NumberRange): number {
    const value = this.#valueOf(name, byDefault);
    const to = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
    if (typeof value !== "number" || !(value >= min && value <= max))
      throw this.bad(name, `a number from ${min}${to}`);
    return value;
  }

  flag(name: string, byDefault: boolean): boolean {
    const value = this.#valueOf(name, byDefault);
    if (typeof value !== "boolean") throw this.bad(name, "true or false");
    return value;
  }

  /** A text that is not empty. Without a default it must be given. */
  text(name: string, byDefault?: string): string {
    const value = this.#valueOf(name, byDefault);
    if (typeof value !== "string" || value === "") throw this.bad(name, "a text that is not empty");
    return value;
  }

  /** A text that is not empty, or null when nothing is said. */
  textOrNull(name: string): string | null {
    return this.has(name) ? this.text(name) : null;
  }

  word<W extends string>(name: string, words: readonly W[], byDefault: W): W {
    const value = this.#valueOf(name, byDefault);
    if (words.includes(value as W)) return value as W;
    const near = typeof value === "string" ? nearestName(value, words) : null;
    throw this.bad(name, words, near === null ? undefined : `did you mean "${near}"?`);
  }

  /** A function, or null when nothing is said. */
  callback<C>(name: string): C | null {
    const value = this.#options.get(name);
    if (value === undefined) return null;
    if (typeof value !== "function") throw this.bad(name, "a function");
    return value as C;
  }

  /** Options within an option; none when nothing is said. */
  group(name: string, allowed: readonly string[]): OptionReader {
    return new OptionReader(this.#connector, this.#valueOf(name, {}), allowed, `${this.#prefix}${name}.`);
  }

  /** The error for an option that has another value than it may; to be thrown. */
  bad(name: string, allowed: string | readonly string[], remedy?: string): EngineError {
    return badOption(this.#connector, `${this.#prefix}${name}`, this.#options.get(name), allowed, remedy);
  }

  /** Null is a value, and none that an option takes. */
  #valueOf(name: string, byDefault: unknown): unknown {
    return this.#options.has(name) ? this.#options.get(name) : byDefault;
  }

  #unknown(name: string, allowed: readonly string[]): EngineError {
    const near = nearestName(name, allowed);
    return new EngineError("CONNECTOR_BAD_OPTION", {
      problem: `${this.#connector} is given an option ${shown("", `${this.#prefix}${name}`)} that does not exist`,
      facts: { allowed },
      remedy: near === null ? "remove it" : `did you mean "${near}"?`,
    });
  }
}

function badOption(
  connector: string,
  name: string,
  given: unknown,
  allowed: string | readonly string[],
  remedy = remedyFor(given, allowed),
): EngineError {
  return new EngineError("CONNECTOR_BAD_OPTION", {
    problem: `the option ${name} of ${connector} is given ${shown(name, given)}`,
    facts: { allowed },
    remedy,
  });
}

function remedyFor(given: unknown, allowed: string | readonly string[]): string {
  // One that is left out is wrong only where it has no default.
  if (given === undefined) return "give it: it has no default";
  return typeof allowed === "string" && allowed.startsWith("nothing")
    ? "leave it out"
    : "give it a value that it takes";
}

/** In place of a value whose getter, or whose proxy, throws. */
const UNREADABLE = Symbol("unreadable");

function attempted<R>(read: () => R): R | typeof UNREADABLE {
  try {
    return read();
  } catch {
    return UNREADABLE;
  }
}

/** The value of an option; of a proxy that was revoked nothing can be asked later either. */
function readableValue(options: Options, name: string): unknown {
  return attempted(() => {
    const value = options[name];
    Array.isArray(value);
    return value;
  });
}

/** Enough to recognise the value by, and nothing that is secret. */
function shown(name: string, value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === UNREADABLE) return "something that throws when it is read";
  if (HIDDEN_NAME.test(name)) return "something that is not shown";
  // Not the beginning of a long one: it could be that of a password.
  if (typeof value === "string" && value.length > SHOWN_CHARS_MAX) return `a text of ${value.length} characters`;
  if (typeof value === "string") return JSON.stringify(maskSecrets(value));
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  const isEmptyList = attempted(() => (Array.isArray(value) ? value.length === 0 : null));
  return typeof isEmptyList !== "boolean" ? "an object" : isEmptyList ? "an empty list" : "a list";
}
