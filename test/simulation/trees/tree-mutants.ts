import type { SourceBug } from "../../interleaving/planted-sources.ts";

const GIVE_UP = `        const end = rootsEnd(batch, row);
        for (let at = rootsStart(batch, row); at < end; at += 2) {
            if (roots[at] !== STRUCK)
                tracking.ledger.add(roots[at], -1);
        }
`;

const rowBookMutants: readonly Omit<SourceBug, "file">[] = [
  {
    name: "a tuple's share is given up before its tree is failed",
    find: `        if (failure !== null)
            this.failTreesOf(batch, row, failure.error);
${GIVE_UP}`,
    replace: `${GIVE_UP}        tracking.flush();
        if (failure !== null)
            this.failTreesOf(batch, row, failure.error);
`,
  },
  {
    name: "a failed tree is struck off open tuples, and its share is kept",
    find: "this.#tracking.ledger.add(slot, -1);",
    replace: "",
  },
  {
    name: "a dead tree is struck off waiting tuples, and its share is kept",
    find: "                tracking.ledger.add(slot, -1);\n                dead++;",
    replace: "                dead++;",
  },
  {
    name: "what expires is found by its slot, whatever its generation",
    find: "if (trees.get(slot) !== roots[at + 1]) {",
    replace: "if (!trees.has(slot)) {",
  },
  {
    name: "a second ack is not noticed",
    find: "if (isEnded(before)) {\n            const error",
    replace: "if (false) {\n            const error",
  },
  {
    name: "a second ack throws, and its tree goes on",
    find:
      "            this.failTreesOf(batch, row, error);\n            throw error;\n        }\n" +
      "        return this.#close",
    replace: "            throw error;\n        }\n        return this.#close",
  },
  {
    name: "an emit anchored to a finished tuple throws, and the tree goes on",
    find:
      "            this.failTreesOf(batch, row, error);\n            throw error;\n        }\n" +
      "        set?.addRow",
    replace: "            throw error;\n        }\n        set?.addRow",
  },
  {
    name: "a basic bolt's ack gives up shares of trees that were struck off",
    find: "if (given !== STRUCK)\n            ledger.add(given, -count);",
    replace: "ledger.add(Math.max(0, given), -count);",
  },
  {
    name: "a late ack of an expired tuple is taken for one in time",
    find: "if (before === ROW_EXPIRED) {",
    replace: "if (false) {",
  },
  {
    name: "settled tuples count as held",
    find: "if (batch.rowStates[row] !== ROW_OPEN)\n                    continue;",
    replace: "",
  },
];

export const treeMutants: readonly SourceBug[] = [
  ...rowBookMutants.map((mutant) => ({ ...mutant, file: "engine/executor/row-book" })),
  {
    name: "the ledger is not emptied before tuples reach another thread",
    file: "engine/executor/ring-link",
    find: "if (batch.roots !== null)\n            this.#beforeRoots();",
    replace: "",
  },
  {
    name: "acks go out at once while the emits before them wait in the ledger",
    file: "engine/executor/tree-ledger",
    find: "    add(slot, delta) {\n",
    replace: `    add(slot, delta) {
        if (delta < 0) {
            if (this.#parts.slots.add(slot, delta, this.#parts.treeNowMs()))
                this.#parts.completed(slot);
            return;
        }
`,
  },
  {
    name: "copies are counted after they were handed out",
    file: "engine/executor/stream-route",
    find: "        rooting.begin(targets.length);\n        let copies = 0;",
    replace: `        let copies = 0;
        const isLate = "hadRoots" in rooting;
        if (isLate) {
            for (const target of targets)
                target.appendRooted(values, rooting.pairs, rooting.pairCount);
            copies = targets.length;
        }
        rooting.begin(targets.length);`,
  },
  {
    name: "the only copy is counted after it was handed out",
    file: "engine/executor/outlet",
    find: "        rooting.begin(1);\n",
    replace: `        if ("hadRoots" in rooting) {
            addRoots(batch, rooting.pairs, rooting.pairCount);
            this.#ship();
            rooting.begin(1);
            return;
        }
        rooting.begin(1);\n`,
  },
  {
    name: "an emit that is broken off leaves the copies counted that it did not make",
    file: "engine/executor/stream-route",
    find: "rooting.takeBack(targets.length - copies);",
    replace: "{}",
  },
  {
    name: "a tuple with two ways back to one tree counts twice in it",
    file: "engine/executor/anchor-set",
    find: "            if (pairs[pair * 2] === slot)\n                return;\n",
    replace: "            {}\n",
  },
  {
    name: "a tuple is anchored to trees that were struck off its anchor",
    file: "engine/executor/anchor-set",
    find: "if (roots[at] !== STRUCK)\n                this.#add(roots[at], roots[at + 1]);",
    replace: "this.#add(Math.max(0, roots[at]), roots[at + 1]);",
  },
  {
    name: "only the first anchor's trees count",
    file: "engine/executor/anchor-set",
    find: "        if (roots === null)\n            return;\n",
    replace: "        if (roots === null || this.pairCount > 0)\n            return;\n",
  },
  {
    name: "a slot is free as soon as its tree has failed, whoever still holds tuples of it",
    file: "engine/executor/pending-trees",
    find: "        this.#hear(place, FAILURE_HEARD, nowMs);\n",
    replace: "        this.#heard[place] |= FAILURE_HEARD;\n        this.#release(place);\n",
  },
  {
    name: "a slot is free as soon as its count is zero, whoever has yet to tell that its tree failed",
    file: "engine/executor/pending-trees",
    find: "        this.#hear(place, ZERO_HEARD, nowMs);\n",
    replace: "        this.#release(place);\n",
  },
  {
    name: "a failure is told twice",
    file: "engine/executor/pending-trees",
    find: "        this.#settle(place, nowMs, failure);\n        this.#hear",
    replace:
      "        this.#settle(place, nowMs, failure);\n" +
      "        this.#outcomes.push(this.#outcomes.at(-1));\n        this.#hear",
  },
  {
    name: "a tree fails whatever the generation of what is told of its slot",
    file: "memory/tree-slots",
    find: "if (state >> STATE_BITS !== generation || !isPending(state & STATE_MASK))",
    replace: "if (!isPending(state & STATE_MASK))",
  },
  {
    name: "the zero of a failed tree acks it",
    file: "memory/tree-slots",
    find: "if (this.stateOf(slot) === TREE_FAILED)",
    replace: "if (false)",
  },
  {
    name: "a completed tree is noted and never shown to its owner",
    file: "engine/executor/tracking",
    find: "            ring.publish();\n",
    replace: "",
  },
  {
    name: "a thread that has no sources is not told which trees failed",
    file: "engine/executor/tracking",
    find: "        for (const holder of this.#holders)\n            holder.expire(bySlot);",
    replace: `        if (this.#pending.some((each) => each !== null))
            for (const holder of this.#holders)
                holder.expire(bySlot);`,
  },
  {
    name: "time is up for a tree that has moved while the acker asked",
    file: "engine/acker/acker",
    find:
      "if (msBetween(sinceMs, progressMs) >= 0)\n            return;\n" +
      "        // Its time may have been that of the slot's tenant before it.\n" +
      "        if (msBetween(progressMs, nowMs) < messageTimeoutMs)\n            return;",
    replace: "",
  },
];
