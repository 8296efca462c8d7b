import type { Measurement } from "../harness/benchmark.ts";
import { expectedRowChecksum, verifyHop } from "../input/content-checksum.ts";
import { newSlotRing } from "./slot-ring.ts";
import type { HopReport, StringHopData } from "./string-hop-thread.ts";
import { runThreads } from "./threads.ts";

/**
 * The hand-specialised hop of rows (string, int32, float64, string), as columns in the slots of a shared ring.
 *
 *     [producer] -- columns -- ring -- columns -- [sink: checksum over all fields]      threads: 2
 *
 * Frozen, and stands alone, as `string-hop` does.
 */
export async function runReferenceFieldsHop(params: {
  readonly stringKind: number;
  readonly tuples: number;
  readonly warmupTuples: number;
}): Promise<Measurement> {
  const program = new URL("./fields-hop-thread.js", import.meta.url);
  const shared = { memory: newSlotRing(), ...params };
  const [, report] = await runThreads<HopReport | null>([
    { program, data: { role: "producer", ...shared } satisfies StringHopData },
    { program, data: { role: "sink", ...shared } satisfies StringHopData },
  ]);
  verifyHop("reference hop of rows", report!, params.tuples, expectedRowChecksum(params.stringKind, params.tuples));
  return { value: report!.timedTuples / report!.seconds, detail: { seconds: report!.seconds } };
}
