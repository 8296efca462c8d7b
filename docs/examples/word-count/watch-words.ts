import { LocalCluster, type RunSummary, serveUi } from "stormcell";
import { type CountSettings, leave, sumProgress } from "./count-words.ts";
import type { ReadProgress } from "./share-reader.ts";
import type { TextFile } from "./text-files.ts";
import { wordCount } from "./topology.ts";

export interface WatchSettings extends Pick<CountSettings, "workers" | "signal"> {
  /** Of the dashboard; true for any. */
  readonly port: number | true;
  /** Told where the dashboard is, with the token that lets the page pause and stop the job. */
  readonly onOpen: (link: string) => void;
}

export interface WatchedCount {
  readonly read: Readonly<ReadProgress>;
  readonly summary: RunSummary;
}

/** Counts the words of `files` over and over, with the dashboard open, until it is stopped there or by `signal`. */
export async function watchWords(files: readonly TextFile[], settings: WatchSettings): Promise<WatchedCount> {
  const { workers, signal, port, onOpen } = settings;
  await using cluster = new LocalCluster({ workers, logLevel: "warn", onWorkerLost: "fail" });
  await using dashboard = await serveUi(cluster, port);
  const options = { files, isEndless: true };
  const run = await cluster.submitTopology("word-count", wordCount, { options, signal });
  onOpen(dashboard.link);
  const { counts, unreadable, tooLong, progress } = run.outputs;
  const [read, summary] = await Promise.all([
    sumProgress(progress),
    run.completed(),
    leave(counts),
    leave(unreadable),
    leave(tooLong),
  ]);
  return { read, summary };
}
