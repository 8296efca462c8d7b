import type { Part } from "./outgoing-parts.ts";

/** What became of the parts of one batch. */
export interface ProduceOutcome {
  readonly written: readonly Part[];
  /** Refused for their size: fewer of their messages may be taken. */
  readonly tooLarge: readonly Part[];
  readonly failed: readonly Part[];
}

interface Answer {
  readonly responses?: readonly {
    readonly name: string;
    readonly partitionResponses: readonly { readonly index: number; readonly errorCode: number }[];
  }[];
}

const MESSAGE_TOO_LARGE = 10;
const RECORD_LIST_TOO_LARGE = 18;

/** A broker says for each partition what it did; of a broker that said nothing, nothing is known to be written. */
export function produceOutcome(parts: readonly Part[], error: unknown): ProduceOutcome {
  if (error === null) return { written: parts, tooLarge: [], failed: [] };
  const codes = new Map<string, number>();
  collectCodes(error, codes);
  const codeOf = (part: Part) => codes.get(`${part.topic}:${part.partition}`) ?? null;
  const isTooLarge = (part: Part) => codeOf(part) === MESSAGE_TOO_LARGE || codeOf(part) === RECORD_LIST_TOO_LARGE;
  return {
    written: parts.filter((part) => codeOf(part) === 0),
    tooLarge: parts.filter(isTooLarge),
    failed: parts.filter((part) => codeOf(part) !== 0 && !isTooLarge(part)),
  };
}

function collectCodes(error: unknown, codes: Map<string, number>): void {
  const { response, produced, errors } = (error ?? {}) as {
    response?: Answer;
    produced?: { offsets?: readonly { topic: string; partition: number }[] };
    errors?: unknown;
  };
  // Of brokers that took everything.
  for (const { topic, partition } of produced?.offsets ?? []) codes.set(`${topic}:${partition}`, 0);
  for (const { name, partitionResponses } of response?.responses ?? []) {
    for (const { index, errorCode } of partitionResponses) codes.set(`${name}:${index}`, errorCode);
  }
  if (Array.isArray(errors)) for (const inner of errors) collectCodes(inner, codes);
}
