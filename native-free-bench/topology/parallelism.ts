import { benchmark, type Side } from "../harness/benchmark.ts";
import { runWordCount } from "./programs/word-count.ts";

type Passes = { readonly passes: number; readonly warmupPasses: number };

/**
 * The word count of `word-count` with one to four tasks per component on two workers:
 *
 *     [lines] x N -> [split] x N -> [count] x N      threads: 2 and an idle main
 */
export const parallelism = benchmark({
  name: "parallelism",
  question: "Do more tasks than cores hurt?",
  unit: "words/s",
  coresNeeded: 2,
  params: { smoke: { passes: 3, warmupPasses: 1 }, full: { passes: 240, warmupPasses: 60 } },
  sides: { tasks1: tasksEach(1), tasks2: tasksEach(2), tasks3: tasksEach(3), tasks4: tasksEach(4) },
  bars: [{ kind: "spread", among: ["tasks1", "tasks2", "tasks3", "tasks4"], limit: { atLeast: 0.8 } }],
});

function tasksEach(count: number): Side<Passes> {
  return {
    title: `${count} ${count === 1 ? "task" : "tasks"} per component`,
    run: (params) => runWordCount(2, { ...params, parallelism: count }),
  };
}
