import type { Measurement, Side } from "../harness/benchmark.ts";
import { LINE_COUNT, WORDS_PER_LINE } from "../input/zipf-lines.ts";
import { JavaProject, type ProgramArguments, type RivalWindowParams } from "./java-project.ts";
import { latencyOf, type RivalReport, rateOf, verifyRivalReport } from "./rival-report.ts";

/**
 * Apache Storm 2.8.3, LocalCluster: one process, one worker, a thread per task, tuples by reference.
 *
 *     [spout] -- queue --> [bolt] -- queue --> [bolt]        threads: one each, an acker's, a dozen that mostly sleep
 */
const project = new JavaProject("storm", "stormcell.rivals.StormRival");

export type StormShape = "const-only" | "const-null" | "const-id-null" | "simplified-word-count" | "word-count";

/** Options of the JVM, and of the topology by their names in Storm. */
interface Settings {
  readonly title: string;
  readonly jvm: readonly string[];
  readonly conf: Readonly<Record<string, string | number | boolean>>;
}

const TUNED_JVM = ["-Xms4g", "-Xmx4g", "-Xmn2g", "-XX:+UseParallelGC"];
/** What helps every shape: no looking for the least loaded task, and statistics of one tuple in 2,000. */
const TUNED_CONF = { "topology.disable.loadaware.messaging": true, "topology.stats.sample.rate": 0.0005 };

export const stormDefaults: Settings = { title: "Storm 2.8.3, default settings", jvm: [], conf: {} };

/**
 * The best that was found, with batches of 100 to 1,000 tuples and 2,000 to 10,000 pending trees: hops want long
 * batches, and pending trees for ten of them; word counts short ones, as each line makes many words.
 */
export function stormBest(shape: StormShape | "timed-word-count", acked: boolean): Settings {
  const isHop = shape.startsWith("const");
  const batch = isHop ? (acked ? 500 : 1_000) : 100;
  const pending = isHop ? 5_000 : 2_000;
  const conf = { ...TUNED_CONF, "topology.producer.batch.size": batch };
  return {
    title: "Storm 2.8.3, best settings",
    jvm: TUNED_JVM,
    conf: acked ? { ...conf, "topology.max.spout.pending": pending } : conf,
  };
}

/** A spout that looks for its next tuple all the time instead of sleeping a millisecond. */
export const stormSpinning: Settings = {
  title: "Storm 2.8.3, spinning spout",
  jvm: TUNED_JVM,
  conf: { ...TUNED_CONF, "topology.spout.wait.progressive.level1.count": 2_000_000_000 },
};

/**
 * When its spout stops, Storm sometimes leaves the last, partly filled batch of a queue unsent (without acks it is
 * lost, with them its trees time out later): here two batches of lines at most.
 */
const LOST_MAX = 2 * 1_000 * WORDS_PER_LINE;

export interface StormRun {
  readonly shape: StormShape;
  readonly acked: boolean;
  readonly settings: Settings;
  /** Starting Storm takes seconds, so at smoke size only some of its sides run. */
  readonly inSmoke: boolean;
}

/** Tuples (or words) per second at the sink. */
export function stormSide({ shape, acked, settings, inSmoke }: StormRun): Side<RivalWindowParams> {
  return {
    whose: "rival",
    title: settings.title,
    skipReason: (size) => skipReason(size, inSmoke),
    async run(params) {
      const title = `${settings.title}, ${shape}`;
      const tasks = { spouts: 1, splits: 1, counts: 1 };
      const report = await runStorm(title, settings, { shape, acked, ...tasks }, params);
      const charactersPerTuple = shape.startsWith("const-") ? "some data".length : 0;
      verifyRivalReport(report, { title, acked, charactersPerTuple, lostMax: LOST_MAX });
      return rateOf(report);
    },
  };
}

/** Sizes of a side at a fixed rate. */
export type RivalRateParams = RivalWindowParams & { readonly sentencesPerSecond: number };

export interface StormLatencyRun {
  readonly settings: Settings;
  readonly inSmoke: boolean;
}

/** Latency of an acked word count at a fixed rate, median at the sink. */
export function stormLatencySide({ settings, inSmoke }: StormLatencyRun): Side<RivalRateParams> {
  return {
    whose: "rival",
    title: settings.title,
    skipReason: (size) => skipReason(size, inSmoke),
    async run(params): Promise<Measurement> {
      const title = `${settings.title}, timed word count`;
      const rate = params.sentencesPerSecond;
      const seconds = (params.rivalWarmupMs + params.rivalWindowMs) / 1_000;
      const sentences = Math.ceil((rate * seconds) / LINE_COUNT) * LINE_COUNT;
      const report = await runStorm(
        title,
        settings,
        { shape: "timed-word-count", acked: true, rate, sentences },
        params,
      );
      verifyRivalReport(report, { title, acked: true, charactersPerTuple: 0, lostMax: LOST_MAX });
      return latencyOf(report);
    },
  };
}

async function skipReason(size: "smoke" | "full", inSmoke: boolean): Promise<string | null> {
  if (size === "smoke" && !inSmoke) return "starts too slowly for smoke size; another side stands for it";
  return project.skipReason(size);
}

function runStorm(
  title: string,
  { jvm, conf }: Settings,
  program: ProgramArguments,
  params: RivalWindowParams,
): Promise<RivalReport> {
  const options = Object.entries(conf).map(([key, value]) => [`conf.${key}`, value] as const);
  return project.run(title, jvm, { ...program, ...Object.fromEntries(options) }, params);
}
