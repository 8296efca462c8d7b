import { LocalCluster } from "stormcell";
import { type ChaosOptions, chaosWordCount, chunkCount } from "./chaos-topology.ts";
import type { ChunkCounts } from "./chunk-counts.ts";
import type { CountSettings, WordCounts } from "./count-words.ts";
import type { TextFile } from "./text-files.ts";
import { KillSchedule, killThreads, type SurvivedKill } from "./thread-killer.ts";

export interface ChaosSettings extends CountSettings {
  readonly seed: number;
  /** A job that would be done before is held back until there was time for so many. */
  readonly killsWanted: number;
  readonly onKill: (kill: SurvivedKill) => void;
  /** Where counts are written: outside of the threads that are killed. */
  readonly store: ChunkCounts;
}

/** What the threads of a job went through. */
export interface ChaosFacts {
  readonly seed: number;
  readonly kills: readonly SurvivedKill[];
  readonly chunks: number;
  /** Emits of chunks beyond one for each, as far as lost threads had still told of them. */
  readonly replays: number;
  /** Writes that came again. */
  readonly overwritten: number;
}

const CHUNK_BYTES = { min: 1_024, max: 64 * 1_024 } as const;
/** Small files in many chunks, so that there is something to lose at any time. */
const CHUNKS_WANTED = 400;
const MIB = 1_024 * 1_024;

/** Counts words by chunk while threads are killed. */
export async function countUnderChaos(
  files: readonly TextFile[],
  settings: ChaosSettings,
): Promise<WordCounts & { readonly chaos: ChaosFacts }> {
  const { seed, killsWanted, onKill, store, workers, signal, onProgress } = settings;
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const chunkBytes = Math.min(CHUNK_BYTES.max, Math.max(CHUNK_BYTES.min, Math.ceil(totalBytes / CHUNKS_WANTED)));
  const options: ChaosOptions = { files, chunkBytes, durationMinMs: KillSchedule.durationMs(seed, killsWanted) };
  await using cluster = new LocalCluster({
    workers,
    // Each loss is a warning of its own, and told by `onKill`.
    logLevel: "error",
    workerReplacementsMax: 1_000_000,
    // What "memory" has to fill before it is fatal.
    workerHeapBytes: 128 * MIB,
  });
  const run = await cluster.submitTopology("word-count", chaosWordCount, { options, signal });
  const [, , kills, summary] = await Promise.all([
    each(run.outputs.writes, (write) => store.write(write)),
    each(run.outputs.facts, (facts) => {
      store.writeFacts(facts);
      onProgress(store.progress);
    }),
    killThreads(run, { seed, onKill }),
    run.completed(),
  ]);
  const totals = store.totals();
  let words = 0;
  for (const n of totals.counts.values()) words += n;
  const chunks = chunkCount(options);
  const emitted = summary.totals.byComponent.cut?.emitted ?? 0;
  const replays = Math.max(0, emitted - chunks);
  const chaos: ChaosFacts = { seed, kills, chunks, replays, overwritten: store.overwritten };
  return { ...totals, words, read: store.progress, plan: run.plan, summary, chaos };
}

async function each<T>(tuples: AsyncIterable<T>, take: (tuple: T) => void): Promise<void> {
  for await (const tuple of tuples) take(tuple);
}
