import { workerData } from "node:worker_threads";
import { SharedCounters } from "../../../src/memory/shared-counters.ts";

/** Thread of `shared-counters.test.ts`: publishes numbers next to each other whose two halves both differ. */
const counters = new SharedCounters(workerData as SharedArrayBuffer, 0);
for (let round = 0; round < 3_000_000; round++) {
  counters.set(0, 2 ** 32 - 1 + (round & 1));
  counters.publish();
}
