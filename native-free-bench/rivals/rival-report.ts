import type { Measurement } from "../harness/benchmark.ts";
import type { LatencyFigures } from "../input/latency-histogram.ts";
import { verifySharedWordCounts } from "../input/zipf-lines.ts";

/** The line of JSON that ends the output of a rival in Java; the README beside this file says what is in it. */
export interface RivalReport {
  readonly count: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  readonly drained: number;
  readonly due: number;
  readonly arrived: number;
  readonly trees: number;
  readonly acked: number;
  readonly failed: number;
  readonly passes: readonly number[];
  readonly characters: number;
  readonly words: readonly Readonly<Record<string, number>>[];
  readonly sinkLatency: LatencyFigures;
  readonly completeLatency: LatencyFigures;
}

/** What is known of the run beforehand. */
export interface ExpectedRun {
  readonly title: string;
  /** Characters of every text that arrives at a null bolt; 0 for a word count. */
  readonly charactersPerTuple: number;
  /** True if every tree must have been acked. */
  readonly acked: boolean;
}

/** Throws unless the rival's answer is right: every tuple at its sink, every word counted, every tree acked. */
export function verifyRivalReport(report: RivalReport, { title, charactersPerTuple, acked }: ExpectedRun): void {
  if (report.drained !== 1 || report.arrived !== report.due)
    throw new Error(`${title}: ${report.arrived} tuples arrived of ${report.due}`);
  if (acked ? report.acked !== report.trees || report.trees === 0 : report.trees !== 0)
    throw new Error(`${title}: ${report.acked} trees were acked of ${report.trees}`);
  if (report.failed !== 0) throw new Error(`${title}: ${report.failed} trees failed`);
  if (charactersPerTuple > 0) {
    if (report.characters !== charactersPerTuple * report.arrived)
      throw new Error(`${title}: ${report.arrived} tuples held ${report.characters} characters`);
    return;
  }
  const counts = new Map(report.words.flatMap((words) => Object.entries(words)));
  const entries = report.words.reduce((sum, words) => sum + Object.keys(words).length, 0);
  if (counts.size !== entries) throw new Error(`${title}: two tasks counted the same word`);
  verifySharedWordCounts(title, counts, report.passes);
}

export function rateOf({ count, seconds, cpuSeconds, peakRssMb }: RivalReport): Measurement {
  const value = count / seconds;
  return { value, detail: { cores: cpuSeconds / seconds, perCore: count / cpuSeconds, peakRssMb } };
}

/** The median at the sink, with the tails, the spout's view and the cost beside it. */
export function latencyOf(report: RivalReport): Measurement {
  const { p50: value, p90, p99, p999, max } = report.sinkLatency;
  const { p50: complete, p99: completeP99, max: completeMax } = report.completeLatency;
  if (report.sinkLatency.samples === 0) throw new Error("a rival told no latency");
  const cores = report.cpuSeconds / report.seconds;
  const detail = { p90, p99, p999, max, complete, completeP99, completeMax, cores, peakRssMb: report.peakRssMb };
  return { value, detail };
}
