import type { PlantedBug } from "./planted-bugs.ts";

const PUSH = `        this.#words[this.#first + FIRST_ENTRY + (this.#tail & this.#mask)] = slot;
        this.#tail = (this.#tail + 1) | 0;`;

const FAIL = "return this.#end(slot, TREE_FAILED, generation);";

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
    name: "a tree's end is decided without a compare",
    find: "if (Atomics.compareExchange(this.#words, at, state, (state & ~STATE_MASK) | last) === state)",
    replace: "if (Atomics.store(this.#words, at, (state & ~STATE_MASK) | last) !== -1)",
    model: "treeTimeoutAgainstReuse",
  },
  {
    name: "the zero acks the tree whatever was decided before",
    find: "this.#end(slot, TREE_ACKED);",
    replace: `const state = Atomics.load(words, at + STATE);
        Atomics.store(words, at + STATE, (state & ~STATE_MASK) | TREE_ACKED);`,
    model: "treeAckFail",
  },
  {
    name: "two threads may both fail a tree",
    find: FAIL,
    replace: `const isLive = this.isLive(slot, generation);
        this.#end(slot, TREE_FAILED, generation);
        return isLive;`,
    model: "treeFailFail",
  },
  {
    name: "a tree is failed whatever its generation",
    find: FAIL,
    replace: "return this.#end(slot, TREE_FAILED);",
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
    find: "if (!goesOn && !slots.fail(slot, generation))",
    replace: "if (!goesOn && !slots.fail(slot, slots.generationOf(slot)))",
    model: "treeTimeoutAgainstReuse",
  },
];
