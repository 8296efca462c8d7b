import type { FromAcker } from "../../src/engine/acker/acker-protocol.ts";
import type { CompletionRing } from "../../src/memory/completion-ring.ts";
import type { TreeSlots } from "../../src/memory/tree-slots.ts";
import { expect, type Model, type Stage } from "./model.ts";

const ZEROS = 0;
const FAILS = 1;
const DONE = 2;
const TUPLES_EACH = 3;
const TIMEOUT_MS = 100;
const LATE_MS = 1000;
/** Not the first one: what was never written looks like 0. */
const SLOT = 3;
/** Control word by which one thread hands a tuple to the other: how many trees it may know. */
const HANDED = 0;

function slotsOf(stage: Stage): TreeSlots {
  const words = wordsOf(stage, 0).subarray(0, stage.subjects.allocateTreeSlots(SLOT + 1).length);
  return new stage.subjects.TreeSlots(stage.lockstep.steppedWords(words));
}

function ringOf(stage: Stage, capacity: number): CompletionRing {
  return new stage.subjects.CompletionRing(wordsOf(stage, 1), 0, capacity);
}

function wordsOf(stage: Stage, ring: number): Int32Array {
  return new Int32Array(stage.rings[ring]!);
}

/** Fresh slots, the first of them with one tree of so many tuples. */
function prepareTree(copies: number): (stage: Stage) => void {
  return (stage) => {
    for (let ring = 0; ring < stage.rings.length; ring++) wordsOf(stage, ring).fill(0);
    if (copies > 0) slotsOf(stage).open(0, copies, 0, 1);
  };
}

/** Gives up one tuple, as a thread's ledger does it. */
function giveUp(stage: Stage, slots: TreeSlots, nowMs = 1, slot = 0): boolean {
  const isZero = slots.add(slot, -1, nowMs);
  if (isZero) stage.log[ZEROS]! += 1;
  return isZero;
}

/** Both threads hold tuples of one tree. */
function lastTuples(first: "ack" | "fail", second: "ack" | "fail"): Model {
  const program = (way: "ack" | "fail") => (stage: Stage) => {
    const slots = slotsOf(stage);
    return () => {
      if (way === "fail" && slots.fail(0, 1)) stage.log[FAILS]! += 1;
      for (let tuple = 0; tuple < TUPLES_EACH; tuple++) giveUp(stage, slots);
    };
  };
  const fails = Number(first === "fail") + Number(second === "fail");
  return {
    preemptionsMax: 4,
    mortalThreads: 0,
    prepare: prepareTree(2 * TUPLES_EACH),
    programs: [program(first), program(second)],
    check(stage) {
      const slots = slotsOf(stage);
      expect(stage.log[ZEROS] === 1, `the tree comes to zero once, not ${stage.log[ZEROS]} times`);
      expect(stage.log[FAILS] === Math.min(1, fails), `it fails once, not ${stage.log[FAILS]} times`);
      expect(slots.isDone(0) === (fails === 0), `it ends in state ${slots.stateOf(0)}`);
      expect(slots.hasFailed(0, 1) === fails > 0, "it has failed if somebody failed it");
      expect(slots.freeIfAcked(0) === (fails === 0), "its owner does not take a failed tree for an acked one");
      expect(slots.liveCountOf(0) === 0, "no tuple is left");
    },
  };
}

/**
 * The acker finds a tree late while its last tuple is acked, and its slot given to the next tree.
 *
 * @param held what the threads answer when the acker asks how many tuples of it their tasks hold
 */
function timeoutAgainstReuse(held: number): Model {
  return {
    preemptionsMax: 4,
    mortalThreads: 0,
    prepare: prepareTree(1),
    programs: [
      (stage) => {
        const slots = slotsOf(stage);
        const failed: number[] = [];
        const inbox: FromAcker[] = [];
        const acker = new stage.subjects.Acker({
          messageTimeoutMs: TIMEOUT_MS,
          messageLifetimeMs: LATE_MS * 10,
          timeoutFrom: "progress",
          settleTimeoutMs: 1,
          stallReportMs: 1000,
          slots,
          threadCount: 1,
          treeNowMs: () => LATE_MS,
          post: (_thread, message) => inbox.push(message),
        });
        return () => {
          acker.check();
          const question = inbox.shift();
          if (question?.type !== "whoHolds") return;
          const trees = question.trees.map((tree) => ({ ...tree, count: held, component: "b", taskId: 1 }));
          acker.receive(0, { type: "held", round: question.round, trees });
          for (const message of inbox) if (message.type === "treesFailed") failed.push(message.trees[0]!.generation);
          expect(failed.length <= 1 && failed.every((generation) => generation === 1), `failed: ${failed}`);
          stage.log[FAILS] = failed.length;
        };
      },
      (stage) => {
        const slots = slotsOf(stage);
        return () => {
          expect(giveUp(stage, slots, LATE_MS - 1), "its only tuple brings the tree to zero");
          if (!slots.freeIfAcked(0)) return;
          slots.open(0, 1, LATE_MS, 1);
          stage.log[DONE] = 1;
        };
      },
    ],
    check(stage) {
      const slots = slotsOf(stage);
      const isReused = stage.log[DONE] === 1;
      // If the acker decides at the moment when the owner frees the slot, the owner has acked the tree all the same.
      expect(isReused || stage.log[FAILS] === 1, "the tree is acked or failed");
      if (!isReused) return;
      expect(slots.isLive(0, 2), "the next tree lives");
      expect(slots.progressOf(0) === LATE_MS, `the next tree is young, not from ${slots.progressOf(0)}`);
    },
  };
}

/** One thread opens a tree while the acker looks at its slot. */
const openAgainstLook: Model = {
  preemptionsMax: 4,
  mortalThreads: 3,
  prepare: prepareTree(0),
  programs: [
    (stage) => {
      const slots = slotsOf(stage);
      return () => void slots.open(0, 3, LATE_MS, 7);
    },
    (stage) => {
      const slots = slotsOf(stage);
      return () => {
        if (!slots.isLive(0, 1)) return;
        expect(slots.liveCountOf(0) === 3, "a tree that is seen to live has its tuples counted");
        expect(slots.emittedOf(0) === LATE_MS && slots.attemptOf(0) === 7, "and its time and attempt");
      };
    },
  ],
};

/** The acker wants to note that a tree is not late, while a thread notes progress of it. */
const touchAgainstProgress: Model = {
  preemptionsMax: 4,
  mortalThreads: 0,
  prepare: prepareTree(1 + TUPLES_EACH),
  programs: [
    (stage) => {
      const slots = slotsOf(stage);
      return () => {
        for (let look = 0; look < TUPLES_EACH; look++) {
          const seenMs = slots.progressOf(0);
          if (slots.isLive(0, 1) && seenMs < LATE_MS) slots.tryTouch(0, seenMs, seenMs + 1);
        }
      };
    },
    (stage) => {
      const slots = slotsOf(stage);
      return () => {
        for (let tuple = 0; tuple < TUPLES_EACH; tuple++) giveUp(stage, slots, LATE_MS + tuple);
      };
    },
  ],
  check(stage) {
    expect(slotsOf(stage).progressOf(0) === LATE_MS + TUPLES_EACH - 1, "progress is not set back");
  },
};

/** One slot, one place in the ring: trees one after the other, each completed by the other thread. */
function completions(trees: number, mortalThreads = 0): Model {
  return {
    preemptionsMax: mortalThreads === 0 ? 3 : 2,
    mortalThreads,
    prepare: prepareTree(0),
    programs: [
      (stage) => {
        const { lockstep, control } = stage;
        const slots = slotsOf(stage);
        const ring = ringOf(stage, 1);
        const take = (words: Int32Array, from: number, to: number) => {
          expect(to === from + 1 && words[from] === SLOT, `entry ${words[from]} is the slot`);
          expect(slots.isDone(SLOT), "a tree that is said to be done is done");
          expect(slots.freeIfAcked(SLOT), "and acked");
          stage.log[DONE]! += 1;
        };
        return () => {
          for (let tree = 1; tree <= trees; tree++) {
            slots.open(SLOT, 1, tree, 1);
            Atomics.store(control, HANDED, tree);
            const isDone = lockstep.until(() => ring.drain(take) > 0);
            if (!isDone && lockstep.isOtherDead) return;
            expect(isDone && stage.log[DONE] === tree, `tree ${tree} comes back once`);
          }
        };
      },
      (stage) => {
        const { lockstep, control } = stage;
        const slots = slotsOf(stage);
        const ring = ringOf(stage, 1);
        return () => {
          for (let tree = 1; tree <= trees; tree++) {
            if (!lockstep.until(() => Atomics.load(control, HANDED) === tree)) return;
            if (giveUp(stage, slots, 1, SLOT)) ring.push(SLOT);
            ring.publish();
          }
        };
      },
    ],
    check({ log }) {
      expect(log[DONE]! <= log[ZEROS]!, "no tree comes back that is not done");
      if (mortalThreads === 0) expect(log[DONE] === trees, "every tree comes back");
    },
  };
}

/** Entries are pushed and shown while the other side drains: each comes out once, in order. */
const completionsWhileDraining: Model = {
  preemptionsMax: 4,
  mortalThreads: 0,
  prepare: prepareTree(0),
  programs: [
    (stage) => {
      const ring = ringOf(stage, 4);
      const taken: number[] = [];
      const take = (words: Int32Array, from: number, to: number) => {
        for (let at = from; at < to; at++) {
          taken.push(words[at]!);
          stage.lockstep.step();
        }
      };
      return () => {
        const hasAll = () => {
          ring.drain(take);
          return taken.length >= 4;
        };
        expect(stage.lockstep.until(hasAll), "every entry comes");
        expect(taken.join() === "0,1,2,3", `in order, not ${taken}`);
      };
    },
    (stage) => {
      const ring = ringOf(stage, 4);
      return () => {
        for (let slot = 0; slot < 4; slot++) {
          ring.push(slot);
          if (slot !== 1) ring.publish();
        }
      };
    },
  ],
};

export const treeModels: Record<string, Model> = {
  treeAckAck: lastTuples("ack", "ack"),
  treeAckFail: lastTuples("ack", "fail"),
  treeFailFail: lastTuples("fail", "fail"),
  treeOpenAgainstLook: openAgainstLook,
  treeTouchAgainstProgress: touchAgainstProgress,
  treeTimeoutAgainstReuse: timeoutAgainstReuse(1),
  treeQueuedAgainstReuse: timeoutAgainstReuse(0),
  treeCompletions: completions(3),
  treeCompletionsDrained: completionsWhileDraining,
  treeOwnerDies: completions(2, 1),
  treeBoltDies: completions(2, 2),
};
