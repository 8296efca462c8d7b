import type { PlantedBug } from "./planted-bugs.ts";

const PUSH = `        this.#words[this.#first + FIRST_ENTRY + (this.#tail & this.#mask)] = slot;
        this.#tail = (this.#tail + 1) | 0;`;

const STATE_WORD = "slot * WORDS_PER_SLOT + STATE";
const FAIL = `return Atomics.compareExchange(this.#words, ${STATE_WORD}, expected, failed) === expected;`;

const slotBugs: readonly Omit<PlantedBug, "file">[] = [
  {
    name: "a live count is changed in two steps",
    find: "const count = Atomics.add(words, at + LIVE_COUNT, delta) + delta;",
    replace: `const count = Atomics.load(words, at + LIVE_COUNT) + delta;
        Atomics.store(words, at + LIVE_COUNT, count);`,
    model: "treeAckAck",
  },
  {
    name: "a live count is looked at again after it was changed",
    find: "const count = Atomics.add(words, at + LIVE_COUNT, delta) + delta;",
    replace: `Atomics.add(words, at + LIVE_COUNT, delta);
        const count = Atomics.load(words, at + LIVE_COUNT);`,
    model: "treeAckAck",
  },
  {
    name: "the zero acks the tree without a compare",
    find: "Atomics.compareExchange(words, at + STATE, state, (state",
    replace: "Atomics.store(words, at + STATE, (state",
    model: "treeTimeoutAgainstReuse",
  },
  {
    name: "a tree is seen to live, and failed after that",
    find: FAIL,
    replace: `if (Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE) !== expected)
            return false;
        Atomics.store(this.#words, slot * WORDS_PER_SLOT + STATE, failed);
        return true;`,
    model: "treeTimeoutAgainstReuse",
  },
  {
    name: "two threads may both fail a tree",
    find: FAIL,
    replace: `const before = Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE);
        Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + STATE, expected, failed);
        return before === expected;`,
    model: "treeFailFail",
  },
  {
    name: "a tree is failed whatever its generation",
    find: "const expected = (generation << STATE_BITS) | TREE_LIVE;\n        const failed",
    replace: `generation = this.generationOf(slot);
        const expected = (generation << STATE_BITS) | TREE_LIVE;
        const failed`,
    model: "treeTimeoutAgainstReuse",
  },
  {
    name: "a tree lives before its tuples are counted",
    find: "        Atomics.store(words, at + LIVE_COUNT, count);\n",
    replace: `        Atomics.store(words, at + STATE, (generation << STATE_BITS) | TREE_LIVE);
        Atomics.store(words, at + LIVE_COUNT, count);
`,
    model: "treeOpenAgainstLook",
  },
  {
    name: "the acker moves a tree's progress without a look at what it is by now",
    find: "Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + PROGRESS, seenMs, nowMs);",
    replace: "this.#words[slot * WORDS_PER_SLOT + PROGRESS] = nowMs;",
    model: "treeQueuedAgainstReuse",
  },
];

const ringBugs: readonly Omit<PlantedBug, "file">[] = [
  {
    name: "an entry is shown before it is written",
    find: PUSH,
    replace: `        Atomics.store(this.#words, this.#first + TAIL, (this.#tail + 1) | 0);
        Atomics.load(this.#words, this.#first + TAIL);
${PUSH}`,
    model: "treeCompletionsDrained",
  },
  {
    name: "entries that come during a drain are taken for drained",
    find: "this.#head = tail;",
    replace: "this.#head = Atomics.load(this.#words, this.#first + TAIL);",
    model: "treeCompletionsDrained",
  },
  {
    name: "a drain does not move on",
    find: "this.#head = tail;",
    replace: "",
    model: "treeCompletions",
  },
  {
    name: "places do not wrap",
    find: "take(this.#words[this.#first + FIRST_ENTRY + (head & this.#mask)]);",
    replace: "take(this.#words[this.#first + FIRST_ENTRY + head]);",
    model: "treeCompletions",
  },
];

export const plantedTreeBugs: readonly PlantedBug[] = [
  ...slotBugs.map((bug) => ({ ...bug, file: "memory/tree-slots" })),
  ...ringBugs.map((bug) => ({ ...bug, file: "memory/completion-ring" })),
  {
    name: "the acker gives up whatever tree is in the slot by then",
    file: "engine/acker/acker",
    find: "if (!this.#parts.slots.fail(slot, generation))",
    replace: "if (!this.#parts.slots.fail(slot, this.#parts.slots.generationOf(slot)))",
    model: "treeTimeoutAgainstReuse",
  },
];
