import type { ErrorCode } from "./error-catalog.ts";

/** What every EngineError says: what went wrong, the facts of this case, and what to do about it. */
export interface ErrorDetails {
  /** One sentence without its full stop: the message adds it. */
  readonly problem: string;
  /** Shown one per row. A fact that is undefined is left out. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The user's or the world's fault, told in four parts: code, problem, facts, remedy. */
export class EngineError extends Error {
  readonly code: ErrorCode;
  // The message says all of this already. Private, so that a printed error does not say it twice.
  readonly #details: ErrorDetails;

  static {
    // On the prototype, and so already there when the constructor of Error writes the first line of the stack.
    Object.defineProperty(EngineError.prototype, "name", {
      value: "EngineError",
      configurable: true,
      writable: true,
    });
  }

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(formatMessage(code, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.#details = details;
  }

  get problem(): string {
    return this.#details.problem;
  }

  get facts(): Readonly<Record<string, unknown>> {
    return this.#details.facts ?? {};
  }

  get remedy(): string {
    return this.#details.remedy;
  }
}

/** First line: code and problem. Then a row per fact and one for the remedy, values in one column. */
function formatMessage(code: string, details: ErrorDetails): string {
  const rows: [label: string, value: string][] = [];
  for (const [name, value] of Object.entries(details.facts ?? {})) {
    if (value !== undefined) rows.push([`${name}:`, formatFact(value)]);
  }
  rows.push(["remedy:", details.remedy]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const continuation = `\n${" ".repeat(width + 3)}`; // A value of several lines stays in its column.
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)} ${value.replaceAll("\n", continuation)}`);
  return [`${code}: ${details.problem.replace(/\.$/, "")}.`, ...lines].join("\n");
}

function formatFact(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "(none)" : value.map(formatFact).join(", ");
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "number" || typeof value === "symbol") return String(value); // JSON turns NaN into null.
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  try {
    return JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? `${inner}n` : inner)) ?? String(value);
  } catch {
    // A cycle, or a getter that throws: one error must not hide behind another.
    return Object.prototype.toString.call(value);
  }
}
