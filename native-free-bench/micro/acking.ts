import { TreeLedger } from "../../src/engine/executor/tree-ledger.ts";
import { allocateTreeSlots, TreeSlots } from "../../src/memory/tree-slots.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";

const TREES = 256;
/** Tuples of a tree that come and go on one thread before it is told to the others. */
const TUPLES_PER_TREE = 10;

/**
 * What tracking pays, on one thread: the deltas of a ledger, and what they cost when they reach the shared counts.
 *
 *     ledger.add, add, add ... -> ledger.flush -> [slots]      threads: 1
 */
export const microAcking = benchmark({
  name: "micro-acking",
  question: "What does a tracked tuple cost its tree?",
  unit: "ns/operation",
  coresNeeded: 1,
  params: microParams,
  sides: {
    slotAdd: microSide("a delta straight to a slot", slotAdd),
    slotLife: microSide("open a slot, count it down, free it", slotLife),
    ledgerAdd: microSide("a delta to the ledger", ledgerAdd),
    ledgerFlush: microSide("one tree's delta from the ledger to its slot", ledgerFlush),
    treeOfTen: microSide("a tree of ten tuples: 20 deltas, one flush", treeOfTen),
  },
  bars: [],
});

function newSlots(): { slots: TreeSlots; ledger: TreeLedger; completed: () => number } {
  const slots = new TreeSlots(allocateTreeSlots(TREES));
  let completed = 0;
  const ledger = new TreeLedger({
    slots,
    treeNowMs: () => 1,
    notesProgress: true,
    completed: () => {
      completed++;
    },
  });
  return { slots, ledger, completed: () => completed };
}

function openAll(slots: TreeSlots): void {
  for (let slot = 0; slot < TREES; slot++) slots.open(slot, 1, 1, 1);
}

function expectCounts(slots: TreeSlots, count: number): void {
  for (let slot = 0; slot < TREES; slot++)
    if (slots.liveCountOf(slot) !== count)
      throw new Error(`slot ${slot} counts ${slots.liveCountOf(slot)}, not ${count}`);
}

function slotAdd(): MicroOperation {
  const { slots } = newSlots();
  openAll(slots);
  return {
    operations: 2 * TREES,
    run() {
      for (let slot = 0; slot < TREES; slot++) slots.add(slot, 1, 2);
      for (let slot = 0; slot < TREES; slot++) slots.add(slot, -1, 3);
    },
    verify: () => expectCounts(slots, 1),
  };
}

function slotLife(): MicroOperation {
  const { slots } = newSlots();
  let acked = 0;
  let runs = 0;
  return {
    operations: TREES,
    run() {
      runs++;
      openAll(slots);
      for (let slot = 0; slot < TREES; slot++) if (slots.add(slot, -1, 2)) acked++;
      for (let slot = 0; slot < TREES; slot++) slots.free(slot);
    },
    verify() {
      if (acked !== runs * TREES || runs === 0) throw new Error(`${acked} trees were acked in ${runs} runs`);
    },
  };
}

function ledgerAdd(): MicroOperation {
  const { slots, ledger } = newSlots();
  openAll(slots);
  return {
    operations: 2 * TREES,
    prepare: () => ledger.flush(),
    run() {
      for (let slot = 0; slot < TREES; slot++) ledger.add(slot, 1);
      for (let slot = 0; slot < TREES; slot++) ledger.add(slot, -1);
    },
    verify() {
      ledger.flush();
      expectCounts(slots, 1);
    },
  };
}

function ledgerFlush(): MicroOperation {
  const { slots, ledger } = newSlots();
  openAll(slots);
  let flushes = 0;
  return {
    operations: TREES,
    prepare() {
      for (let slot = 0; slot < TREES; slot++) ledger.add(slot, 1);
    },
    run() {
      flushes++;
      ledger.flush();
    },
    verify: () => expectCounts(slots, 1 + flushes),
  };
}

function treeOfTen(): MicroOperation {
  const { slots, ledger, completed } = newSlots();
  let trees = 0;
  return {
    operations: TREES,
    run() {
      openAll(slots);
      for (let slot = 0; slot < TREES; slot++) {
        for (let tuple = 1; tuple < TUPLES_PER_TREE; tuple++) ledger.add(slot, 1);
        for (let tuple = 0; tuple < TUPLES_PER_TREE; tuple++) ledger.add(slot, -1);
      }
      ledger.flush();
      for (let slot = 0; slot < TREES; slot++) if (slots.isDone(slot)) slots.free(slot);
      trees += TREES;
    },
    verify() {
      if (completed() !== trees || trees === 0) throw new Error(`${completed()} trees were completed of ${trees}`);
    },
  };
}
