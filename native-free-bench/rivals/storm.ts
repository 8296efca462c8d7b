import type { Measurement, Side } from "../harness/benchmark.ts";
import { withLinesFile } from "../input/lines-file.ts";
import { LINE_COUNT } from "../input/zipf-lines.ts";
import type { WindowParams } from "../topology/programs/window.ts";
import { JavaProject } from "./java-project.ts";
import { latencyOf, type RivalReport, rateOf, verifyRivalReport } from "./rival-report.ts";

/**
 * Apache Storm 2.8.3, LocalCluster: one process, one worker, a thread per task, tuples by reference.
 *
 *     [spout] -- queue --> [bolt] -- queue --> [bolt]        threads: one each, an acker's, a dozen that mostly sleep
 */
const project = new JavaProject("storm", "stormcell.rivals.StormRival");

/** With 12 s of warm-up; sizes of all Storm sides. */
export type StormParams = WindowParams & { readonly rivalWarmupMs: number; readonly rivalWindowMs: number };

export type StormShape = "const-null" | "const-id-null" | "word-count";

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

/** The best that was found for unacked tuples: long batches, no limit of pending trees. */
export const stormBestUnacked: Settings = {
  title: "Storm 2.8.3, best settings",
  jvm: TUNED_JVM,
  conf: { ...TUNED_CONF, "topology.producer.batch.size": 1_000 },
};

/** The best that was found for acked tuples: batches of a tenth of the pending trees. */
export const stormBestAcked: Settings = {
  title: "Storm 2.8.3, best settings",
  jvm: TUNED_JVM,
  conf: { ...TUNED_CONF, "topology.producer.batch.size": 500, "topology.max.spout.pending": 5_000 },
};

/** A spout that looks for its next tuple all the time instead of sleeping a millisecond. */
export const stormSpinning: Settings = {
  title: "Storm 2.8.3, spinning spout",
  jvm: TUNED_JVM,
  conf: { ...TUNED_CONF, "topology.spout.wait.progressive.level1.count": 2_000_000_000 },
};

/** Starting the JVM and the cluster, and draining: the longest seen is 12 s. */
const AROUND_THE_WINDOW_MS = 90_000;

export interface StormRun {
  readonly shape: StormShape;
  readonly acked: boolean;
  readonly settings: Settings;
  /** Starting Storm takes seconds, so at smoke size only some of its sides run. */
  readonly inSmoke: boolean;
}

/** Tuples (or words) per second at the sink. */
export function stormSide({ shape, acked, settings, inSmoke }: StormRun): Side<StormParams> {
  return {
    title: settings.title,
    skipReason: (size) => skipReason(size, inSmoke),
    async run(params) {
      const title = `${settings.title}, ${shape}`;
      const tasks = { spouts: 1, splits: 1, counts: 1 };
      const report = await runStorm(title, settings, { shape, acked, ...tasks }, params);
      verifyRivalReport(report, { title, acked, charactersPerTuple: shape === "word-count" ? 0 : 9 });
      return rateOf(report);
    },
  };
}

export interface StormLatencyRun {
  readonly sentencesPerSecond: number;
  readonly settings: Settings;
  readonly inSmoke: boolean;
}

/** Latency of an acked word count at a fixed rate, median at the sink. */
export function stormLatencySide(run: StormLatencyRun): Side<StormParams> {
  const { sentencesPerSecond: rate, settings, inSmoke } = run;
  return {
    title: settings.title,
    skipReason: (size) => skipReason(size, inSmoke),
    async run(params): Promise<Measurement> {
      const title = `${settings.title}, timed word count`;
      const seconds = (params.rivalWarmupMs + params.rivalWindowMs) / 1_000;
      const sentences = Math.ceil((rate * seconds) / LINE_COUNT) * LINE_COUNT;
      const report = await runStorm(
        title,
        settings,
        { shape: "timed-word-count", acked: true, rate, sentences },
        params,
      );
      verifyRivalReport(report, { title, acked: true, charactersPerTuple: 0 });
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
  program: Readonly<Record<string, string | number | boolean>>,
  { rivalWarmupMs, rivalWindowMs }: StormParams,
): Promise<RivalReport> {
  return withLinesFile(async (lines) => {
    const options = Object.entries(conf).map(([key, value]) => [`conf.${key}`, value]);
    const windows = { warmupSeconds: rivalWarmupMs / 1_000, windowSeconds: rivalWindowMs / 1_000 };
    const all = [...Object.entries({ ...program, ...windows, lines }), ...options];
    const timeoutMs = rivalWarmupMs + rivalWindowMs + AROUND_THE_WINDOW_MS;
    const args = all.map(([key, value]) => `${key}=${value}`);
    return JSON.parse(await project.run(title, jvm, args, timeoutMs)) as RivalReport;
  });
}
