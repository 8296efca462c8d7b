import type { Measurement } from "../harness/benchmark.ts";
import type { LatencyFigures } from "../input/latency-histogram.ts";
import { sharedWordCounts, verifySharedWordCounts } from "../input/zipf-lines.ts";

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
  /** Tuples at its sinks that the rival is known to lose at times; what it lost is shown with its rate. */
  readonly lostMax: number;
}

/** Throws unless the rival's answer is right: every tuple at its sink, every word counted, every tree acked. */
export function verifyRivalReport(report: RivalReport, expected: ExpectedRun): void {
  const { title, charactersPerTuple, acked, lostMax } = expected;
  const lost = report.due - report.arrived;
  if (report.due === 0 || lost < 0 || lost > lostMax)
    throw new Error(`${title}: ${report.arrived} tuples arrived of ${report.due}`);
  if (report.failed > 0) throw new Error(`${title}: ${report.failed} trees failed`);
  if (acked !== report.trees > 0 || report.acked > report.trees || report.acked < report.trees - lost)
    throw new Error(`${title}: ${report.acked} trees were acked of ${report.trees}`);
  if (charactersPerTuple === 0) verifyWords(report, title, lost);
  else if (report.characters !== charactersPerTuple * report.arrived)
    throw new Error(`${title}: ${report.arrived} tuples held ${report.characters} characters`);
}

function verifyWords({ words, passes }: RivalReport, title: string, lost: number): void {
  const counts = new Map(words.flatMap((counted) => Object.entries(counted)));
  const entries = words.reduce((sum, counted) => sum + Object.keys(counted).length, 0);
  if (counts.size !== entries) throw new Error(`${title}: two tasks counted the same word`);
  if (lost === 0) verifySharedWordCounts(title, counts, passes);
  else verifyLossyWordCounts(title, counts, passes, lost);
}

/** No word more often than it was sent, and no more missing than tuples were lost. */
function verifyLossyWordCounts(
  title: string,
  counts: ReadonlyMap<string, number>,
  passes: readonly number[],
  lost: number,
): void {
  const sent = sharedWordCounts(passes);
  let missing = 0;
  for (const [word, count] of sent) missing += count - (counts.get(word) ?? 0);
  for (const [word, count] of counts) {
    if (count > (sent.get(word) ?? 0))
      throw new Error(`${title}: "${word}" counted ${count} times, which is too often`);
  }
  if (missing !== lost) throw new Error(`${title}: ${missing} words are missing where ${lost} tuples were lost`);
}

export function rateOf({ count, seconds, cpuSeconds, peakRssMb, due, arrived }: RivalReport): Measurement {
  const detail = { cores: cpuSeconds / seconds, perCore: count / cpuSeconds, peakRssMb, lost: due - arrived };
  return { value: count / seconds, detail };
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
