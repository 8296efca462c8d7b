// Both thread programs of the one-string hop: what a person would write who needs this one shape and nothing else.
import { parentPort, workerData } from "node:worker_threads";
import { foldString } from "../input/content-checksum.ts";
import { stringSource } from "../input/string-source.ts";
import { SlotConsumer, SlotProducer, type SlotRingMemory } from "./slot-ring.ts";
import { ENDS_OFFSET, readStringBatch, STRING_BATCH_ROWS_MAX, UNITS_MAX } from "./string-batches.ts";
import { TextBlobWriter } from "./text-blob.ts";

export interface StringHopData {
  readonly role: "producer" | "sink";
  readonly memory: SlotRingMemory;
  readonly stringKind: number;
  readonly tuples: number;
  readonly warmupTuples: number;
}

/** What the sink reports; the producer reports null. */
export interface HopReport {
  readonly tuples: number;
  readonly checksum: number;
  readonly timedTuples: number;
  readonly seconds: number;
}

function produce(data: StringHopData): null {
  const ring = new SlotProducer(data.memory);
  const blobs = new TextBlobWriter();
  const int32 = ring.views.int32;
  const source = stringSource(data.stringKind);
  for (let index = 0; index < data.tuples; ) {
    const slot = ring.claim();
    const ends = (slot + ENDS_OFFSET) >> 2;
    const countMax = Math.min(STRING_BATCH_ROWS_MAX, data.tuples - index);
    let [count, units, text] = [0, 0, ""];
    while (count < countMax && units < UNITS_MAX) {
      const next = source.next();
      text += next;
      units += next.length;
      int32[ends + count++] = units;
    }
    int32[slot >> 2] = count;
    blobs.write(ring.views, slot + ENDS_OFFSET + 4 * count, text);
    ring.publish();
    index += count;
  }
  int32[ring.claim() >> 2] = 0;
  ring.publish();
  return null;
}

function sink(data: StringHopData): HopReport {
  const ring = new SlotConsumer(data.memory);
  const int32 = ring.views.int32;
  let [tuples, checksum, timedFrom, startMs] = [0, 0, 0, 0];
  for (;;) {
    const { count, text, endsIndex } = readStringBatch(ring, ring.poll());
    if (count === 0) break;
    let start = 0;
    for (let row = 0; row < count; row++) {
      const end = int32[endsIndex + row]!;
      checksum = foldString(checksum, text.substring(start, end));
      start = end;
    }
    ring.release();
    tuples += count;
    if (startMs === 0 && tuples >= data.warmupTuples) {
      timedFrom = tuples;
      startMs = performance.now();
    }
  }
  return { tuples, checksum, timedTuples: tuples - timedFrom, seconds: (performance.now() - startMs) / 1_000 };
}

const data = workerData as StringHopData;
parentPort!.postMessage(data.role === "producer" ? produce(data) : sink(data));
