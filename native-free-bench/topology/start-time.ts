import { benchmark } from "../harness/benchmark.ts";
import { processStartedMs } from "../harness/side-clock.ts";

/**
 * A program that counts words on two workers, from built code, in a process that has just been started:
 *
 *     fork -> Node boots -> import "stormcell" -> submit -> workers start -> first count in the program's hands
 */
export const startTime = benchmark({
  name: "start-time",
  question: "How long after the start of the process is the first word counted?",
  unit: "ms",
  coresNeeded: 2,
  params: { smoke: {}, full: {} },
  sides: {
    ours: {
      title: "two workers, first result",
      async run() {
        const { firstResultMs } = await import("./programs/first-result.ts");
        return { value: performance.timeOrigin + (await firstResultMs()) - processStartedMs() };
      },
    },
  },
  bars: [{ kind: "value", of: "ours", limit: { atMost: 500 } }],
});
