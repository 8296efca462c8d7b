import assert from "node:assert/strict";
import { test } from "node:test";
import { runToEnd } from "../../simulation/run-to-end.ts";
import { fairRing } from "./fair-ring-topology.ts";

test("long tuples get their turn in a full ring that short ones fill", async () => {
  const { rows } = await runToEnd(fairRing, {
    options: { short: 2_900, long: 100 },
    cluster: { workers: 2, ringBytesMin: 4096, ringBytesMax: 4096, batchRowsMax: 1 },
    started: (run) => {
      const threadOf = (id: string) => run.plan.tasks.find((task) => task?.component === id)?.thread;
      assert.equal(threadOf("short"), threadOf("long"));
      assert.notEqual(threadOf("short"), threadOf("slow"));
    },
  });
  const [longAtHalf, total] = rows.order![0] as [number, number];
  assert.equal(total, 3_000);
  assert.ok(
    longAtHalf >= 90,
    `of 100 long tuples ${longAtHalf} had their turn while the short ones took half of theirs`,
  );
});
