import { createWriteStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EngineError } from "stormcell";
import { ChunkCounts } from "./chunk-counts.ts";
import { type ChaosFacts, countUnderChaos } from "./count-under-chaos.ts";
import { countWords, type WordCounts } from "./count-words.ts";
import { compareCounts, type plainCount } from "./plain-count.ts";
import { ProgressDisplay, type ProgressStream } from "./progress-display.ts";
import { mostFrequent, reportJson, reportText, type Verification } from "./report.ts";
import { type FoundFiles, findTextFiles } from "./text-files.ts";
import { formatBytes, formatCount, formatSeconds } from "./text-format.ts";
import { describeKill, type SurvivedKill } from "./thread-killer.ts";
import { watchWords } from "./watch-words.ts";

export const EXIT_DONE = 0;
/** The counts differ, or the run failed. */
export const EXIT_FAILED = 1;
/** The arguments make no sense, or name what does not exist. */
export const EXIT_USAGE = 2;
/** Stopped by Ctrl-C, as shells report it. */
export const EXIT_INTERRUPTED = 130;

/** What the command touches besides files. */
export interface CommandSurroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
  /** Aborted to stop the job. */
  readonly signal: AbortSignal;
  /** The independent count for --verify. */
  readonly recount: typeof plainCount;
  /** For tests: where --chaos writes its counts. */
  readonly store?: ChunkCounts;
}

interface CommandOptions {
  readonly verify: boolean;
  readonly dump?: string;
  readonly workers: number | "auto";
  readonly top: number;
  readonly json: boolean;
  readonly chaos: boolean;
  readonly seed?: number;
  readonly kills?: number;
  readonly ui?: number | true;
}

/** Runs the command and gives its exit code. */
export async function wordCountCommand(args: readonly string[], around: CommandSurroundings): Promise<number> {
  let exitCode = EXIT_DONE;
  const program = new Command("word-count")
    .description("Counts the words of every text file below the given paths, on every core.")
    .argument("[paths...]", "files and folders (default: the project's own node_modules)")
    .option("--verify", "count again with a plain loop and compare every word", false)
    .option("--dump <file>", "write all counts to a file: word, tab, count, in order of the words")
    .option("--workers <count>", "number of worker threads", workerCount, "auto")
    .option("--top <count>", "how many of the most frequent words to show", wholeNumber, 20)
    .option("--json", "print the result as JSON", false)
    .option("--chaos", "kill threads of the job every 300 to 1,000 ms, and verify that nothing is lost", false)
    .option("--seed <number>", "with --chaos: who dies when, and of what (default: by the clock)", wholeNumber)
    .option("--kills <count>", "with --chaos: kill so many and no more (default: until the job ends)", wholeNumber)
    .option("--ui [port]", "count over and over, with a dashboard to look at, until it is stopped", portNumber)
    .exitOverride()
    .configureOutput({ writeOut: (text) => around.stdout.write(text), writeErr: (text) => around.stderr.write(text) })
    .action(async (paths: string[], options: CommandOptions) => {
      const run = options.ui === undefined ? runJob : runWatched;
      exitCode = await run(paths.length > 0 ? paths : [defaultFolder()], options, around);
    });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
    if (around.signal.aborted) return endInterrupted(around);
    around.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof EngineError && error.code === "INPUT_NOT_FOUND" ? EXIT_USAGE : EXIT_FAILED;
  }
  return exitCode;
}

async function runJob(paths: string[], options: CommandOptions, around: CommandSurroundings): Promise<number> {
  const found = findTextFiles(paths);
  const totalBytes = found.files.reduce((sum, file) => sum + file.bytes, 0);
  around.stderr.write(
    `Counting the words of ${formatCount(found.files.length)} text files, ${formatBytes(totalBytes)}\n`,
  );
  const counted = await countWithProgress(found, totalBytes, options, around);
  const isVerified = options.verify || options.chaos;
  const verification = isVerified && !around.signal.aborted ? await verify(found, counted, around) : null;
  if (around.signal.aborted) return endInterrupted(around);
  if (options.dump !== undefined) await dumpCounts(counted.counts, options.dump);
  const top = mostFrequent(counted.counts, options.top);
  const result = { found, counted, top, verification, chaos: counted.chaos ?? null };
  around.stdout.write(options.json ? reportJson(result) : reportText(result));
  return verification !== null && verification.differences.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

/** Has no counts to show: the job ends when it is stopped, wherever it is. */
async function runWatched(
  paths: string[],
  { ui = true, workers, ...others }: CommandOptions,
  { stdout, stderr, signal }: CommandSurroundings,
): Promise<number> {
  if (others.verify || others.chaos || others.json || others.dump !== undefined) {
    stderr.write("--ui counts until it is stopped: there is nothing to verify, dump or print as JSON.\n");
    return EXIT_USAGE;
  }
  const { files } = findTextFiles(paths);
  const onOpen = (link: string) =>
    stderr.write(
      `Counting the words of ${formatCount(files.length)} text files over and over. Ctrl-C stops it.\n${link}\n`,
    );
  const { read, summary } = await watchWords(files, { workers, signal, port: ui, onOpen });
  const words = summary.totals.byComponent.count?.executed ?? 0;
  stdout.write(
    `Counted ${formatCount(words)} words of ${formatCount(read.lines)} lines, ${formatBytes(read.bytes)}, ` +
      `in ${formatSeconds(summary.elapsedMs)}.\n`,
  );
  return EXIT_DONE;
}

function endInterrupted({ stderr }: CommandSurroundings): number {
  stderr.write("Interrupted before the end: no counts.\n");
  return EXIT_INTERRUPTED;
}

async function countWithProgress(
  { files }: FoundFiles,
  totalBytes: number,
  { workers, chaos, seed = Date.now() % 1_000_000, kills }: CommandOptions,
  { stderr, signal, store = new ChunkCounts() }: CommandSurroundings,
): Promise<WordCounts & { readonly chaos?: ChaosFacts }> {
  if (chaos) stderr.write(`Killing threads meanwhile: --seed=${seed} kills them in the same order again\n`);
  const display = new ProgressDisplay(stderr, totalBytes);
  const onProgress = ({ bytes }: { readonly bytes: number }) => display.update(bytes);
  try {
    if (!chaos) return await countWords(files, { workers, signal, onProgress });
    const onKill = (kill: SurvivedKill) => display.note(killLine(kill));
    const killsWanted = kills ?? null;
    return await countUnderChaos(files, { workers, signal, onProgress, seed, killsWanted, onKill, store });
  } finally {
    display.end();
  }
}

function killLine(kill: SurvivedKill): string {
  return `killed ${describeKill(kill)}; the job went on after ${formatCount(kill.recoveryMs)} ms`;
}

async function verify(
  { files }: FoundFiles,
  { counts, read, tooLongRuns }: WordCounts,
  { stderr, recount, signal }: CommandSurroundings,
): Promise<Verification> {
  stderr.write("Counting again with a plain loop\n");
  const startMs = performance.now();
  const plain = await recount(
    files.map((file) => file.path),
    { signal },
  );
  const elapsedMs = performance.now() - startMs;
  const totals = [
    { what: "lines in all", counted: read.lines, expected: plain.lines },
    { what: "runs too long to be words", counted: tooLongRuns, expected: plain.tooLongRuns },
  ];
  const wrongTotals = totals.filter(({ counted, expected }) => counted !== expected);
  return { plain, elapsedMs, differences: [...compareCounts(counts, plain.counts), ...wrongTotals] };
}

/** In order of UTF-16 units, so that the same counts always give the same bytes. */
async function dumpCounts(counts: ReadonlyMap<string, number>, file: string): Promise<void> {
  const words = [...counts.keys()].sort();
  const lines = words.map((word) => `${word}\t${counts.get(word)}\n`);
  await pipeline(Readable.from(inBlocks(lines)), createWriteStream(file));
}

/** Joined by the thousand: a stream's turn costs more than a line. */
function* inBlocks(lines: readonly string[]): Generator<string> {
  for (let from = 0; from < lines.length; from += 1_000) yield lines.slice(from, from + 1_000).join("");
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError("It must be a whole number.");
  return number;
}

function workerCount(text: string): number | "auto" {
  return text === "auto" ? text : wholeNumber(text);
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError("It must be a port, up to 65,535.");
  return port;
}

function defaultFolder(): string {
  const project = path.dirname(fileURLToPath(import.meta.resolve("stormcell/package.json")));
  return path.join(project, "node_modules");
}
