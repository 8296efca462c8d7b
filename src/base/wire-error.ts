import { types } from "node:util";
import { EngineError } from "./engine-error.ts";
import type { ErrorCode } from "./error-catalog.ts";
import { InvariantError } from "./invariant.ts";

/** Bounds of one wire error: a thrown value may hold a cycle of causes, or an aggregate of thousands. */
export const WIRE_ERROR_DEPTH_MAX = 8;
export const WIRE_ERROR_NODES_MAX = 64;

type Primitive = string | number | boolean | bigint | null | undefined;

/**
 * A thrown value as plain data. Structured clone and Piscina drop an error's class, code and facts; this keeps them.
 */
export type WireError = WireErrorObject | WireThrownValue;

export interface WireErrorObject {
  readonly kind: "error";
  readonly className: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: string | number | null;
  /** What an EngineError tells beyond its message; else null. */
  readonly details: {
    readonly problem: string;
    readonly facts: Readonly<Record<string, unknown>>;
    readonly remedy: string;
  } | null;
  /** Other own properties that hold primitives, such as `errno`, `syscall` and `path`. */
  readonly properties: Readonly<Record<string, Primitive>>;
  readonly cause: WireError | null;
  /** Those of an AggregateError; else null. */
  readonly errors: readonly WireError[] | null;
}

/** Something thrown that is not an Error: `throw "text"`, or the cause of an Error. */
export interface WireThrownValue {
  readonly kind: "value";
  readonly text: string;
  /** The value itself if it is a primitive; else undefined. */
  readonly primitive: Primitive;
}

/** Never throws, whatever was thrown: unreadable parts are left out. */
export function toWireError(thrown: unknown): WireError {
  return toWire(thrown, 0, { nodesLeft: WIRE_ERROR_NODES_MAX - 1 });
}

function toWire(thrown: unknown, depth: number, budget: { nodesLeft: number }): WireError {
  if (!isError(thrown)) return { kind: "value", text: textOf(thrown), primitive: primitiveOf(thrown) };
  const inner = (value: unknown): WireError | null => {
    if (value === undefined || depth + 1 >= WIRE_ERROR_DEPTH_MAX || budget.nodesLeft <= 0) return null;
    budget.nodesLeft--;
    return toWire(value, depth + 1, budget);
  };
  const errors = read(thrown, "errors");
  const code = read(thrown, "code");
  return {
    kind: "error",
    className: classNameOf(thrown),
    name: stringOr(read(thrown, "name"), "Error"),
    message: stringOr(read(thrown, "message"), ""),
    stack: stringOr(read(thrown, "stack"), null),
    code: typeof code === "string" || typeof code === "number" ? code : null,
    details:
      thrown instanceof EngineError
        ? { problem: thrown.problem, facts: plainFacts(thrown.facts), remedy: thrown.remedy }
        : null,
    properties: primitiveProperties(thrown),
    cause: inner(read(thrown, "cause")),
    errors: Array.isArray(errors) ? errors.map(inner).filter((error) => error !== null) : null,
  };
}

/** The error that was thrown, rebuilt. A thrown value that was no Error comes back as the cause of one. */
export function fromWireError(wire: WireError): Error {
  if (wire.kind === "value") {
    const error = new Error(`thrown value that is not an Error: ${wire.text}`, { cause: causeOf(wire) });
    error.name = "ThrownValue";
    error.stack = `${error.name}: ${error.message}`; // The stack of this call would tell of the wrong place.
    return error;
  }
  const error = construct(wire);
  define(error, "name", wire.name);
  define(error, "stack", wire.stack ?? `${wire.name}: ${wire.message}`);
  if (wire.cause !== null && error.cause === undefined) define(error, "cause", causeOf(wire.cause));
  if (wire.code !== null && !(error instanceof EngineError)) assign(error, "code", wire.code);
  for (const [name, value] of Object.entries(wire.properties)) assign(error, name, value);
  return error;
}

/** Classes that a receiver may test for by `instanceof`, by the name of the class. */
const KNOWN_CLASSES: ReadonlyMap<string, new (message: string) => Error> = new Map(
  [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, InvariantError].map((known) => [
    known.name,
    known,
  ]),
);

function construct(wire: WireErrorObject): Error {
  if (wire.details !== null) {
    const cause = wire.cause === null ? undefined : causeOf(wire.cause);
    return new EngineError(wire.code as ErrorCode, { ...wire.details, cause });
  }
  if (wire.errors !== null) return new AggregateError(wire.errors.map(causeOf), wire.message);
  return new (KNOWN_CLASSES.get(wire.className) ?? Error)(wire.message);
}

function causeOf(wire: WireError): unknown {
  if (wire.kind === "error") return fromWireError(wire);
  return wire.primitive === undefined && wire.text !== "undefined" ? wire.text : wire.primitive;
}

/** True for errors of other realms too, which are not `instanceof Error` here. */
function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    return false; // A revoked proxy has not even a prototype to ask for.
  }
}

/** Reads a property that may be a getter that throws, or a proxy's. */
function read(target: object, name: string): unknown {
  try {
    return (target as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function stringOr<T>(value: unknown, other: T): string | T {
  return typeof value === "string" ? value : other;
}

function classNameOf(error: Error): string {
  const maker = read(error, "constructor");
  return typeof maker === "function" ? maker.name : "Error";
}

const CARRIED_APART = new Set(["name", "message", "stack", "code", "cause", "errors"]);

function primitiveProperties(error: Error): Record<string, Primitive> {
  const found: Record<string, Primitive> = {};
  for (const name of Object.keys(error)) {
    if (CARRIED_APART.has(name) || name === "__proto__") continue;
    const value = read(error, name);
    if (value !== undefined && isPrimitive(value)) found[name] = value;
  }
  return found;
}

function isPrimitive(value: unknown): value is Primitive {
  return value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}

function primitiveOf(value: unknown): Primitive {
  return isPrimitive(value) ? value : undefined;
}

function textOf(value: unknown): string {
  try {
    if (typeof value === "object" && value !== null) return JSON.stringify(value) ?? String(value);
    return String(value);
  } catch {
    return `a value of type ${typeof value} that has no text`;
  }
}

/** Facts that structured clone takes as they are; others (functions, symbols, exotic objects) as text. */
function plainFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (isPrimitive(value)) plain[name] = value;
    else {
      try {
        plain[name] = structuredClone(value);
      } catch {
        plain[name] = textOf(value);
      }
    }
  }
  return plain;
}

/** Like the properties that the constructor of Error makes: not enumerable. */
function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false });
}

function assign(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: true });
}
