import type { ChaosFacts } from "./count-under-chaos.ts";
import type { WordCounts } from "./count-words.ts";
import type { CountDifference, PlainCount } from "./plain-count.ts";
import type { FoundFiles } from "./text-files.ts";
import { formatBytes, formatCount, formatRate, formatSeconds } from "./text-format.ts";

export interface Verification {
  readonly differences: readonly CountDifference[];
  readonly plain: PlainCount;
  readonly elapsedMs: number;
}

export interface JobResult {
  readonly found: FoundFiles;
  readonly counted: WordCounts;
  readonly top: readonly (readonly [word: string, count: number])[];
  /** Null when nobody asked for it. */
  readonly verification: Verification | null;
  /** Null when no thread was killed on purpose. */
  readonly chaos: ChaosFacts | null;
}

const NAMED_MAX = 10;

/** The words that occur most often; among equals, in order of the alphabet. */
export function mostFrequent(counts: ReadonlyMap<string, number>, limit: number): [word: string, count: number][] {
  // Sorting bare numbers is quick; that leaves few words to be put in order by name.
  const ascending = Float64Array.from(counts.values()).sort();
  const least = ascending.at(-limit) ?? 0;
  const candidates = limit === 0 ? [] : [...counts].filter(([, count]) => count >= least);
  return candidates.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, limit);
}

/** The result for people. */
export function reportText(result: JobResult): string {
  const { top, verification, chaos } = result;
  const width = Math.max(9, ...top.map(([, count]) => formatCount(count).length));
  const words = top.map(([word, count]) => `${formatCount(count).padStart(width)}  ${word}`);
  const lines = [...rowsOf(result), ...chaosRows(chaos), ...verificationRows(verification)];
  const labelWidth = Math.max(...lines.map(([label]) => label.length));
  const rows = lines.map(([label, text]) => `${label.padStart(labelWidth)}  ${text}`.trimEnd());
  return [...words, ...(words.length > 0 ? [""] : []), ...rows, ""].join("\n");
}

/** The result for programs. */
export function reportJson({ found, counted, top, verification, chaos }: JobResult): string {
  const { read, words, counts, tooLongRuns, summary, plan } = counted;
  const json = {
    files: read.files,
    bytes: read.bytes,
    lines: read.lines,
    words,
    distinctWords: counts.size,
    tooLongRuns,
    binaryFiles: found.binaryFiles,
    otherEntries: found.otherEntries,
    unreadable: [...found.unreadable, ...counted.unreadable],
    elapsedMs: summary.elapsedMs,
    wordsPerSecond: (words / Math.max(1, summary.elapsedMs)) * 1_000,
    workers: summary.workers,
    cores: summary.cores,
    tasks: plan.tasks.filter((task) => task !== null),
    top: top.map(([word, count]) => ({ word, count })),
    verified: verification === null ? null : verification.differences.length === 0,
    differences: verification?.differences ?? [],
    chaos,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

type Row = readonly [label: string, text: string];

function rowsOf({ found, counted }: JobResult): Row[] {
  const { read, words, counts, tooLongRuns, summary } = counted;
  const unreadable = [...found.unreadable, ...counted.unreadable];
  const tooLong = tooLongRuns > 0 ? `, and ${formatCount(tooLongRuns)} runs too long to be words` : "";
  return [
    ["words", `${formatCount(words)}, ${formatCount(counts.size)} different${tooLong}`],
    ["lines", formatCount(read.lines)],
    ["files", `${formatCount(read.files)} of text, ${formatBytes(read.bytes)}${leftOut(found, unreadable.length)}`],
    ...unreadable.slice(0, NAMED_MAX).map(({ path, reason }): Row => ["", `unreadable: ${path} (${reason})`]),
    ["time", `${formatSeconds(summary.elapsedMs)}: ${formatRate(words, summary.elapsedMs)} words per second`],
    ...planRows(counted),
  ];
}

function leftOut({ binaryFiles, otherEntries }: FoundFiles, unreadable: number): string {
  const parts = [
    binaryFiles > 0 ? `${formatCount(binaryFiles)} binary` : "",
    otherEntries > 0 ? `${formatCount(otherEntries)} links and such` : "",
    unreadable > 0 ? `${formatCount(unreadable)} unreadable` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `; left out: ${parts.join(", ")}`;
}

/** Which tasks ran on which worker and core; workers with the same tasks share a line. */
function planRows({ plan, summary }: WordCounts): Row[] {
  const workersByTasks = new Map<string, number[]>();
  for (let worker = 0; worker < plan.workerCount; worker++) {
    const tasks = plan.components
      .map(({ id, taskIds }) => ({ id, count: taskIds.filter((task) => plan.tasks[task]?.thread === worker).length }))
      .filter(({ count }) => count > 0)
      .map(({ id, count }) => (count === 1 ? id : `${count} ${id}`))
      .join(" + ");
    workersByTasks.set(tasks, [...(workersByTasks.get(tasks) ?? []), worker]);
  }
  return [...workersByTasks].map(([tasks, workers], index) => [
    index === 0 ? "plan" : "",
    `${workers.length === 1 ? "1 worker" : `${workers.length} workers`} ${placeOf(workers, summary.cores)}: ${tasks}`,
  ]);
}

function placeOf(workers: readonly number[], cores: readonly (number | null)[]): string {
  const own = workers.map((worker) => cores[worker] ?? null);
  if (own.some((core) => core === null)) return "on any core";
  return `on ${own.length === 1 ? "core" : "cores"} ${own.join(", ")}`;
}

function chaosRows(chaos: ChaosFacts | null): Row[] {
  if (chaos === null) return [];
  const { kills, seed, chunks, replays, overwritten } = chaos;
  const byDeath = new Map<string, number>();
  for (const { thread, death } of kills) {
    const of = thread === "acker" ? "the acker" : death;
    byDeath.set(of, (byDeath.get(of) ?? 0) + 1);
  }
  const parts = [...byDeath].sort().map(([of, count]) => `${of} ${formatCount(count)}`);
  const recoveries = kills.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
  const median = recoveries[recoveries.length >> 1];
  const took = median === undefined ? "" : `; back after ${formatCount(median)} ms (median)`;
  return [
    ["kills", `${formatCount(kills.length)} threads${took}; --seed=${seed}`],
    ...(parts.length > 0 ? [["", parts.join(", ")] as const] : []),
    [
      "replays",
      `${formatCount(replays)}, of ${formatCount(chunks)} chunks; ${formatCount(overwritten)} counts overwritten`,
    ],
  ];
}

function verificationRows(verification: Verification | null): Row[] {
  if (verification === null) return [];
  const { differences, plain, elapsedMs } = verification;
  const by = `a plain loop, in ${formatSeconds(elapsedMs)} (${formatRate(plain.words, elapsedMs)} words per second)`;
  if (differences.length === 0) return [["verify", `every count is the same as that of ${by}`]];
  const verdict = differences.length === 1 ? "1 count differs" : `${formatCount(differences.length)} counts differ`;
  const named = differences.slice(0, NAMED_MAX);
  const rest = differences.length - named.length;
  return [
    ["verify", `FAILED: ${verdict} from ${by}`],
    ...named.map(({ what, counted, expected }): Row => ["", `${what}: counted ${counted}, plain loop ${expected}`]),
    ...(rest > 0 ? [["", `and ${formatCount(rest)} more`] as const] : []),
  ];
}
