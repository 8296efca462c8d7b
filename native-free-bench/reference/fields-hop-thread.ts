// Both thread programs of the four-field hop (string, int32, float64, string).
import { parentPort, workerData } from "node:worker_threads";
import { foldRow, priceOf } from "../input/content-checksum.ts";
import { stringSource } from "../input/string-source.ts";
import { SlotConsumer, SlotProducer } from "./slot-ring.ts";
import type { HopReport, StringHopData } from "./string-hop-thread.ts";
import { readTextBlob, TextBlobWriter, textBlobBytes } from "./text-blob.ts";

/**
 * A slot: [count: int32][unused: int32][prices: float64 x ROWS][quantities: int32 x ROWS][name ends: int32 x ROWS]
 * [note ends: int32 x ROWS][blob of names][blob of notes]. ROWS is fixed, so that no vector moves; the texts of this
 * shape are 10 units long, so a full batch needs 256 x (20 + 2 x 10 x 3) bytes and always fits.
 */
const ROWS = 256;
const PRICES_OFFSET = 8;
const QUANTITIES_OFFSET = PRICES_OFFSET + 8 * ROWS;
const NAME_ENDS_OFFSET = QUANTITIES_OFFSET + 4 * ROWS;
const NOTE_ENDS_OFFSET = NAME_ENDS_OFFSET + 4 * ROWS;
const BLOBS_OFFSET = NOTE_ENDS_OFFSET + 4 * ROWS;

function produce(data: StringHopData): null {
  const ring = new SlotProducer(data.memory);
  const { int32, float64 } = ring.views;
  const [nameBlobs, noteBlobs] = [new TextBlobWriter(), new TextBlobWriter()];
  const source = stringSource(data.stringKind);
  for (let index = 0; index < data.tuples; ) {
    const slot = ring.claim();
    const count = Math.min(ROWS, data.tuples - index);
    const prices = (slot + PRICES_OFFSET) >> 3;
    const quantities = (slot + QUANTITIES_OFFSET) >> 2;
    const nameEnds = (slot + NAME_ENDS_OFFSET) >> 2;
    const noteEnds = (slot + NOTE_ENDS_OFFSET) >> 2;
    let [names, notes] = ["", ""];
    for (let row = 0; row < count; row++, index++) {
      names += source.next();
      notes += source.next();
      int32[nameEnds + row] = names.length;
      int32[noteEnds + row] = notes.length;
      int32[quantities + row] = index | 0;
      float64[prices + row] = priceOf(index);
    }
    int32[slot >> 2] = count;
    nameBlobs.write(ring.views, slot + BLOBS_OFFSET, names);
    noteBlobs.write(ring.views, slot + BLOBS_OFFSET + textBlobBytes(ring.views, slot + BLOBS_OFFSET), notes);
    ring.publish();
  }
  int32[ring.claim() >> 2] = 0;
  ring.publish();
  return null;
}

function sink(data: StringHopData): HopReport {
  const ring = new SlotConsumer(data.memory);
  const { int32, float64 } = ring.views;
  let [tuples, checksum, timedFrom, startMs] = [0, 0, 0, 0];
  for (;;) {
    const slot = ring.poll();
    const count = int32[slot >> 2]!;
    if (count === 0) break;
    const names = readTextBlob(ring.views, slot + BLOBS_OFFSET);
    const notes = readTextBlob(ring.views, slot + BLOBS_OFFSET + textBlobBytes(ring.views, slot + BLOBS_OFFSET));
    let [nameStart, noteStart] = [0, 0];
    for (let row = 0; row < count; row++) {
      const nameEnd = int32[((slot + NAME_ENDS_OFFSET) >> 2) + row]!;
      const noteEnd = int32[((slot + NOTE_ENDS_OFFSET) >> 2) + row]!;
      const quantity = int32[((slot + QUANTITIES_OFFSET) >> 2) + row]!;
      const price = float64[((slot + PRICES_OFFSET) >> 3) + row]!;
      const [name, note] = [names.substring(nameStart, nameEnd), notes.substring(noteStart, noteEnd)];
      checksum = foldRow(checksum, name, quantity, price, note);
      nameStart = nameEnd;
      noteStart = noteEnd;
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
