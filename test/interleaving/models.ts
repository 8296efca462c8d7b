import { lockModels } from "./lock-models.ts";
import type { Model } from "./model.ts";
import { parkModels } from "./park-models.ts";
import { ringModels } from "./ring-models.ts";
import { treeModels } from "./tree-models.ts";

const THREADS = 2;

/** Models of the explorer itself: their schedules can be counted by hand, and their fault is known. */
const selfModels: Record<string, Model> = {
  /** Three steps each: 6! / (3! 3!) = 20 schedules. */
  threeStepsEach: {
    preemptionsMax: 100,
    mortalThreads: 0,
    programs: [
      ({ lockstep }) =>
        () =>
          threeSteps(lockstep),
      ({ lockstep }) =>
        () =>
          threeSteps(lockstep),
    ],
  },

  /** The textbook race: right without preemptions, wrong with one. */
  lostUpdate: {
    preemptionsMax: 1,
    mortalThreads: 0,
    programs: [
      ({ control }) =>
        () =>
          addInTwoSteps(control),
      ({ control }) =>
        () =>
          addInTwoSteps(control),
    ],
    check({ control }) {
      const sum = Atomics.load(control, 0);
      if (sum !== THREADS) throw new Error(`lost update: ${sum}`);
    },
  },

  /** Thread 1 notes a step only if it lived to make it; `check` accepts both, so the explorer must find both. */
  death: {
    preemptionsMax: 0,
    mortalThreads: 2,
    programs: [
      () => () => {},
      ({ control }) =>
        () => {
          Atomics.store(control, 0, 1);
          Atomics.store(control, 0, 2);
        },
    ],
  },

  /** Sleeps on a word that nobody notifies. */
  sleeper: {
    preemptionsMax: 1,
    mortalThreads: 0,
    programs: [
      ({ control }) =>
        () =>
          void Atomics.wait(control, 0, 0),
      () => () => {},
    ],
  },
};

function threeSteps(lockstep: { step(): void }): void {
  for (let step = 0; step < 3; step++) lockstep.step();
}

function addInTwoSteps(control: Int32Array): void {
  Atomics.store(control, 0, Atomics.load(control, 0) + 1);
}

/** Everything that the explorer can run, by name. */
export const models: Record<string, Model> = {
  ...selfModels,
  ...ringModels,
  ...parkModels,
  ...lockModels,
  ...treeModels,
};
