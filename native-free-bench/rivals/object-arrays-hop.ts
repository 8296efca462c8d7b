import { MessageChannel } from "node:worker_threads";
import type { Measurement } from "../harness/benchmark.ts";
import { expectedStringChecksum, verifyHop } from "../input/content-checksum.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import type { HopReport } from "../reference/string-hop-thread.ts";
import { runThreads } from "../reference/threads.ts";
import type { ObjectArraysData } from "./object-arrays-hop-thread.ts";

/**
 * What Node offers by itself: arrays of 1,000 objects over a MessagePort, with credits so that the queue stays
 * bounded.
 *
 *     [producer] -- structured clone of 1,000 objects -- [sink: checksum]      threads: 2
 */
export async function runObjectArraysHop(params: { tuples: number; warmupTuples: number }): Promise<Measurement> {
  const program = new URL("./object-arrays-hop-thread.js", import.meta.url);
  const { port1, port2 } = new MessageChannel();
  const [, report] = await runThreads<HopReport | null>([
    { program, data: { role: "producer", port: port1, ...params } satisfies ObjectArraysData, transfer: [port1] },
    { program, data: { role: "sink", port: port2, ...params } satisfies ObjectArraysData, transfer: [port2] },
  ]);
  verifyHop("postMessage hop", report!, params.tuples, expectedStringChecksum(STRINGS_REPEATED, params.tuples));
  return { value: report!.timedTuples / report!.seconds, detail: { seconds: report!.seconds } };
}
