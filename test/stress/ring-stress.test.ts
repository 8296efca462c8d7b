import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { resetRing } from "../../src/memory/ring-layout.ts";
import { allocateControl } from "../../src/memory/run-memory.ts";
import { RING_WORD, STRESS_CONTROL_WORDS, type StressReport, type StressThreadData } from "./stress-thread-data.ts";

/**
 * Goal:   frames of any length reach the other thread once, in order and whole, at any relative speed of the two.
 * Method: real threads, every frame checked, random stalls on both sides. STRESS_FRAMES=100000000 is the long form;
 *         SEED repeats a run's lengths and stalls (not the timing of the threads).
 */
const FRAMES = Number(process.env.STRESS_FRAMES ?? 2_500_000);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

interface PairOptions {
  readonly ringBytes: number;
  readonly frames: number;
  readonly seed: number;
  readonly position: number;
  readonly waiting: StressThreadData["waiting"];
}

/** Runs one ring with its two threads to the end of the stream. */
async function runPair(options: PairOptions): Promise<{ producer: StressReport; consumer: StressReport }> {
  const control = allocateControl(STRESS_CONTROL_WORDS);
  resetRing(control, RING_WORD, options.position);
  const data = new SharedArrayBuffer(options.ringBytes);
  const { seed, frames, waiting } = options;
  const start = (role: StressThreadData["role"]) => {
    const workerData: StressThreadData = { role, control, data, seed, frames, waiting };
    return new Worker(new URL("stress-thread.js", import.meta.url), { workerData });
  };
  const workers = [start("producer"), start("consumer")];
  try {
    const [producer, consumer] = await Promise.all(
      workers.map(
        (worker) =>
          new Promise<StressReport>((resolve, reject) => worker.once("message", resolve).once("error", reject)),
      ),
    );
    return { producer: producer!, consumer: consumer! };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function share(part: number): number {
  return Math.max(1000, Math.floor(FRAMES * part));
}

const variants: readonly (Omit<PairOptions, "seed"> & { readonly name: string })[] = [
  { name: "large ring", ringBytes: 2 ** 18, frames: share(0.3), position: 0, waiting: "spin" },
  {
    name: "large ring, parking",
    ringBytes: 2 ** 18,
    frames: share(0.2),
    position: 2 ** 32 - 2 ** 20,
    waiting: "park",
  },
  {
    name: "smallest ring, across 2^31",
    ringBytes: 1024,
    frames: share(0.15),
    position: 2 ** 31 - 4096,
    waiting: "spin",
  },
  {
    name: "smallest ring, parking, across 2^32",
    ringBytes: 1024,
    frames: share(0.1),
    position: 2 ** 32 - 4096,
    waiting: "park",
  },
];

for (const [index, variant] of variants.entries()) {
  test(`ring stress: ${variant.name}`, async (t) => {
    const seed = SEED + index;
    t.diagnostic(`SEED=${SEED}: ${variant.frames} frames`);
    const startMs = performance.now();
    const { producer, consumer } = await runPair({ ...variant, seed });
    const seconds = (performance.now() - startMs) / 1000;
    t.diagnostic(`${seconds.toFixed(2)} s, parked ${producer.parks} and ${consumer.parks} times`);
    if (variant.ringBytes === 1024 && variant.frames >= 100_000) {
      // Frames span 8 to 512 bytes, so one may not fit any more from 520 on, every 8 bytes up to the very end at
      // 1024.
      assert.equal(producer.wrapOffsets, 64, "the ring wrapped at every offset at which it can");
    }
  });
}

test("ring stress: more threads than cores", async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const pairs = [2048, 8192, 2 ** 16].map((ringBytes, pair) =>
    runPair({
      ringBytes,
      frames: share(0.08),
      seed: SEED + 100 + pair,
      position: 2 ** 31 - 2 ** 15,
      waiting: "park",
    }),
  );
  const reports = await Promise.all(pairs);
  t.diagnostic(`parked ${reports.map(({ producer, consumer }) => producer.parks + consumer.parks).join(", ")} times`);
});
