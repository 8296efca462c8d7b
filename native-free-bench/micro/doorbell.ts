import { Worker } from "node:worker_threads";
import { loadWord, storeWord } from "../../src/memory/control-words.ts";
import { Doorbell } from "../../src/memory/doorbell.ts";
import { allocateControl } from "../../src/memory/run-memory.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";
import {
  DOORBELL_WORDS,
  type DoorbellThreadData,
  HERE_BELL_WORD,
  PING_WORD,
  PONG_WORD,
  STOPPED,
  THERE_BELL_WORD,
} from "./doorbell-thread.ts";

const ROUND_TRIPS_PER_RUN = 20;
/** A round trip takes microseconds; a lost one shall not hang the benchmark. */
const LOST_AFTER_MS = 5_000;

/**
 * Two threads that wake each other in turn, each asleep until its bell rings:
 *
 *     [here] -- ring --> [there]
 *        ^----- ring ------'            threads: 2
 */
export const microDoorbell = benchmark({
  name: "micro-doorbell",
  question: "How long does it take to wake a sleeping thread, and to be woken by it?",
  unit: "ns/round trip",
  coresNeeded: 2,
  params: microParams,
  sides: {
    blocking: microSide("both in Atomics.wait", () => roundTrips("blocking")),
    eventLoop: microSide("there in Atomics.waitAsync, as workers are", () => roundTrips("async")),
    awake: microSide("ring a thread that is awake: no round trip", ringAwake),
  },
  bars: [],
});

function roundTrips(waits: DoorbellThreadData["waits"]): MicroOperation {
  const control = allocateControl(DOORBELL_WORDS);
  const worker = new Worker(new URL("./doorbell-thread.js", import.meta.url), {
    workerData: { control, waits } satisfies DoorbellThreadData,
  });
  worker.unref();
  const [here, there] = [new Doorbell(control, HERE_BELL_WORD), new Doorbell(control, THERE_BELL_WORD)];
  let sent = 0;
  const roundTrip = () => {
    sent++;
    storeWord(control, PING_WORD, sent);
    there.ring();
    for (;;) {
      here.prepareToPark();
      if (loadWord(control, PONG_WORD) === sent) break;
      if (!here.parkBlocking(LOST_AFTER_MS)) throw new Error(`round trip ${sent} did not come back`);
    }
    here.cancelPark();
  };
  return {
    operations: ROUND_TRIPS_PER_RUN,
    run() {
      for (let trip = 0; trip < ROUND_TRIPS_PER_RUN; trip++) roundTrip();
    },
    verify() {
      if (loadWord(control, PONG_WORD) !== sent || sent === 0)
        throw new Error(`${sent} round trips were not answered`);
      storeWord(control, PING_WORD, STOPPED);
      there.ring();
    },
  };
}

function ringAwake(): MicroOperation {
  const control = allocateControl(DOORBELL_WORDS);
  const bell = new Doorbell(control, HERE_BELL_WORD);
  return {
    operations: 10_000,
    run() {
      for (let time = 0; time < 10_000; time++) bell.ring();
    },
    verify() {
      bell.prepareToPark();
      bell.ring();
      if (loadWord(control, HERE_BELL_WORD) !== 0) throw new Error("the bell did not ring");
    },
  };
}
