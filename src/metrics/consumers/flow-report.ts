import { EngineError } from "../../base/engine-error.ts";
import { type CountSource, countersOf, shapeOf } from "../count-source.ts";
import type { MetricsConsumer, MetricsReport, MetricsSource } from "../metrics-consumer.ts";
import { type TimeZone, timeStamp } from "./time-stamp.ts";

/** What a flow report tells, and where to. */
export interface FlowReportOptions {
  /** `process_name` of each line; default: the name of the topology. */
  readonly processName?: string;
  /** By name in the line: what is counted there. The order is that of the line. */
  readonly counts: Readonly<Record<string, CountSource>>;
  /** Takes a line, without a line feed. */
  readonly write: (line: string) => void;
  /** Of `time_stamp`; default "utc", since local time repeats an hour each autumn. */
  readonly timeZone?: TimeZone;
}

const TAKEN = ["time_stamp", "process_name"];

/**
 * One JSON line per interval for the whole topology, with names of the user's choice. docs/METRICS.md has its rules:
 * exactly one line per interval, and the lines sum to the totals.
 *
 * @throws EngineError FLOW_BAD_NAME
 */
export function flowReport(options: FlowReportOptions): MetricsConsumer {
  return new FlowReport(options);
}

interface FlowCount {
  readonly name: string;
  readonly source: CountSource;
  /** What the lines so far sum to. */
  told: number;
}

class FlowReport implements MetricsConsumer {
  readonly name = "flow report";
  readonly #options: FlowReportOptions;
  readonly #counts: readonly FlowCount[];

  constructor(options: FlowReportOptions) {
    this.#options = options;
    this.#counts = Object.entries(options.counts).map(([name, source]) => ({ name, source, told: 0 }));
    const bad = this.#counts.find(({ name }) => TAKEN.includes(name) || /^(0|[1-9]\d*)$/.test(name) || name === "");
    if (bad === undefined) return;
    throw new EngineError("FLOW_BAD_NAME", {
      problem: `a flow report counts under the name "${bad.name}"`,
      facts: { taken: TAKEN },
      remedy: "choose a name that is not taken, and no number: numbers would leave their place in the line",
    });
  }

  /** Names that lead nowhere are found here, not in the first line. */
  start({ layout }: MetricsSource): void {
    for (const { source } of this.#counts) {
      if ("metric" in source) shapeOf(layout, source.component);
      else countersOf(layout, source);
    }
  }

  report(report: MetricsReport): void {
    const { processName, timeZone = "utc", write } = this.#options;
    const line: Record<string, string | number> = {
      time_stamp: timeStamp(report.endMs, timeZone, report.intervalMs % 1_000 !== 0),
      process_name: processName ?? report.topology,
    };
    const totals = this.#counts.map(({ source }) => report.totalOf(source));
    for (const [at, count] of this.#counts.entries()) line[count.name] = totals[at]! - count.told;
    write(JSON.stringify(line));
    // Only now: what could not be written is told by the next line.
    for (const [at, count] of this.#counts.entries()) count.told = totals[at]!;
  }
}
