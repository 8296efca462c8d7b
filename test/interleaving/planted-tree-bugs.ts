import type { PlantedBug } from "./planted-bugs.ts";

const PUSH = `        this.#words[this.#first + FIRST_ENTRY + (this.#tail & this.#mask)] = slot;
        this.#tail = (this.#tail + 1) | 0;`;

const FAILABLE = "if (state >> STATE_BITS !== generation || !isPending(state & STATE_MASK))";

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
    name: "who holds some of what lives counts down without the others",
    find: "if (words[at + LIVE_COUNT] === -delta) {",
    replace: `if (words[at + LIVE_COUNT] >= 2) {
            words[at + LIVE_COUNT] += delta;
            return false;
        }
        if (words[at + LIVE_COUNT] === -delta) {`,
    model: "treeAckAck",
  },
  {
    name: "a tree's failure is decided without a compare",
    find: "if (Atomics.compareExchange(this.#words, at, state, failed) === state)",
    replace: "if (Atomics.store(this.#words, at, failed) === failed)",
    model: "treeFailFail",
  },
  {
    name: "the owner acks the tree whatever was decided before",
    find: "if (this.stateOf(slot) === TREE_FAILED)",
    replace: "if (false)",
    model: "treeAckFail",
  },
  {
    name: "two threads may both fail a tree",
    find: FAILABLE,
    replace: "if (state >> STATE_BITS !== generation)",
    model: "treeFailFail",
  },
  {
    name: "a tree is failed whatever its generation",
    find: FAILABLE,
    replace: "if (!isPending(state & STATE_MASK))",
    model: "treeTimeoutAgainstReuse",
  },
  {
    name: "a tree lives before its tuples are counted",
    find: "        words[at + LIVE_COUNT] = count;\n",
    replace: `        words[at + STATE] = (generation << STATE_BITS) | TREE_LIVE;
        words[at + LIVE_COUNT] = count;
`,
    model: "treeOpenAgainstLook",
  },
  {
    name: "the acker moves a tree's progress without a look at what it is by now",
    find: "Atomics.compareExchange(this.#words, wordOf(slot) + PROGRESS, seenMs, nowMs);",
    replace: "this.#words[wordOf(slot) + PROGRESS] = nowMs;",
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
    find: "const from = begin + (this.#head & this.#mask);",
    replace: "const from = begin + this.#head;",
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
