import { execFileSync } from "node:child_process";
import { benchmark } from "../harness/benchmark.ts";

const MB = 1024 * 1024;
const WORKERS = 2;
/** Default of the option `ringBudgetBytes`. */
const RING_BUDGET_MB = 64;

/**
 * Resident memory of the process, against a Node that runs nothing:
 *
 *     bare: node -e      idle: ten parked tasks      loaded: the word count of `word-count`, highest of all samples
 */
export const memoryUse = benchmark({
  name: "memory-use",
  question: "How much memory does the engine take, at rest and at full load on two workers?",
  unit: "MB resident",
  coresNeeded: 2,
  params: { smoke: { restMs: 50, passes: 3 }, full: { restMs: 1_000, passes: 300 } },
  sides: {
    bare: { title: "Node alone", run: async () => ({ value: bareNodeBytes() / MB }) },
    idle: {
      title: "10 tasks, nothing to do",
      async run({ restMs }) {
        const { whileIdle } = await import("./programs/idle.ts");
        return { value: (await whileIdle(restMs, async () => process.memoryUsage.rss())) / MB };
      },
    },
    loaded: { title: "word count at full speed", run: ({ passes }) => measureLoaded(passes) },
  },
  bars: [
    { kind: "excess", of: "idle", above: "bare", limit: { atMost: 40 + 12 * WORKERS } },
    { kind: "excess", of: "loaded", above: "bare", limit: { atMost: 60 * WORKERS + RING_BUDGET_MB } },
  ],
});

function bareNodeBytes(): number {
  const program = "setTimeout(() => console.log(process.memoryUsage.rss()), 200)";
  return Number(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }));
}

async function measureLoaded(passes: number) {
  const { runWordCount } = await import("./programs/word-count.ts");
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 50);
  try {
    await runWordCount(WORKERS, { passes, warmupPasses: 1, parallelism: "auto" });
  } finally {
    clearInterval(timer);
  }
  return { value: Math.max(peakBytes, process.memoryUsage.rss()) / MB };
}
