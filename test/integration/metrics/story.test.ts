import assert from "node:assert/strict";
import { test } from "node:test";
import { flowReport } from "../../../src/index.ts";
import { clusterFor } from "../engine/helpers.ts";
import { story } from "./topologies/story.ts";

const SECONDS = Number(process.env.STORY_SECONDS ?? 15);
const INTERVAL_MS = 100;
const PER_SECOND = 20_000;
const MESSAGES = SECONDS * PER_SECOND;

/*
 * Claim: one line per interval for the whole topology, however many tasks there are and wherever they run, and the
 * lines sum to what went by.
 * Method: the bolt of the production story, whose tasks each write a line with every tick, beside the flow report of
 * the same run. STORY_SECONDS=60 looks at a whole minute.
 */
const DEADLINE = { timeout: 60_000 + SECONDS * 2_000 };

test("the tasks' own lines come double and cut up; the report's come once", DEADLINE, async (t) => {
  await using cluster = clusterFor("threads", { workers: 2 });
  const run = await cluster.submitTopology("story", story, {
    options: { messages: MESSAGES, tickMs: INTERVAL_MS, perSecond: PER_SECOND },
  });
  const good: Record<string, string | number>[] = [];
  run.registerMetricsConsumer(
    flowReport({
      counts: {
        from_kafka: { component: "from_kafka", counter: "firsts" },
        to_redis: { component: "to_redis", counter: "acked" },
      },
      write: (line) => void good.push(JSON.parse(line) as Record<string, string | number>),
    }),
    { intervalMs: INTERVAL_MS },
  );
  const own: { atMs: number; count: number }[] = [];
  for await (const { atMs, count } of run.outputs.lines) own.push({ atMs, count });
  await run.completed();

  const intervals = good.length;
  const stamps = good.map((line) => Date.parse(`${String(line.time_stamp).replace(" ", "T")}Z`));
  t.diagnostic(`${intervals} intervals: ${good.length} lines of the report, ${own.length} of the tasks themselves`);
  for (const [index, stamp] of stamps.entries()) {
    if (index > 0) assert.equal(stamp - stamps[index - 1]!, INTERVAL_MS, "an interval is missing, or told twice");
  }
  assert.ok(intervals >= SECONDS * (1_000 / INTERVAL_MS) - 1, `${intervals} lines`);
  for (const name of ["from_kafka", "to_redis"]) {
    const sum = good.reduce((total, line) => total + (line[name] as number), 0);
    assert.equal(sum, MESSAGES, name);
  }
  // What the story complains of: the same sums, in several lines for each interval.
  assert.equal(
    own.reduce((total, { count }) => total + count, 0),
    MESSAGES,
  );
  assert.ok(own.length > 2 * intervals, `${own.length} lines of the tasks for ${intervals} intervals`);
});
