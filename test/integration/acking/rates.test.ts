import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clusterFor, DEADLINE, RUNTIMES } from "../engine/helpers.ts";
import { type PacedOptions, paced } from "./topologies/replays.ts";

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

for (const runtime of RUNTIMES) {
  describe(`rates, ${runtime}`, () => {
    for (const [tracked, perCall] of [
      [true, 1],
      [false, 1],
      [false, 7],
    ] as const) {
      test(`a spout keeps its rate: ${tracked ? "" : "un"}tracked, ${perCall} per call`, DEADLINE, async () => {
        const options: PacedOptions = { tuples: runtime === "inline" ? 20_000 : 300, perCall, tracked };
        await using cluster = clusterFor(runtime);
        const config = { maxRatePerSecond: 1000, rateBurst: 10 };
        const run = await cluster.submitTopology("paced", paced, { options, config });
        const rows = await collect(run.outputs.rows);
        await run.completed();
        assert.equal(rows.length, options.tuples);
        const tookMs = rows.at(-1)!.atMs - rows[0]!.atMs;
        const leastMs = options.tuples - 10 - perCall;
        assert.ok(tookMs >= leastMs - 1, `took ${tookMs} ms`);
        if (runtime === "inline") assert.ok(tookMs <= leastMs + 2 * perCall + 2, `took ${tookMs} ms`);
        for (let i = 50; i < rows.length; i++) {
          const spanMs = rows[i]!.atMs - rows[i - 50]!.atMs;
          assert.ok(spanMs >= 50 - 10 - 2 * perCall, `50 tuples within ${spanMs} ms`);
        }
      });
    }
  });
}
