import { createHash } from "node:crypto";
import { inspect } from "node:util";

/** One thing that happened in a simulation. */
export interface TraceEvent {
  /** Virtual time. */
  readonly atMs: number;
  readonly component: string;
  readonly taskId: number;
  /** "emit", or the name of the hook that was called; `nextTuple` is left out. */
  readonly what: string;
  /** The stream of an emit, the input of an `execute`, or nothing. */
  readonly place: string;
  /** The values of an emit or an `execute`: copies, as they were at that moment. */
  readonly values: readonly unknown[];
}

const ONE_LINE = { depth: null, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };

/** All that happened in a simulation so far, in order: the same for the same topology, settings and seed. */
export class Trace {
  readonly events: readonly TraceEvent[];

  constructor(events: readonly TraceEvent[]) {
    this.events = events;
  }

  /** Sixteen hexadecimal digits that are the same for equal traces, and most likely for no others. */
  get hash(): string {
    return createHash("sha256").update(this.toString()).digest("hex").slice(0, 16);
  }

  /** A line per event. */
  toString(): string {
    return this.events.map(lineOf).join("\n");
  }
}

function lineOf({ atMs, component, taskId, what, place, values }: TraceEvent): string {
  const end = place === "" ? "" : ` ${place} ${inspect(values, ONE_LINE)}`;
  return `${atMs} ms  ${component}#${taskId}  ${what}${end}`;
}
