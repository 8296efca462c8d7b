import assert from "node:assert/strict";
import { test } from "node:test";
import { assignCores, workerCountFor } from "../../../src/engine/plan/core-assignment.ts";

const twoCores = { cores: [2, 5], quota: null, usable: 2 };

test('"auto" is one worker per usable core', () => {
  assert.equal(workerCountFor("auto", { cores: [0, 1, 2, 3], quota: 2.5, usable: 2 }), 2);
  assert.equal(workerCountFor(7, twoCores), 7);
});

test("auto binds when each worker can have an allowed core and one is left over, and says why not otherwise", () => {
  assert.deepEqual(assignCores({ workerCount: 1, allowed: twoCores, pin: "auto" }).cores, [2]);

  const refused = assignCores({ workerCount: 2, allowed: twoCores, pin: "auto" });
  assert.deepEqual(refused.cores, [null, null]);
  assert.match(refused.reason, /no core is left beside 2 workers on 2 free ones/);
});

test("cores that other topologies use are taken last", () => {
  const allowed = { cores: [0, 1, 2], quota: null, usable: 3 };

  assert.deepEqual(assignCores({ workerCount: 1, allowed, pin: "auto", taken: [0, 99] }).cores, [1]);
  assert.deepEqual(assignCores({ workerCount: 2, allowed, pin: "auto", taken: [0] }).cores, [null, null]);
  assert.deepEqual(assignCores({ workerCount: 3, allowed, pin: "on", taken: [0] }).cores, [1, 2, 0]);
});

test("on shares cores evenly when there are too few; off leaves workers unbound", () => {
  assert.deepEqual(assignCores({ workerCount: 5, allowed: twoCores, pin: "on" }).cores, [2, 5, 2, 5, 2]);
  assert.deepEqual(assignCores({ workerCount: 1, allowed: twoCores, pin: "off" }).cores, [null]);
});
