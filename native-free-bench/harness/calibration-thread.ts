// Entry of a thread that counts the calibration loop and reports its nanoseconds per step: the median of its samples.
import { parentPort, workerData } from "node:worker_threads";
import { median } from "./statistics.ts";

export interface CalibrationData {
  readonly steps: number;
  readonly samples: number;
}

function countSteps(steps: number, seed: number): number {
  let state = seed;
  for (let step = 0; step < steps; step++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

const { steps, samples } = workerData as CalibrationData;
// The first one is compiled on the way, and does not count.
let state = countSteps(steps, 2_463_534_242);
const nsPerStep = Array.from({ length: samples }, () => {
  const startMs = performance.now();
  state = countSteps(steps, state);
  return ((performance.now() - startMs) * 1e6) / steps;
});
// A state of 0 cannot be; looking at it keeps the loop from being dropped as useless.
if (state === 0) throw new Error("the calibration loop went wrong");
parentPort!.postMessage(median(nsPerStep));
