import { availableParallelism } from "node:os";
import { benchmark, type Side } from "../harness/benchmark.ts";
import { runConstHops } from "./programs/const-hops.ts";
import { runFileWordCount } from "./programs/file-word-count.ts";
import { shortWindows, type WindowParams } from "./programs/window.ts";

/**
 * The same shapes on one worker, on two, on four and so on, up to a worker per core, with a task of every component
 * on each. The hop stays within its worker; words go to whichever has their counter, mostly another one:
 *
 *     [const] x N -> [null] x N        [lines] x N -> [split] x N --fields--> [count] x N
 */
export const scaling = benchmark({
  name: "scaling",
  question: "How much faster is it with each worker?",
  list: "full",
  unit: "tuples/s",
  coresNeeded: 2,
  rounds: 3,
  params: shortWindows,
  sides: Object.fromEntries([...workerCounts().map(hop), ...workerCounts().map(words)]),
  bars: [],
});

/** 1, 2, 4 and so on, and the number of cores itself. More workers than cores are no question of scaling. */
function workerCounts(): number[] {
  const cores = availableParallelism();
  const counts = [cores];
  for (let workers = 1; workers < cores; workers *= 2) counts.push(workers);
  return counts.sort((a, b) => a - b);
}

function hop(workers: number): [name: string, side: Side<WindowParams>] {
  const shape = { idBolt: false, acked: false, spouts: workers, sinks: workers };
  const run = (sizes: WindowParams) => runConstHops(shape, sizes, { workers });
  return [`hop${workers}`, { title: `const to null, ${workersText(workers)}`, run }];
}

function words(workers: number): [name: string, side: Side<WindowParams>] {
  const run = (sizes: WindowParams) => runFileWordCount(false, sizes, { parallelism: workers, config: { workers } });
  return [`words${workers}`, { title: `word count, ${workersText(workers)}`, run }];
}

function workersText(workers: number): string {
  return workers === 1 ? "one worker" : `${workers} workers`;
}
