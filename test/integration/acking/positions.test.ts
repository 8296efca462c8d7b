// What main knows of a spout's task survives the task: the engine's own parts are put together here as a cluster does
// it, because a second run is given what the first one left.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { realClock } from "../../../src/base/clock.ts";
import { createLogger } from "../../../src/base/log.ts";
import type { SpoutReport } from "../../../src/engine/executor/position-marks.ts";
import { InlineBackend } from "../../../src/engine/inline-backend.ts";
import { ThreadedBackend } from "../../../src/engine/threaded-backend.ts";
import { TopologyRun } from "../../../src/engine/topology-run.ts";
import { planSpec } from "../../../src/engine/worker/prepare-run.ts";
import { OffloadPool } from "../../../src/engine/worker/worker-host.ts";
import { buildSpec, type TopologyConfig } from "../../../src/index.ts";
import { declarationsOf, topologyHash } from "../../../src/topology/topology-hash.ts";
import { DEADLINE, RUNTIMES, type Runtime, until } from "../engine/helpers.ts";
import { halfDone } from "./topologies/replays.ts";

const ROWS = 50;
const WORKERS = 2;

function start(runtime: Runtime, options: { rows: number; acksAll: boolean }, known: Map<number, SpoutReport>) {
  const config: TopologyConfig = { logLevel: "silent", pin: "off", workers: WORKERS };
  const layers = { topology: config };
  const spec = buildSpec(halfDone, options);
  const prepared = planSpec(spec, { layers, workerCount: WORKERS });
  const name = "half-done";
  const logger = createLogger({ level: "silent" });
  const offload = new OffloadPool(() => {});
  let positions = known;
  const run = new TopologyRun({
    ...prepared,
    name,
    clock: realClock,
    logger,
    makeBackend: (events) => {
      if (runtime === "inline") {
        const offloaded = () => Promise.reject(new Error("nothing is offloaded"));
        return new InlineBackend({
          ...prepared,
          topologyName: name,
          options,
          logger,
          offload: offloaded,
          events,
          positions,
        });
      }
      const backend = new ThreadedBackend({
        ...prepared,
        cores: [null, null],
        spinMs: 0,
        notPinned: () => {},
        offload,
        events,
        start: {
          moduleUrl: halfDone.moduleUrl,
          topologyKey: halfDone.key,
          topologyName: name,
          options,
          specHash: topologyHash(spec),
          declarations: declarationsOf(spec),
          layers,
          workerCount: WORKERS,
        },
      });
      for (const [taskId, position] of known) backend.positions.set(taskId, position);
      positions = backend.positions;
      return backend;
    },
  });
  return { run, positions };
}

async function ackedBy(run: TopologyRun): Promise<number[]> {
  const acked: number[] = [];
  for await (const { n } of run.outputs.acked as AsyncIterable<unknown> as AsyncIterable<{ n: number }>)
    acked.push(n);
  return acked.sort((a, b) => a - b);
}

function doneRows({ position, doneAhead }: SpoutReport): number {
  let rows = (position as { rows: number } | undefined)?.rows ?? 0;
  for (let at = 0; at < doneAhead.length; at += 2) rows += doneAhead[at + 1]! - doneAhead[at]! + 1;
  return rows;
}

for (const runtime of RUNTIMES) {
  describe(`positions, ${runtime}`, () => {
    test("a task that is made again emits what was pending, and nothing that was acked", DEADLINE, async () => {
      const known = new Map<number, SpoutReport>();
      const first = start(runtime, { rows: ROWS, acksAll: false }, known);
      const firstAcked = ackedBy(first.run).catch(() => []);
      assert.ok(await first.run.start());
      const task = first.run.plan.components.find(({ id }) => id === "numbers")!.taskIds[0]!;
      await until(() => {
        const position = first.positions.get(task);
        return position !== undefined && doneRows(position) === ROWS / 2;
      });
      await first.run.kill();
      await firstAcked;

      const second = start(runtime, { rows: ROWS, acksAll: true }, new Map(first.positions));
      const acked = ackedBy(second.run);
      assert.ok(await second.run.start());
      await second.run.completed();
      assert.deepEqual(
        await acked,
        Array.from({ length: ROWS / 2 }, (_, i) => 2 * i + 1),
      );
    });
  });
}
