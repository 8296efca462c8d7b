import assert from "node:assert/strict";
import { test } from "node:test";
import { allowedCores, parseCoreList, type ReadText } from "../../../src/engine/plan/machine.ts";

function machineOf(files: Readonly<Record<string, string>>): ReadText {
  return (path) => files[path] ?? null;
}

const FOUR_CORES = {
  "/proc/self/status": "Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\nMems_allowed:\t1\n",
};

test("core lists as Linux writes them", () => {
  assert.deepEqual(parseCoreList("0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11]);
  assert.deepEqual(parseCoreList("5"), [5]);
  for (const unclear of ["", "a", "1-", "0-3:1/2", "1,,2", "-1"]) assert.deepEqual(parseCoreList(unclear), []);
});

test("the affinity mask says which cores, whatever their numbers", () => {
  const readText = machineOf({ "/proc/self/status": "Cpus_allowed_list:\t2,6-7\n" });

  assert.deepEqual(
    allowedCores(readText, () => 64),
    { cores: [2, 6, 7], quota: null, usable: 3 },
  );
});

test("without a mask the system's own count decides", () => {
  assert.deepEqual(
    allowedCores(machineOf({}), () => 3),
    { cores: [0, 1, 2], quota: null, usable: 3 },
  );
});

test("version 2: the tightest limit from the group up to the root counts", () => {
  const readText = machineOf({
    ...FOUR_CORES,
    "/proc/self/cgroup": "0::/user/app\n",
    "/sys/fs/cgroup/user/app/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/user/cpu.max": "250000 100000\n",
    "/sys/fs/cgroup/cpu.max": "300000 100000\n",
  });

  assert.deepEqual(allowedCores(readText), { cores: [0, 1, 2, 3], quota: 2.5, usable: 2 });
});

test("version 2 in a container that sees its own group as the root", () => {
  const readText = machineOf({
    ...FOUR_CORES,
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/cpu.max": "50000 100000\n",
  });

  assert.deepEqual(allowedCores(readText), { cores: [0, 1, 2, 3], quota: 0.5, usable: 1 });
});

test("version 1: the cpu controller's group, below wherever it is mounted", () => {
  const readText = machineOf({
    ...FOUR_CORES,
    "/proc/self/cgroup": "4:memory:/other\n3:cpu,cpuacct:/docker/abc\n0::/\n",
    "/proc/self/mountinfo":
      "30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
      "31 25 0:27 /docker/abc /cg/cpu rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n",
    "/cg/cpu/cpu.cfs_quota_us": "300000\n",
    "/cg/cpu/cpu.cfs_period_us": "100000\n",
  });

  assert.deepEqual(allowedCores(readText), { cores: [0, 1, 2, 3], quota: 3, usable: 3 });
});

test("version 1: -1 is no limit, and a quota above the mask adds no cores", () => {
  const withQuota = (quotaUs: string): ReadText =>
    machineOf({
      ...FOUR_CORES,
      "/proc/self/cgroup": "1:cpu:/\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": quotaUs,
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    });

  assert.equal(allowedCores(withQuota("-1")).quota, null);
  assert.equal(allowedCores(withQuota("6400000")).usable, 4);
});

test("unreadable or odd files never make it fail", () => {
  const readText = machineOf({
    "/proc/self/status": "Cpus_allowed_list:\tnonsense\n",
    "/proc/self/cgroup": "what is this\n0::/a\n",
    "/proc/self/mountinfo": "\n\n7",
    "/sys/fs/cgroup/a/cpu.max": "",
    "/sys/fs/cgroup/cpu.max": "0 0",
  });

  assert.deepEqual(
    allowedCores(readText, () => 2),
    { cores: [0, 1], quota: null, usable: 2 },
  );
});
