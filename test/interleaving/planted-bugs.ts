import type { SourceBug } from "./planted-sources.ts";

/** A mistake that someone could make in one file of `src/memory`, and the model that must notice it. */
export interface PlantedBug extends SourceBug {
  readonly model: string;
}

const STORE_TAIL = "Atomics.store(this.#control, this.#tailWord, this.#tail);";
const NOTIFY_ALL = `the one it sleeps in now.
        Atomics.notify(this.#control, this.#word);`;
const STORE_HEAD = "Atomics.store(this.#control, this.#headWord, this.#head);";

const producerBugs: readonly Omit<PlantedBug, "file">[] = [
  {
    name: "TAIL is stored before the frame's header is written",
    find: "this.#int32[header] = bytes;\n        this.#int32[header + 1] = kind;",
    replace: `Atomics.store(this.#control, this.#tailWord, (start + frameSpan(bytes)) | 0);
        Atomics.load(this.#control, this.#tailWord);
        this.#int32[header] = bytes;\n        this.#int32[header + 1] = kind;`,
    model: "ringOfShortFrames",
  },
  {
    name: "a claim is published at once",
    find: "return offset + FRAME_HEADER_BYTES;",
    replace: `this.#int32[offset >> 2] = bytesMax;
        this.#int32[(offset >> 2) + 1] = 1;
        Atomics.store(this.#control, this.#tailWord, (this.#tail + span) | 0);
        return offset + FRAME_HEADER_BYTES;`,
    model: "ringProducerDies",
  },
  {
    name: "TAIL is a plain store",
    find: STORE_TAIL,
    replace: "this.#control[this.#tailWord] = this.#tail;",
    model: "ringFromZero",
  },
  {
    name: "room is counted one header too generously",
    find: "return this.#capacity - used >= span;",
    replace: "return this.#capacity - used + 8 >= span;",
    model: "ringFromZero",
  },
  {
    name: "positions are subtracted without wrapping to 32 bits",
    find: "if (this.#capacity - ((this.#tail - this.#headSeen) | 0) >= span)",
    replace: "if (this.#capacity - (this.#tail - this.#headSeen) >= span)",
    model: "ringAcross2To31",
  },
  {
    name: "room ignores the padding before the ring's end",
    find: "if (!this.#hasRoom(untilEnd + span))",
    replace: "if (!this.#hasRoom(span))",
    model: "ringTightWrap",
  },
  {
    name: "padding has no header",
    find: "this.#int32[(offset >> 2) + 1] = FRAME_PADDING;",
    replace: "",
    model: "ringAcross2To31",
  },
  {
    name: "padding is published before the frame behind it",
    find: "this.#claimStart = (this.#tail + untilEnd) | 0;",
    replace: `this.#claimStart = (this.#tail + untilEnd) | 0;
        this.#tail = this.#claimStart;
        ${STORE_TAIL}`,
    model: "ringAcross2To32",
  },
  {
    name: "HEAD is never looked at again",
    find: "this.#headSeen = Atomics.load(this.#control, this.#headWord); // Pairs",
    replace: "// Pairs",
    model: "ringFromZero",
  },
  {
    name: "emptiness is judged by what was seen of HEAD",
    find: "this.#headSeen = Atomics.load(this.#control, this.#headWord);\n        return",
    replace: "return",
    model: "ringFromZero",
  },
];

const consumerBugs: readonly Omit<PlantedBug, "file">[] = [
  {
    name: "a frame is handed back when it is polled",
    find: "this.#hasFrame = true;",
    replace: `this.#hasFrame = true;
        Atomics.store(this.#control, this.#headWord, (this.#head + frameSpan(this.#frameBytes)) | 0);`,
    model: "ringFromZero",
  },
  {
    name: "TAIL is never looked at again",
    find: "if (this.#head === this.#tailSeen) {\n            this",
    replace: "if (this.#head === this.#tailSeen && this.#frameKind === 0) {\n            this",
    model: "ringOfShortFrames",
  },
  {
    name: "padding is skipped without counting it",
    find: "this.#head = (this.#head + this.#capacity - offset) | 0;",
    replace: "",
    model: "ringAcross2To32",
  },
  {
    name: "HEAD is stored when padding is skipped, before its frame is read, as if the frame were read too",
    find: "offset = 0;",
    replace: "offset = 0;\n            Atomics.store(this.#control, this.#headWord, this.#tailSeen);",
    model: "ringAcross2To31",
  },
  {
    name: "HEAD moves by the payload's bytes, not by the frame's",
    find: "frameSpan(this.#frameBytes)) | 0;\n",
    replace: "this.#frameBytes + FRAME_HEADER_BYTES) | 0;\n",
    model: "ringOfOddFrames",
  },
  {
    name: "a release is never published",
    find: STORE_HEAD,
    replace: "",
    model: "ringFromZero",
  },
];

const dirtyBugs: readonly Omit<PlantedBug, "file">[] = [
  {
    name: "mark trusts its own memory of the bit",
    find: "if ((Atomics.load(this.#control, word) & mask) !== 0)",
    replace: `this.marked = (this.marked ?? 0) | 0;
        if ((this.marked & mask) !== 0 || !(this.marked |= mask))`,
    model: "dirty",
  },
  {
    name: "mark sets no bit while another is up",
    find: "& mask) !== 0)",
    replace: ") !== 0)",
    model: "dirty",
  },
  {
    name: "take clears what it did not see",
    find: "return Atomics.exchange(this.#control, word, 0);",
    replace: `const bits = Atomics.load(this.#control, word);
        Atomics.store(this.#control, word, 0);
        return bits;`,
    model: "dirty",
  },
];

const doorbellBugs: readonly Omit<PlantedBug, "file">[] = [
  {
    name: "PARKED is stored after the last look, with the sleep",
    find: "const outcome =",
    replace: "Atomics.store(this.#control, this.#word, PARKED);\n        const outcome =",
    model: "parkBlocking",
  },
  {
    name: "preparing to park says nothing, so that no sleep is ever real",
    find: "prepareToPark() {\n        Atomics.store(this.#control, this.#word, PARKED);",
    replace: "prepareToPark() {",
    model: "parkBlocking",
  },
  {
    name: "a ring notifies before it changes the word",
    find: `        if (Atomics.exchange(this.#control, this.#word, AWAKE) === AWAKE)
            return;
`,
    replace: `        Atomics.notify(this.#control, this.#word);
        Atomics.store(this.#control, this.#word, AWAKE);
        return;
`,
    model: "parkBlocking",
  },
  {
    name: "a ring only changes the word",
    find: NOTIFY_ALL,
    replace: "",
    model: "parkBlocking",
  },
  {
    name: "a ring wakes one waiter, which may be an old asynchronous wait",
    find: NOTIFY_ALL,
    replace: "\n        Atomics.notify(this.#control, this.#word, 1);",
    model: "parkMixed",
  },
  {
    name: "every park starts an asynchronous wait of its own",
    find: "if (this.#pendingWait !== null) {",
    replace: "if (false) {",
    model: "parkAsyncReused",
  },
  {
    name: "an asynchronous wait is forgotten when its park is cancelled",
    find: "cancelPark() {",
    replace: "cancelPark() {\n        this.#pendingWait = null;",
    model: "parkAsyncReused",
  },
  {
    name: "a wait that ended is taken for one that is outstanding",
    find: "            this.#pendingWait = null;\n",
    replace: "",
    model: "parkAsyncReused",
  },
];

const lockBugs: readonly PlantedBug[] = [
  {
    name: "unlock never notifies",
    file: "memory/mutex",
    find: "if (before === CONTENDED)",
    replace: "if (false)",
    model: "mutex",
  },
  {
    name: "a lock is taken in two steps",
    file: "memory/mutex",
    find: "return Atomics.exchange(this.#words, this.#index, CONTENDED) !== FREE;",
    replace: `const before = Atomics.load(this.#words, this.#index);
        Atomics.store(this.#words, this.#index, CONTENDED);
        return before !== FREE;`,
    model: "mutex",
  },
  {
    name: "the count of signals is read after the mutex was released",
    file: "memory/condition",
    find: "const wasSignalled = sleepWhile(this.#words, this.#index, seen, budget);",
    replace:
      "const wasSignalled = sleepWhile(this.#words, this.#index, Atomics.load(this.#words, this.#index), budget);",
    model: "condition",
  },
  {
    name: "release looks for waiters before it adds the permit",
    file: "memory/semaphore",
    find: `Atomics.add(this.#words, this.#permits, permits);
        if (Atomics.load(this.#words, this.#waiters) > 0)`,
    replace: `const waiters = Atomics.load(this.#words, this.#waiters);
        Atomics.add(this.#words, this.#permits, permits);
        if (waiters > 0)`,
    model: "semaphore",
  },
  {
    name: "arrivals are counted in two steps",
    file: "memory/barrier",
    find: `if (Atomics.compareExchange(this.#words, this.#index, word, next) !== word)
                continue;`,
    replace: "Atomics.store(this.#words, this.#index, next);",
    model: "barrier",
  },
  {
    name: "the last count wakes nobody",
    file: "memory/latch",
    find: "if (before === 1)",
    replace: "if (before === 0)",
    model: "latch",
  },
];

function inFile(file: string, bugs: readonly Omit<PlantedBug, "file">[]): PlantedBug[] {
  return bugs.map((bug) => ({ ...bug, file: `memory/${file}` }));
}

export const plantedBugs: readonly PlantedBug[] = [
  ...inFile("frame-ring-producer", producerBugs),
  ...inFile("frame-ring-consumer", consumerBugs),
  ...inFile("dirty-bits", dirtyBugs),
  ...inFile("doorbell", doorbellBugs),
  ...lockBugs,
];
