/** What a module's state is on each thread, and what a worker sees of its process. */
import { basicBolt, defineTopology, fields } from "../../../../src/index.ts";

const N = fields("n:int32");

/** One per thread: the page about state says so. */
export const executedHere = { count: 0 };

const teller = basicBolt({
  input: N,
  output: fields("worker:int32", "state:any"),
  create: (context) => {
    let ofTask = 0;
    return {
      execute(_tuple, collector) {
        const state = {
          ofTask: ++ofTask,
          ofThread: ++executedHere.count,
          cwd: process.cwd(),
          argv: process.argv.slice(2),
          changedDirectory: succeeds(() => process.chdir("/")),
          lateVariable: process.env.SET_AFTER_THE_START ?? null,
        };
        collector.emit([context.worker, state]);
      },
    };
  },
});

export const threadState = defineTopology(import.meta.url, (builder, options: { tasks: number }) => {
  const numbers = builder.setFeeder("numbers", N);
  const told = builder.setBolt("teller", teller, { parallelism: options.tasks }).allGrouping(numbers);
  return { numbers, told: builder.output(told) };
});

function succeeds(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}
