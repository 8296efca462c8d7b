/**
 * Goal:   under no order of their steps do two contenders have one claim, and no death leaves it taken for ever.
 * Method: the protocol's own code over a disk in memory; every place at which the first two of three can be stopped
 *         or killed while others come through, and random schedules of four; with mistakes that must be found.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lockFileOf } from "../../../src/base/claim-lock.ts";
import type { ClaimDisk, SmallFile } from "../../../src/base/disk.ts";
import { Prng } from "../../../src/base/prng.ts";
import { Contest, type Mistake, PLACE } from "./claim-schedules.ts";

const DEAD = 77;
/** More calls than a contender makes from its first look to its end, alone. */
const CALLS_MAX = 18;
const TO_THE_END = 10_000;
const SEED = Number(process.env.SEED ?? 20_240_607);
const SCHEDULES = Number(process.env.SCHEDULES ?? 8_000);

interface Stops {
  readonly first: number;
  readonly second: number;
  readonly killed: readonly number[];
  /** The order in which those who live go on. */
  readonly order: readonly number[];
}

/** The first is stopped, then the second; the third comes through; then the others go on. */
function* allStops(): Generator<Stops> {
  for (let first = 0; first <= CALLS_MAX; first++) {
    for (let second = 0; second <= CALLS_MAX; second++) {
      for (const killed of [[], [0], [1], [0, 1]]) {
        yield { first, second, killed, order: [0, 1] };
        yield { first, second, killed, order: [1, 0] };
      }
    }
  }
}

function contestWith({ first, second, killed, order }: Stops, isPlanted: boolean, mistake: Mistake = {}): Contest {
  const contest = new Contest(3, { mistake });
  if (isPlanted) contest.plantDead(DEAD);
  contest.contenders[0]!.run(first);
  contest.contenders[1]!.run(second);
  for (const index of killed) contest.kill(index);
  contest.contenders[2]!.run(TO_THE_END);
  for (const index of order) contest.contenders[index]!.run(TO_THE_END);
  return contest;
}

/** Random runs of random lengths, with deaths, until all are dead or done. */
function randomContest(prng: Prng, mistake: Mistake = {}): Contest {
  const contest = new Contest(4, { rounds: 2, mistake });
  if (prng.below(2) === 0) contest.plantDead(DEAD);
  const alive = () => contest.contenders.flatMap(({ isDead, isDone }, index) => (isDead || isDone ? [] : [index]));
  for (let some = alive(); some.length > 0; some = alive()) {
    const index = some[prng.below(some.length)]!;
    if (prng.below(40) === 0) contest.kill(index);
    else contest.contenders[index]!.run(1 + prng.below(prng.below(4) === 0 ? 20 : 4));
  }
  return contest;
}

for (const isPlanted of [false, true]) {
  test(`each two places to stop or die, ${isPlanted ? "with a dead owner" : "with a new claim"}`, () => {
    let entries = 0;
    for (const stops of allStops()) {
      const contest = contestWith(stops, isPlanted);
      assert.deepEqual(contest.violations(), [], JSON.stringify(stops));
      assert.ok(contest.isFree(), `nobody gets the claim any more: ${JSON.stringify(stops)}`);
      entries += contest.witness.entries;
    }
    assert.ok(entries > 1_000, `only ${entries} entries`);
  });
}

test("random schedules of four contenders that come twice", (t) => {
  t.diagnostic(`SEED=${SEED} SCHEDULES=${SCHEDULES}`);
  let entries = 0;
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const contest = randomContest(new Prng(SEED + schedule));
    const where = `SEED=${SEED + schedule} SCHEDULES=1`;
    assert.deepEqual(contest.violations(), [], where);
    assert.ok(contest.isFree(), `nobody gets the claim any more: ${where}`);
    entries += contest.witness.entries;
  }
  assert.ok(entries > SCHEDULES, `only ${entries} entries in ${SCHEDULES} schedules`);
});

describe("mistakes that are found", () => {
  const mistakes: Readonly<Record<string, Mistake>> = {
    "the step is not exclusive": {
      wrap: (disk) => ({
        ...disk,
        link(file, name) {
          disk.remove(name);
          return disk.link(file, name);
        },
      }),
    },
    "the lock file is not looked at again": { wrap: withoutSecondLook },
    "every owner is taken for dead": { endOf: () => "not looked at" },
  };
  for (const [name, mistake] of Object.entries(mistakes)) {
    test(name, () => {
      assert.ok(isFound(mistake), "no schedule shows two owners");
    });
  }
});

function isFound(mistake: Mistake): boolean {
  for (const stops of allStops()) {
    if (hasTwoOwners(contestWith(stops, true, mistake))) return true;
  }
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    if (hasTwoOwners(randomContest(new Prng(SEED + schedule), mistake))) return true;
  }
  return false;
}

function hasTwoOwners({ witness }: Contest): boolean {
  return witness.violations.some((violation) => violation.includes("enters while"));
}

/** After a step was taken, the lock file seems to be what it was before. */
function withoutSecondLook(disk: ClaimDisk): ClaimDisk {
  let seen: SmallFile | null = null;
  let isStepTaken = false;
  return {
    ...disk,
    read(file) {
      if (file !== lockFileOf(PLACE)) return disk.read(file);
      if (isStepTaken && seen !== null) {
        isStepTaken = false;
        return seen;
      }
      seen = disk.read(file);
      return seen;
    },
    link(file, name) {
      const linked = disk.link(file, name);
      isStepTaken = linked === "linked";
      return linked;
    },
  };
}
