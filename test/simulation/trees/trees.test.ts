import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PlantedSources } from "../../interleaving/planted-sources.ts";
import { treeMutants } from "./tree-mutants.ts";
import { loadTreeSubjects, REAL_SOURCES_URL, type TreeSubjects } from "./tree-subjects.ts";
import { TreeWorld } from "./tree-world.ts";

/**
 * Goal:   no tree completes while a tuple of it lives, every tree ends exactly once, every slot comes back free.
 * Method: random trees (up to 64 tuples, several anchors, diamonds, acks in any order, twice, late, by strangers,
 *         forgotten ones, timeouts) through the real tracking of up to four threads, interleaved by a seeded
 *         generator, against an oracle that keeps the trees as plain objects. Planted bugs show that it sees them.
 */
const TREES = Number(process.env.TREES ?? 20_000);
const TREES_PER_WORLD = 40;
const MUTANT_WORLDS_MAX = 400;
const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? (Date.now() & 0xffff_ffff) >>> 0 : Number(givenSeed);

const planted = new PlantedSources(["base", "config", "memory", "tuple", "grouping", "component", "engine"]);
after(() => planted.close());

function runWorld(subjects: TreeSubjects, seed: number): TreeWorld {
  const world = new TreeWorld(subjects, seed);
  try {
    world.run(TREES_PER_WORLD);
  } catch (error) {
    throw new Error(`SEED=${seed} TREES=${TREES_PER_WORLD}: ${(error as Error).stack}`, { cause: error });
  }
  return world;
}

test(`${TREES} random trees end as the oracle says`, async (t) => {
  t.diagnostic(`SEED=${firstSeed}`);
  const subjects = await loadTreeSubjects(REAL_SOURCES_URL);
  const ends = { acked: 0, failed: 0, expired: 0 };
  let tuples = 0;
  let mistakes = 0;
  for (let world = 0; world * TREES_PER_WORLD < TREES; world++) {
    const { oracle, user } = runWorld(subjects, (firstSeed + world) >>> 0);
    for (const tree of oracle.trees)
      ends[tree.outcome === "acked" ? "acked" : tree.mustFail ? "failed" : "expired"]++;
    tuples += oracle.copies;
    mistakes += user.mistakes;
  }
  t.diagnostic(`${JSON.stringify(ends)}, ${tuples} tuples, ${mistakes} mistakes of users`);
  if (TREES < 10_000) return;
  // A world in which everything fails, or nothing does, would show little.
  for (const [end, count] of Object.entries(ends)) assert.ok(count > TREES / 50, `only ${count} trees were ${end}`);
  assert.ok(tuples > TREES * 5 && mistakes > TREES / 50);
});

for (const mutant of treeMutants) {
  test(`planted bug is caught: ${mutant.name}`, async (t) => {
    const subjects = await loadTreeSubjects(planted.plant(mutant));
    for (let seed = 1; seed <= MUTANT_WORLDS_MAX; seed++) {
      try {
        new TreeWorld(subjects, seed).run(TREES_PER_WORLD);
      } catch (error) {
        t.diagnostic(`in world ${seed}: ${(error as Error).message}`);
        return;
      }
    }
    assert.fail(`${MUTANT_WORLDS_MAX} worlds saw nothing`);
  });
}
