import { benchmark } from "../harness/benchmark.ts";
import { passed, whileIdle } from "./programs/idle.ts";

/**
 * Ten tasks without work; processor time of the whole process, all threads of it:
 *
 *     [source] x 2 -> [relay] x 4 -> [sink] x 4      threads: 2 and main, all parked
 */
export const idleCpu = benchmark({
  name: "idle-cpu",
  question: "How much of a core does a topology use that has nothing to do?",
  unit: "% of one core",
  coresNeeded: 2,
  params: { smoke: { restMs: 50, observedMs: 100 }, full: { restMs: 1_000, observedMs: 3_000 } },
  sides: {
    ours: { title: "10 tasks on two workers", run: ({ restMs, observedMs }) => measureIdleCpu(restMs, observedMs) },
  },
  bars: [{ kind: "value", of: "ours", limit: { atMost: 1 } }],
});

async function measureIdleCpu(restMs: number, observedMs: number) {
  const value = await whileIdle(restMs, async () => {
    const startMs = performance.now();
    const before = process.cpuUsage();
    await passed(observedMs);
    const { user, system } = process.cpuUsage(before);
    return (100 * (user + system)) / 1_000 / (performance.now() - startMs);
  });
  return { value };
}
