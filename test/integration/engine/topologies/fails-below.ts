import { isMainThread } from "node:worker_threads";
import { defineTopology, fields, fromIterable } from "../../../../src/index.ts";

/** A script that goes on below its definition, and cannot do so on a worker thread. */
export const failsBelow = defineTopology(import.meta.url, (builder) => {
  builder.setSpout(
    "words",
    fromIterable(fields("word:string"), () => [["a"]]),
  );
});

if (!isMainThread) throw new Error("there is no configuration on this thread");
