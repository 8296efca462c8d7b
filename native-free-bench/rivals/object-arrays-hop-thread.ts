// Both thread programs of the postMessage rival.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { foldString } from "../input/content-checksum.ts";
import { STRINGS_REPEATED, stringSource } from "../input/string-source.ts";

export interface ObjectArraysData {
  readonly role: "producer" | "sink";
  readonly port: MessagePort;
  readonly tuples: number;
  readonly warmupTuples: number;
}

interface Row {
  readonly value: string;
}

const ROWS_PER_MESSAGE = 1_000;
/** Enough to keep both sides busy; without a bound the queue of the port would grow to gigabytes. */
const MESSAGES_IN_FLIGHT_MAX = 32;

function produce({ port, tuples }: ObjectArraysData): void {
  const source = stringSource(STRINGS_REPEATED);
  let [sent, inFlight] = [0, 0];
  const sendWhileAllowed = () => {
    while (inFlight < MESSAGES_IN_FLIGHT_MAX && sent < tuples) {
      const rows: Row[] = [];
      for (; rows.length < ROWS_PER_MESSAGE && sent < tuples; sent++) rows.push({ value: source.next() });
      port.postMessage(rows);
      inFlight++;
    }
    if (sent === tuples && inFlight === 0) {
      port.close();
      parentPort!.postMessage(null);
    }
  };
  port.on("message", (received: number) => {
    inFlight -= received;
    sendWhileAllowed();
  });
  sendWhileAllowed();
}

function sink({ port, tuples, warmupTuples }: ObjectArraysData): void {
  let [seen, checksum, timedFrom, startMs, messages] = [0, 0, 0, 0, 0];
  port.on("message", (rows: readonly Row[]) => {
    for (const row of rows) checksum = foldString(checksum, row.value);
    seen += rows.length;
    if (startMs === 0 && seen >= warmupTuples) {
      timedFrom = seen;
      startMs = performance.now();
    }
    // One credit message for several arrays: the rival shall not pay more than it must.
    if (++messages === MESSAGES_IN_FLIGHT_MAX / 4 || seen === tuples) {
      port.postMessage(messages);
      messages = 0;
    }
    if (seen < tuples) return;
    const seconds = (performance.now() - startMs) / 1_000;
    parentPort!.postMessage({ tuples: seen, checksum, timedTuples: seen - timedFrom, seconds });
  });
}

const data = workerData as ObjectArraysData;
if (data.role === "producer") produce(data);
else sink(data);
