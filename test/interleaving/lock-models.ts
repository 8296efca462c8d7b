import { expect, type Model, type Stage } from "./model.ts";

const ROUNDS = 2;
const VALUE = 0;
const INSIDE = 1;
const TAKEN = 2;

/** Both threads run the same program. */
function symmetric(program: (stage: Stage, thread: number) => void, check: (stage: Stage) => void): Model {
  return {
    preemptionsMax: 3,
    mortalThreads: 0,
    programs: [(stage) => () => program(stage, 0), (stage) => () => program(stage, 1)],
    check,
  };
}

/** Adds to a plain word with a scheduling point in the middle, which only works alone. */
function addAlone({ log, lockstep }: Stage): void {
  expect(log[INSIDE] === 0, "nobody else is inside");
  log[INSIDE] = 1;
  const value = log[VALUE]!;
  lockstep.step();
  log[VALUE] = value + 1;
  log[INSIDE] = 0;
}

function expectAllAdded({ log }: Stage): void {
  expect(log[VALUE] === 2 * ROUNDS, "every addition counts");
}

export const lockModels: Record<string, Model> = {
  mutex: symmetric((stage) => {
    const mutex = new stage.subjects.Mutex(stage.control, 0);
    for (let round = 0; round < ROUNDS; round++) {
      expect(mutex.lock(), "the lock is got");
      addAlone(stage);
      mutex.unlock();
    }
  }, expectAllAdded),

  semaphore: {
    ...symmetric((stage) => {
      const semaphore = new stage.subjects.Semaphore(stage.control, 0);
      for (let round = 0; round < ROUNDS; round++) {
        expect(semaphore.acquire(), "the permit is got");
        addAlone(stage);
        semaphore.release();
      }
    }, expectAllAdded),
    prepare: ({ control }) => void Atomics.store(control, 0, 1),
  },

  /** A box for one item: thread 0 puts, thread 1 takes. */
  condition: symmetric(
    (stage, thread) => {
      const { log } = stage;
      const mutex = new stage.subjects.Mutex(stage.control, 0);
      const changed = new stage.subjects.Condition(stage.control, 1);
      for (let round = 1; round <= ROUNDS; round++) {
        mutex.lock();
        while ((log[VALUE] !== 0) === (thread === 0)) changed.wait(mutex);
        if (thread === 1) log[TAKEN]! += log[VALUE]!;
        log[VALUE] = thread === 0 ? round : 0;
        changed.notifyOne();
        mutex.unlock();
      }
    },
    ({ log }) => expect(log[TAKEN] === 3, "every item is taken once"),
  ),

  barrier: symmetric(
    ({ subjects, control, log }, thread) => {
      const barrier = new subjects.Barrier(control, 0, 2);
      for (let round = 1; round <= 3; round++) {
        log[thread] = round;
        barrier.wait();
        expect(log[1 - thread]! >= round, "the other arrived before we went on");
        barrier.wait();
      }
    },
    ({ log }) => expect(log[0] === 3 && log[1] === 3, "all rounds were made"),
  ),

  latch: {
    preemptionsMax: 5,
    mortalThreads: 0,
    prepare: ({ subjects, control }) => new subjects.Latch(control, 0).reset(2),
    programs: [
      ({ subjects, control, log }) =>
        () => {
          const latch = new subjects.Latch(control, 0);
          expect(latch.wait(), "the gate opens");
          expect(log[VALUE] === 2, "not before the count is 0");
        },
      ({ subjects, control, log }) =>
        () => {
          const latch = new subjects.Latch(control, 0);
          for (let count = 1; count <= 2; count++) {
            log[VALUE] = count;
            latch.countDown();
          }
        },
    ],
  },
};
