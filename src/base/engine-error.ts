import type { ErrorCode } from "./error-catalog.ts";

/** What every EngineError says: what went wrong, the facts of this case, and what to do about it. */
export interface ErrorDetails {
  readonly problem: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The user's or the world's fault, told in four parts: code, problem, facts, remedy. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: ErrorCode;
  readonly problem: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly remedy: string;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(formatMessage(code, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.problem = details.problem;
    this.facts = details.facts ?? {};
    this.remedy = details.remedy;
  }
}

function formatMessage(code: ErrorCode, details: ErrorDetails): string {
  const rows = Object.entries(details.facts ?? {}).map(([name, value]) => [`${name}:`, formatFact(value)]);
  rows.push(["remedy:", details.remedy]);
  const width = Math.max(...rows.map(([name]) => name!.length));
  return [`${code}: ${details.problem}.`, ...rows.map(([name, value]) => `  ${name!.padEnd(width)} ${value}`)].join("\n");
}

function formatFact(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "(none)" : value.map(formatFact).join(", ");
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return `${value}n`;
  return JSON.stringify(value) ?? String(value);
}
