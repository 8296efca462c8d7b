// The story in virtual time: what a gate lets through, and what happens without one or with one that only remembers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "../../../src/testing/index.ts";
import { Effect, type StoryOptions, story } from "./topologies/story.ts";

const seed = process.env.SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED);
const IDS = 1500;

interface Told {
  /** By id: effects of attempts that did not fail, and of those that did. */
  readonly good: number[];
  readonly failed: number[];
  readonly timedOut: number;
}

async function tell(options: Partial<StoryOptions>, timeoutMs = 100): Promise<Told> {
  const all: StoryOptions = { ids: IDS, filter: "once", timeout: "after-settled", seed, ...options };
  const config = { messageTimeoutMs: timeoutMs, maxSpoutPending: 200 };
  await using simulation = simulate(story, { options: all, config, seed: seed % 1_000_000, eventsMax: 4_000_000 });
  const summary = await simulation.completed();
  assert.equal(summary.outcome, "completed");
  const good = new Array<number>(all.ids).fill(0);
  const failed = new Array<number>(all.ids).fill(0);
  for (const { tradeId, fails } of simulation.emittedBy("notify", Effect)) (fails ? failed : good)[tradeId]!++;
  return { good, failed, timedOut: summary.totals.byComponent.trades!.timedOut };
}

const idsWith = (counts: readonly number[], holds: (count: number) => boolean) =>
  counts.flatMap((count, id) => (holds(count) ? [id] : []));

for (const timeout of ["after-settled", "now"] as const) {
  const rule = `rule for timeouts: ${timeout}`;
  test(`each effect comes once, and again only for trees that failed (${rule}, seed ${seed})`, async () => {
    const { good, failed, timedOut } = await tell({ timeout, twiceEvery: 10 });
    assert.ok(timedOut > IDS / 4, `only ${timedOut} were slow`);
    assert.ok(idsWith(failed, (count) => count > 0).length > IDS / 50, "hardly any failed");
    assert.deepEqual(
      idsWith(good, (count) => count !== 1),
      [],
    );
  });
}

test(`without a gate, slow messages have their effect again and again (seed ${seed})`, async () => {
  const { good } = await tell({ filter: "none", timeout: "now" });
  assert.ok(idsWith(good, (count) => count > 1).length > IDS / 10);
  assert.deepEqual(
    idsWith(good, (count) => count === 0),
    [],
  );
});

test(`a filter that drops whatever it has seen swallows replays that were needed (seed ${seed})`, async () => {
  const { good, failed } = await tell({ filter: "naive", timeout: "now" });
  const swallowed = idsWith(good, (count) => count === 0);
  assert.ok(swallowed.length > IDS / 50, `${swallowed.length} of ${IDS}`);
  assert.ok(
    swallowed.every((id) => failed[id]! > 0),
    "those that failed at first",
  );
});

test(`without a gate, trades that come twice have their effect twice (seed ${seed})`, async () => {
  const { good } = await tell({ filter: "none", twiceEvery: 10 });
  assert.ok(idsWith(good, (count) => count > 1).length >= IDS / 10);
});
