import type { Measurement } from "../harness/benchmark.ts";
import { expectedStringChecksum, verifyHop } from "../input/content-checksum.ts";
import { newSlotRing } from "./slot-ring.ts";
import type { HopReport, StringHopData } from "./string-hop-thread.ts";
import { runThreads } from "./threads.ts";

/**
 * The hand-specialised hop: one string per tuple from one thread to another, through a ring of slots in shared
 * memory.
 *
 *     [producer] -- concat, one write -- ring -- one decode, substring -- [sink: checksum]      threads: 2
 *
 * Frozen: ratios of all versions of the engine are taken against it. Stands alone: nothing of the engine is used.
 */
export async function runReferenceStringHop(params: {
  readonly stringKind: number;
  readonly tuples: number;
  readonly warmupTuples: number;
}): Promise<Measurement> {
  const program = new URL("./string-hop-thread.js", import.meta.url);
  const shared = { memory: newSlotRing(), ...params };
  const [, report] = await runThreads<HopReport | null>([
    { program, data: { role: "producer", ...shared } satisfies StringHopData },
    { program, data: { role: "sink", ...shared } satisfies StringHopData },
  ]);
  const checksum = expectedStringChecksum(params.stringKind, params.tuples);
  verifyHop("reference hop", report!, params.tuples, checksum);
  return { value: report!.timedTuples / report!.seconds, detail: { seconds: report!.seconds } };
}
