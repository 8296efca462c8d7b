// The story against real Redis servers: one keeps the ids, and is restarted in the middle; another counts effects.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import type { RunSummary } from "../../../src/index.ts";
import { killThread } from "../../../src/testing/index.ts";
import { redisMissing, startRedis } from "../../services/redis.ts";
import type { Service } from "../../services/service.ts";
import { clusterFor, until } from "../engine/helpers.ts";
import { type StoryOptions, story } from "./topologies/story.ts";

const seed = process.env.SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED);
const IDS = Number(process.env.IDS ?? 20_000);
const skip = redisMissing();
const DEADLINE = { timeout: 30_000 + IDS * 10, skip };
const PENDING = 2000;

interface Told {
  readonly effects: number[];
  readonly failures: number[];
  readonly summary: RunSummary;
}

/** @param disturb called when a third of the ids are done */
async function tell(
  t: TestContext,
  ids: number,
  settleTimeoutMs: number,
  disturb: (store: Service, kill: (worker: number) => Promise<void>) => Promise<void>,
): Promise<Told> {
  const [store, count] = await Promise.all([startRedis(), startRedis()]);
  t.after(() => Promise.all([store.stop(), count.stop()]));
  const ports = { storePort: store.port, countPort: count.port };
  const options: StoryOptions = { ids, filter: "once", timeout: "now", seed, twiceEvery: 50, ...ports };
  const cluster = clusterFor("threads", { workers: 3 });
  t.after(() => cluster.close());
  const config = { messageTimeoutMs: 100, settleTimeoutMs, maxSpoutPending: PENDING };
  const run = await cluster.submitTopology("story", story, { options, config });
  let replaced = 0;
  run.on("workerReplaced", () => replaced++);
  const completed = run.completed();
  completed.catch(() => {});
  await Promise.race([until(() => run.totals().byComponent.notify!.acked > ids / 3), completed]);
  await disturb(store, async (worker) => {
    const before = replaced;
    killThread(run, worker);
    await Promise.race([until(() => replaced > before), completed]);
  });
  const summary = await completed;
  const reader = new Redis({ port: count.port, host: "127.0.0.1", protocol: 2 });
  const numbers = async (key: string) => {
    const told = await reader.hgetall(key);
    return Array.from({ length: ids }, (_, id) => Number(told[id] ?? 0));
  };
  const [effects, failures] = await Promise.all([numbers("effects"), numbers("failures")]);
  reader.disconnect();
  return { effects, failures, summary };
}

const extraOf = ({ effects, failures }: Told) => effects.map((count, id) => count - failures[id]! - 1);

test(`${IDS} ids, Redis restarted in the middle: each effect once (seed ${seed})`, DEADLINE, async (t) => {
  const told = await tell(t, IDS, 20_000, (store) => store.restart());
  assert.equal(told.summary.outcome, "completed");
  assert.ok(told.failures.reduce((sum, count) => sum + count, 0) > IDS / 50, "hardly any failed");
  assert.deepEqual(
    extraOf(told).flatMap((extra, id) => (extra === 0 ? [] : [[id, extra]])),
    [],
  );
});

test(`a worker killed: what was pending may come again, and nothing else (seed ${seed})`, DEADLINE, async (t) => {
  const ids = Math.min(IDS, 6000);
  const told = await tell(t, ids, 3000, async (_store, kill) => {
    for (const worker of [0, 1, 2]) await kill(worker);
  });
  assert.equal(told.summary.outcome, "completed");
  const extra = extraOf(told);
  assert.deepEqual(
    extra.flatMap((count, id) => (count < 0 ? [id] : [])),
    [],
    "lost",
  );
  const twice = extra.filter((count) => count > 0).length;
  assert.ok(twice <= 3 * PENDING, `${twice} came again, ${PENDING} were pending at each of three losses`);
  assert.ok(Math.max(...extra) <= 3, "no id comes again more often than workers were lost");
});
