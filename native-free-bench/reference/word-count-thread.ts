// Thread program of the two-thread word count; both threads run it, each on every second line.
import { parentPort, workerData } from "node:worker_threads";
import { sharedClockMs } from "../input/shared-clock.ts";
import { zipfLines } from "../input/zipf-lines.ts";
import { SlotConsumer, SlotProducer, type SlotRingMemory, SPINS_BEFORE_WAIT } from "./slot-ring.ts";
import { StringBatchProducer, tryReadStringBatch } from "./string-batches.ts";

export interface WordCountData {
  /** 0 or 1: which lines are read here, and which words are counted here. */
  readonly thread: number;
  readonly incoming: SlotRingMemory;
  readonly outgoing: SlotRingMemory;
  readonly passes: number;
  readonly warmupPasses: number;
}

export interface WordCountReport {
  readonly counts: Map<string, number>;
  /** On the clock that all threads of a machine share. */
  readonly timedFromMs: number;
  readonly endedMs: number;
}

const SPACE = 32;
const LINES_BETWEEN_POLLS = 8;

/**
 * Ownership:  every word is counted by one thread only, chosen by its content, as a fields grouping would.
 * Invariant:  a thread that cannot send goes on receiving, so two full rings cannot block each other.
 */
class WordCounter {
  readonly #thread: number;
  readonly #ring: SlotConsumer;
  readonly #outRing: SlotProducer;
  readonly #out: StringBatchProducer;
  readonly #counts = new Map<string, number>();
  #incomingEnded = false;

  constructor(data: WordCountData) {
    this.#thread = data.thread;
    this.#ring = new SlotConsumer(data.incoming);
    this.#outRing = new SlotProducer(data.outgoing);
    this.#out = new StringBatchProducer(this.#outRing);
  }

  countLine(line: string): void {
    const counts = this.#counts;
    const length = line.length;
    let start = 0;
    for (let at = 0; at <= length; at++) {
      if (at < length && line.charCodeAt(at) !== SPACE) continue;
      const word = line.substring(start, at);
      if (ownerOf(line, start, at) === this.#thread) counts.set(word, (counts.get(word) ?? 0) + 1);
      else this.#send(word);
      start = at + 1;
    }
  }

  receiveAll(): void {
    while (this.#receiveBatch());
  }

  finish(): Map<string, number> {
    while (!this.#out.tryEnd()) this.receiveAll();
    for (let spins = 0; !this.#incomingEnded; spins++) {
      if (this.#receiveBatch()) spins = 0;
      else if (spins > SPINS_BEFORE_WAIT) this.#ring.awaitBatch();
    }
    return this.#counts;
  }

  #send(word: string): void {
    for (let spins = 0; !this.#out.tryAppend(word); spins++) {
      if (this.#receiveBatch()) spins = 0;
      else if (spins > SPINS_BEFORE_WAIT) this.#outRing.awaitRoom();
    }
  }

  #receiveBatch(): boolean {
    const batch = tryReadStringBatch(this.#ring);
    if (batch === null) return false;
    const { count, text, endsIndex } = batch;
    if (count === 0) this.#incomingEnded = true;
    const counts = this.#counts;
    const int32 = this.#ring.views.int32;
    let start = 0;
    for (let row = 0; row < count; row++) {
      const end = int32[endsIndex + row]!;
      const word = text.substring(start, end);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      start = end;
    }
    this.#ring.release();
    return true;
  }
}

/** 0 or 1 from a few characters of the word: cheap, and even enough over thousands of words. */
function ownerOf(line: string, start: number, end: number): number {
  const mixed = Math.imul(line.charCodeAt(start) * 31 + line.charCodeAt(end - 1) + (end - start) * 961, 0x9e37_79b1);
  return mixed >>> 31;
}

function run(data: WordCountData): WordCountReport {
  const lines = zipfLines().filter((_, index) => index % 2 === data.thread);
  const counter = new WordCounter(data);
  let timedFromMs = 0;
  for (let pass = 0; pass < data.passes; pass++) {
    if (pass === data.warmupPasses) timedFromMs = sharedClockMs();
    for (let index = 0; index < lines.length; index++) {
      counter.countLine(lines[index]!);
      if (index % LINES_BETWEEN_POLLS === 0) counter.receiveAll();
    }
  }
  const counts = counter.finish();
  return { counts, timedFromMs, endedMs: sharedClockMs() };
}

parentPort!.postMessage(run(workerData as WordCountData));
