import { expect, type Model, type Stage } from "./model.ts";
import { COMMITTED, DIRTY_WORD, FIRST_RING_WORD, RELEASED, readFrame, tryWriteFrame } from "./ring-models.ts";
import type { VirtualWait } from "./virtual-waits.ts";

const CONSUMER_BELL = 192;
const PRODUCER_BELL = 224;
const TIMEOUT_MS = 1000;
const LONG = 504;

type Bell = InstanceType<Stage["subjects"]["Doorbell"]>;

/** How the owner of a doorbell sleeps. */
type Sleep = "blocking" | "async" | "asyncReused" | "mixed";

/** Parks once, if nothing turns up in `lookAgain`. */
function park(stage: Stage, bell: Bell, sleep: Sleep, lookAgain: () => boolean): void {
  bell.prepareToPark();
  if (lookAgain()) {
    bell.cancelPark();
    return;
  }
  if (sleep === "blocking" || sleep === "mixed") {
    bell.parkBlocking(TIMEOUT_MS);
    return;
  }
  const parked = bell.parkAsync() as unknown as VirtualWait | null;
  if (parked !== null) stage.lockstep.awaitWait(parked);
  bell.cancelPark();
}

/** Leaves an asynchronous wait outstanding on a bell that is awake, as any thread does that once cancelled a park. */
function leaveOldWait(bell: Bell): void {
  bell.prepareToPark();
  bell.parkAsync();
  bell.cancelPark();
}

/** The producer commits, marks and rings; the consumer sleeps when it finds nothing. */
function parkModel(sleep: Sleep, sizes: readonly number[], mortalThreads = 0): Model {
  return {
    preemptionsMax: mortalThreads === 0 ? 3 : 2,
    mortalThreads,
    programs: [
      (stage) => {
        const { FrameRingProducer, DirtyBits, Doorbell } = stage.subjects;
        const producer = new FrameRingProducer(stage.control, FIRST_RING_WORD, stage.rings[0]!);
        const dirty = new DirtyBits(stage.control, DIRTY_WORD, 1);
        const bell = new Doorbell(stage.control, CONSUMER_BELL);
        return () => {
          for (const [seq, bytes] of sizes.entries()) {
            expect(tryWriteFrame(stage, producer, { seq, bytes }), "these frames never fill the ring");
            dirty.mark(0);
            bell.ring();
          }
        };
      },
      (stage) => {
        const { FrameRingConsumer, DirtyBits, Doorbell } = stage.subjects;
        const consumer = new FrameRingConsumer(stage.control, FIRST_RING_WORD, stage.rings[0]!);
        const dirty = new DirtyBits(stage.control, DIRTY_WORD, 1);
        const bell = new Doorbell(stage.control, CONSUMER_BELL);
        const drain = () => {
          while (consumer.tryPoll()) {
            const seq = stage.log[RELEASED]!;
            readFrame(stage, consumer, { seq, bytes: sizes[seq]! });
          }
        };
        const look = () => {
          if (dirty.take(0) === 0) return false;
          drain();
          return true;
        };
        return () => {
          if (sleep === "asyncReused" || sleep === "mixed") leaveOldWait(bell);
          for (;;) {
            stage.lockstep.settleWaits();
            look();
            if (stage.log[RELEASED]! >= sizes.length) return;
            park(stage, bell, sleep, look);
            if (!stage.lockstep.wasRescued) continue;
            drain(); // The supervisor's wake-up means: look at everything, bits or not.
            return;
          }
        };
      },
    ],
    check({ log }) {
      if (mortalThreads === 0) expect(log[RELEASED] === sizes.length, "every frame was delivered");
      expect(log[RELEASED] === log[COMMITTED], "a sleeper that is woken for a death finds all that was committed");
    },
  };
}

/** Both sides sleep: the producer when the ring is full, the consumer when it is empty. */
function fullRingModel(sleep: Sleep, mortalThreads = 0): Model {
  const sizes = [LONG, LONG, LONG];
  return {
    preemptionsMax: 2,
    mortalThreads,
    programs: [
      (stage) => {
        const { FrameRingProducer, Doorbell } = stage.subjects;
        const producer = new FrameRingProducer(stage.control, FIRST_RING_WORD, stage.rings[0]!);
        const ownBell = new Doorbell(stage.control, PRODUCER_BELL);
        const consumerBell = new Doorbell(stage.control, CONSUMER_BELL);
        return () => {
          for (const [seq, bytes] of sizes.entries()) {
            let isWritten = false;
            const attempt = () => {
              isWritten = isWritten || tryWriteFrame(stage, producer, { seq, bytes });
              return isWritten;
            };
            while (!attempt()) {
              park(stage, ownBell, sleep, attempt);
              if (stage.lockstep.wasRescued) return;
            }
            consumerBell.ring();
          }
        };
      },
      (stage) => {
        const { FrameRingConsumer, Doorbell } = stage.subjects;
        const consumer = new FrameRingConsumer(stage.control, FIRST_RING_WORD, stage.rings[0]!);
        const ownBell = new Doorbell(stage.control, CONSUMER_BELL);
        const producerBell = new Doorbell(stage.control, PRODUCER_BELL);
        return () => {
          while (stage.log[RELEASED]! < sizes.length) {
            if (!consumer.tryPoll()) {
              park(stage, ownBell, sleep, () => consumer.tryPoll());
              if (stage.lockstep.wasRescued && !consumer.tryPoll()) return;
              continue;
            }
            const seq = stage.log[RELEASED]!;
            readFrame(stage, consumer, { seq, bytes: sizes[seq]! });
            producerBell.ring();
          }
        };
      },
    ],
    check({ log }) {
      if (mortalThreads === 0) expect(log[RELEASED] === sizes.length, "every frame was delivered");
    },
  };
}

export const parkModels: Record<string, Model> = {
  parkBlocking: parkModel("blocking", [8, 0, 8]),
  parkAsync: parkModel("async", [8, 0]),
  parkAsyncReused: parkModel("asyncReused", [8, 0]),
  parkMixed: parkModel("mixed", [8, 0]),
  parkProducerDies: parkModel("blocking", [8, 0], 1),
  parkAsyncProducerDies: parkModel("asyncReused", [8], 1),
  fullRing: fullRingModel("blocking"),
  fullRingAsync: fullRingModel("async"),
  fullRingProducerDies: fullRingModel("blocking", 1),
  fullRingConsumerDies: fullRingModel("blocking", 2),
};
