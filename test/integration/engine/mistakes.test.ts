import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ErrorCode, LocalCluster, TopologyConfig } from "../../../src/index.ts";
import { clusterFor, DEADLINE, rejectionOf, threadCount } from "./helpers.ts";
import { failsBelow } from "./topologies/fails-below.ts";
import { MISTAKES, mainOnly, mistaken, nowhere, sound } from "./topologies/mistakes.ts";

let cluster: LocalCluster;
let threads: number | null;

before(async () => {
  cluster = clusterFor("threads");
  await (await cluster.submitTopology("warm", sound)).completed();
  threads = threadCount();
});
after(() => cluster.close());

/** Nothing stays of what was refused, and the cluster can be used. */
async function checkUnharmed(): Promise<void> {
  assert.deepEqual(cluster.topologies, []);
  assert.equal(threadCount(), threads);
}

for (const [code, builders] of Object.entries(MISTAKES)) {
  for (const index of builders.keys()) {
    test(`${code} ${index + 1}`, DEADLINE, async () => {
      const submitted = cluster.submitTopology("mistaken", mistaken, { options: { code, index } });
      const error = await rejectionOf(submitted, code as ErrorCode);
      assert.ok(error.remedy.length > 0);
      await checkUnharmed();
    });
  }
}

test("what differs between the threads is named", DEADLINE, async () => {
  const options = { code: "TOPOLOGY_DIFFERS", index: 0 };
  const error = await rejectionOf(cluster.submitTopology("differs", mistaken, { options }), "TOPOLOGY_DIFFERS");
  assert.match(String(error.facts.difference), /"words", parallelism is 1 in main and 2 in worker/);
});

test("options that cannot be cloned", DEADLINE, async () => {
  const options = { code: "", index: 0, callback() {} };
  await rejectionOf(cluster.submitTopology("x", mistaken, { options }), "TOPOLOGY_OPTIONS_NOT_CLONEABLE");
  await checkUnharmed();
});

test("a module that is not there, defines nothing on a worker, or fails below its definition", DEADLINE, async () => {
  const missing = await rejectionOf(cluster.submitTopology("x", nowhere), "MODULE_FAILED");
  assert.match(String(missing.facts.module), /no-such-module/);
  assert.equal((missing.cause as { code?: string }).code, "ERR_MODULE_NOT_FOUND");
  await checkUnharmed();
  await rejectionOf(cluster.submitTopology("x", mainOnly!), "MODULE_NO_TOPOLOGY");
  await checkUnharmed();
  const below = await rejectionOf(cluster.submitTopology("x", failsBelow), "MODULE_FAILED");
  assert.match(String(below.facts.error), /no configuration on this thread/);
  await checkUnharmed();
});

test("what is no topology, and names that are taken or illegal", DEADLINE, async () => {
  await rejectionOf(cluster.submitTopology("x", {} as never), "TOPOLOGY_NOT_A_TOPOLOGY");
  await rejectionOf(cluster.submitTopology("two words", sound), "TOPOLOGY_ILLEGAL_NAME");
  const [first, second] = await Promise.allSettled([
    cluster.submitTopology("same", sound),
    cluster.submitTopology("same", sound),
  ]);
  assert.equal(first.status, "fulfilled");
  assert.equal(second.status === "rejected" && second.reason.code, "TOPOLOGY_NAME_TAKEN");
  await (await cluster.submitTopology("other", sound)).completed();
  if (first.status === "fulfilled") await first.value.completed();
  assert.equal((await (await cluster.submitTopology("same", sound)).completed()).outcome, "completed");
  await checkUnharmed();
});

test("settings that do not exist or cannot be", DEADLINE, async () => {
  const config = { batchRowMax: 1 } as TopologyConfig;
  await rejectionOf(cluster.submitTopology("x", sound, { config }), "CONFIG_UNKNOWN_OPTION");
  await rejectionOf(cluster.submitTopology("x", sound, { config: { workers: 0 } }), "CONFIG_INVALID_VALUE");
  await checkUnharmed();
});
