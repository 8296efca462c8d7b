// The containment table of docs/EPOCHS.md: each kind of fault in user code, what dies of it, and what is told. The
// job is finished all the same.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { WorkerReplaced } from "../../../src/engine/run-types.ts";
import { clusterFor } from "../engine/helpers.ts";
import { type Fault, faulty } from "./topologies/faulty.ts";

const TUPLES = 2_000;
const DEADLINE = { timeout: 60_000 };

/** What the error of the lost thread says; null where no thread is lost. */
const FAULTS: readonly (readonly [Fault, RegExp | null])[] = [
  ["tuple fails", null],
  ["timer throws", /thrown by a timer/],
  ["timer throws null", /./],
  ["rejection", /nobody handles this/],
  ["stack overflow", /call stack/],
  ["exit", /exited with code: 3/],
  ["memory", /memory/],
  ["loop", /gave no sign of life for \d+ ms: it was in execute of task \d+ of "faulty"/],
  ["wait", /gave no sign of life for \d+ ms: it was in execute of task \d+ of "faulty"/],
];

for (const [fault, told] of FAULTS) {
  test(fault, DEADLINE, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "stormcell-faults-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using cluster = clusterFor("threads", { workers: 1 });
    // A thread that runs out of memory is slow for a while before: that is not to be taken for hung.
    const workerTimeoutMs = fault === "loop" || fault === "wait" ? 1_000 : 20_000;
    const marker = path.join(folder, "marker");
    const run = await cluster.submitTopology("faulty", faulty, {
      options: { fault, marker, tuples: TUPLES },
      config: { workerTimeoutMs, workerHeapBytes: 64 * 1024 * 1024, maxSpoutPending: 100 },
    });
    const replaced: WorkerReplaced[] = [];
    run.on("workerReplaced", (event) => replaced.push(event));
    const summary = await run.completed();

    assert.ok(existsSync(marker), "the fault has happened");
    assert.equal(summary.outcome, "completed");
    const acked = summary.totals.byComponent.numbers!.acked;
    assert.ok(acked >= TUPLES, `${acked} acked`);
    assert.equal(replaced.length, told === null ? 0 : 1);
    if (told !== null) assert.match(replaced[0]!.error.message, told);
  });
}
