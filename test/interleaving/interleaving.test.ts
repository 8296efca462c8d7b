import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Explorer } from "./explorer.ts";
import { models } from "./models.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { PlantedSources } from "./planted-sources.ts";
import { plantedTreeBugs } from "./planted-tree-bugs.ts";

/**
 * Goal:   ring, dirty bits, doorbell, locks and the counts of tuple trees are right under every schedule of two
 *         threads, also when one dies.
 * Method: the real compiled code, every atomic step a scheduling point, all schedules up to a number of preemptions.
 *         INTERLEAVING_EXTRA=1 allows one preemption more than the models ask for, and takes about ten times as long.
 */
const EXTRA_PREEMPTIONS = Number(process.env.INTERLEAVING_EXTRA ?? 0);
const SELF_MODELS = ["threeStepsEach", "lostUpdate", "death", "sleeper"];

const explorer = new Explorer();
const planted = new PlantedSources(["base", "memory", "engine"]);
after(async () => {
  planted.close();
  await explorer.close();
});

test("the explorer visits every schedule once", async () => {
  const exploration = await explorer.explore("threeStepsEach");
  assert.deepEqual(exploration, { schedules: 20, steps: 120, isComplete: true, violation: null });
});

test("the explorer finds a race exactly when it may interrupt", async () => {
  const uninterrupted = await explorer.explore("lostUpdate", { preemptionsMax: 0 });
  assert.deepEqual([uninterrupted.schedules, uninterrupted.violation], [2, null]);
  const interrupted = await explorer.explore("lostUpdate", { preemptionsMax: 1 });
  assert.equal(interrupted.violation?.claim, "lost update: 1");
});

test("the explorer lets a thread die before each of its steps, or live", async () => {
  const exploration = await explorer.explore("death");
  assert.equal(exploration.schedules, 2 * 3, "either thread first, times two steps and the end");
});

test("the explorer notices a thread that nobody wakes", async () => {
  const exploration = await explorer.explore("sleeper");
  assert.match(exploration.violation?.claim ?? "", /asleep for ever/);
});

for (const [name, model] of Object.entries(models)) {
  if (SELF_MODELS.includes(name)) continue;
  test(`every schedule is right: ${name}`, async (t) => {
    const preemptionsMax = model.preemptionsMax + EXTRA_PREEMPTIONS;
    const exploration = await explorer.explore(name, { preemptionsMax });
    t.diagnostic(`${exploration.schedules} schedules, ${exploration.steps} steps, ${preemptionsMax} preemptions`);
    assert.equal(exploration.violation, null);
    assert.equal(exploration.isComplete, true);
    assert.ok(exploration.schedules > 10);
  });
}

for (const bug of [...plantedBugs, ...plantedTreeBugs]) {
  test(`planted bug is caught: ${bug.file}: ${bug.name}`, async (t) => {
    const exploration = await explorer.explore(bug.model, { subjectsUrl: planted.plant(bug) });
    assert.ok(exploration.violation !== null, `${bug.model} saw nothing in ${exploration.schedules} schedules`);
    t.diagnostic(`after ${exploration.schedules} schedules: ${exploration.violation.claim}`);
  });
}
