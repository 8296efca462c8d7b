import { workerData } from "node:worker_threads";

/** Thread of `hot-counters.test.ts`: counts an event, then tells that it has, for ever. */
const { words, told } = workerData as { words: Int32Array; told: Int32Array };
for (;;) {
  words[4] = (words[4]! + 1) | 0;
  Atomics.add(told, 0, 1);
}
