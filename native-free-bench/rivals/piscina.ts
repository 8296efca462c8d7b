import { Piscina } from "piscina";
import type { Measurement } from "../harness/benchmark.ts";
import { expectedStringChecksum, verifyHop } from "../input/content-checksum.ts";
import { STRINGS_REPEATED, stringSource } from "../input/string-source.ts";
import { verifyWordCounts, WORDS_PER_PASS, zipfLines } from "../input/zipf-lines.ts";

/** Tasks handed over and not done: enough to keep the threads busy, few enough to hold. */
const TASKS_IN_FLIGHT_MAX = 64;

function newPool(threads: number): Piscina {
  return new Piscina({
    filename: new URL("./piscina-task.js", import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    // With one task at a time a thread would wait for the main thread after each.
    concurrentTasksPerWorker: TASKS_IN_FLIGHT_MAX,
  });
}

/**
 * One hop as a pool of threads offers it: a task for every string, or for every `textsPerTask` of them.
 *
 *     [main: strings] -- task, structured clone --> [one thread: checksum]      threads: 2
 */
export async function runPiscinaHop(params: {
  readonly tuples: number;
  readonly warmupTuples: number;
  readonly textsPerTask: number;
}): Promise<Measurement> {
  const { tuples, warmupTuples, textsPerTask } = params;
  const source = stringSource(STRINGS_REPEATED);
  const pool = newPool(1);
  try {
    const foldTexts = async (count: number) => {
      let inFlight: Promise<unknown>[] = [];
      for (let sent = 0; sent < count; sent += textsPerTask) {
        const texts = Array.from({ length: Math.min(textsPerTask, count - sent) }, () => source.next());
        inFlight.push(pool.run(textsPerTask === 1 ? texts[0]! : texts, { name: "fold" }));
        if (inFlight.length < TASKS_IN_FLIGHT_MAX) continue;
        await Promise.all(inFlight.slice(0, TASKS_IN_FLIGHT_MAX / 2));
        inFlight = inFlight.slice(TASKS_IN_FLIGHT_MAX / 2);
      }
      await Promise.all(inFlight);
    };
    await foldTexts(warmupTuples);
    const startMs = performance.now();
    await foldTexts(tuples - warmupTuples);
    const seconds = (performance.now() - startMs) / 1_000;
    const seen = (await pool.run(undefined, { name: "foldReport" })) as { tuples: number; checksum: number };
    verifyHop("Piscina hop", seen, tuples, expectedStringChecksum(STRINGS_REPEATED, tuples));
    return { value: (tuples - warmupTuples) / seconds, detail: { seconds } };
  } finally {
    await pool.destroy();
  }
}

/**
 * Lines are handed to a pool of two threads, some per task; each task gives back its counts, and the program adds
 * them up.
 *
 *     [main: lines] -- task --> [two threads: split, count] -- counts --> [main: Map]      threads: 3
 */
export async function runPiscinaWordCount(params: {
  readonly passes: number;
  readonly warmupPasses: number;
  readonly linesPerTask: number;
}): Promise<Measurement> {
  const lines = zipfLines();
  const counts = new Map<string, number>();
  const pool = newPool(2);
  const countTask = async (from: number) => {
    const task = pool.run(lines.slice(from, from + params.linesPerTask), { name: "count" });
    for (const [word, count] of (await task) as Map<string, number>)
      counts.set(word, (counts.get(word) ?? 0) + count);
  };
  try {
    let startMs = performance.now();
    for (let pass = 0; pass < params.passes; pass++) {
      if (pass === params.warmupPasses) startMs = performance.now();
      let inFlight: Promise<void>[] = [];
      for (let from = 0; from < lines.length; from += params.linesPerTask) {
        inFlight.push(countTask(from));
        if (inFlight.length < TASKS_IN_FLIGHT_MAX) continue;
        await Promise.all(inFlight.slice(0, TASKS_IN_FLIGHT_MAX / 2));
        inFlight = inFlight.slice(TASKS_IN_FLIGHT_MAX / 2);
      }
      await Promise.all(inFlight);
    }
    const seconds = (performance.now() - startMs) / 1_000;
    verifyWordCounts("Piscina word count", counts, params.passes);
    return { value: ((params.passes - params.warmupPasses) * WORDS_PER_PASS) / seconds, detail: { seconds } };
  } finally {
    await pool.destroy();
  }
}
