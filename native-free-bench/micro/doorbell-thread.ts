// The other thread of micro-doorbell: answers each ping and sleeps in between.
import { workerData } from "node:worker_threads";
import { loadWord, storeWord } from "../../src/memory/control-words.ts";
import { Doorbell } from "../../src/memory/doorbell.ts";

export interface DoorbellThreadData {
  readonly control: Int32Array;
  readonly waits: "blocking" | "async";
}

export const HERE_BELL_WORD = 0;
export const THERE_BELL_WORD = 32;
export const PING_WORD = 64;
export const PONG_WORD = 96;
export const DOORBELL_WORDS = 128;
/** In place of a number of a ping: the end. */
export const STOPPED = -1;

const LOST_AFTER_MS = 10_000;

async function answer({ control, waits }: DoorbellThreadData): Promise<void> {
  const [here, there] = [new Doorbell(control, HERE_BELL_WORD), new Doorbell(control, THERE_BELL_WORD)];
  // A pending asynchronous wait does not keep a thread alive.
  const alive = setInterval(() => {}, LOST_AFTER_MS);
  for (let answered = 0; ; ) {
    there.prepareToPark();
    const ping = loadWord(control, PING_WORD);
    if (ping === answered) {
      if (waits === "async") await there.parkAsync();
      else if (!there.parkBlocking(LOST_AFTER_MS)) break;
      continue;
    }
    there.cancelPark();
    if (ping === STOPPED) break;
    answered = ping;
    storeWord(control, PONG_WORD, ping);
    here.ring();
  }
  clearInterval(alive);
}

// The benchmark itself imports the words above.
if (workerData !== null) await answer(workerData as DoorbellThreadData);
