import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { createGrouping, type GroupingContext } from "../../../src/grouping/create-grouping.ts";
import { MultiGrouping, SingleGrouping } from "../../../src/grouping/grouping.ts";
import type { GroupingSpec } from "../../../src/grouping/grouping-spec.ts";
import { assignKeyGroups } from "../../../src/grouping/key-groups.ts";

const seed = Number(process.env.SEED ?? 20_240_607);
const seedText = `SEED=${seed}`;

function contextFor(taskCount: number, changes: Partial<GroupingContext> = {}): GroupingContext {
  return {
    sourceTask: 1,
    sourceComponent: "words",
    stream: "default",
    targetTasks: Array.from({ length: taskCount }, (_, i) => i + 2),
    isLocal: Array.from({ length: taskCount }, () => false),
    keyColumns: [0],
    columnTypes: ["string"],
    groupOwners: assignKeyGroups(taskCount),
    prng: new Prng(seed),
    load: { pendingTuples: () => 0 },
    localMarkRows: 10,
    ...changes,
  };
}

function single(spec: GroupingSpec, context: GroupingContext): SingleGrouping {
  const grouping = createGrouping(spec, context);
  assert.ok(grouping instanceof SingleGrouping, spec.kind);
  return grouping;
}

function countsOf(grouping: SingleGrouping, taskCount: number, rows: Iterable<readonly unknown[]>): number[] {
  const counts = new Array<number>(taskCount).fill(0);
  for (const row of rows) {
    const target = grouping.choose(row);
    assert.ok(Number.isInteger(target) && target >= 0 && target < taskCount, `target ${target}`);
    counts[target]! += 1;
  }
  return counts;
}

const words = (count: number) => Array.from({ length: count }, (_, i) => [`word-${i}`]);

test("shuffle is exactly even, from any start", () => {
  for (let taskCount = 1; taskCount <= 9; taskCount++) {
    const grouping = single({ kind: "shuffle" }, contextFor(taskCount));
    const counts = new Array<number>(taskCount).fill(0);
    for (const row of words(50)) {
      counts[grouping.choose(row)]! += 1;
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${counts} ${seedText}`);
    }
  }
});

test("shuffle does not begin with the same task for every producer", () => {
  const random = new Prng(seed);
  const starts = new Set<number>();
  for (let i = 0; i < 50; i++) starts.add(single({ kind: "shuffle" }, contextFor(4, { prng: random })).choose([]));
  assert.equal(starts.size, 4, seedText);
});

test("fields sends equal keys to one task, and the groups' owners decide which", () => {
  const groupOwners = assignKeyGroups(3).map((owner) => (owner + 1) % 3);
  const plain = single({ kind: "fields", fields: ["word"] }, contextFor(3, { groupOwners }));
  // Another column makes it take the general way; the choice has to be the same.
  const general = single({ kind: "fields", fields: ["word"] }, contextFor(3, { groupOwners, columnTypes: ["any"] }));
  for (const row of [...words(500), [null]]) {
    const chosen = plain.choose(row);
    assert.equal(plain.choose([row[0]]), chosen);
    assert.equal(general.choose(row), chosen, String(row[0]));
  }
  assert.equal(plain.choose(["word"]), groupOwners[3689]); // Group by the published vectors.
  const counts = countsOf(plain, 3, words(3_000));
  assert.ok(Math.min(...counts) > 850, `${counts}`);
});

test("fields looks at all columns of the key and at no other", () => {
  const context = contextFor(16, { keyColumns: [2, 0], columnTypes: ["string", "any", "int32"] });
  const grouping = single({ kind: "fields", fields: ["c", "a"] }, context);
  assert.equal(grouping.choose(["a", {}, 1]), grouping.choose(["a", "else", 1]));
  const byNumber = new Set(Array.from({ length: 200 }, (_, i) => grouping.choose(["a", null, i])));
  assert.equal(byNumber.size, 16);
});

test("fields refuses a key that is no key with one task too", () => {
  const grouping = single({ kind: "fields", fields: ["x"] }, contextFor(1, { columnTypes: ["any"] }));
  assert.throws(() => grouping.choose([{}]), { code: "GROUPING_KEY_NOT_PRIMITIVE" });
  assert.equal(grouping.choose(["x"]), 0);
});

test("partial key: two tasks per key at most, and a frequent key loads both evenly", () => {
  const taskCount = 7;
  const grouping = single({ kind: "partialKey", fields: ["word"] }, contextFor(taskCount));
  const random = new Prng(seed);
  const tasksOf = new Map<string, Set<number>>();
  const sent = new Array<number>(taskCount).fill(0);
  for (let i = 0; i < 50_000; i++) {
    const word = `w${Math.floor(random.nextFloat() ** 4 * 300)}`;
    const task = grouping.choose([word]);
    sent[task]! += 1;
    tasksOf.set(word, (tasksOf.get(word) ?? new Set()).add(task));
  }
  const sizes = [...tasksOf.values()].map((tasks) => tasks.size);
  assert.equal(Math.max(...sizes), 2, seedText);
  assert.ok(Math.max(...sent) / Math.min(...sent) < 1.2, `${sent} ${seedText}`);
  const alone = single({ kind: "partialKey", fields: ["word"] }, contextFor(taskCount));
  const counts = countsOf(
    alone,
    taskCount,
    Array.from({ length: 100 }, () => ["same"]),
  );
  assert.deepEqual(
    counts.filter((count) => count > 0),
    [50, 50],
  );
});

test("all goes to every task, global to the lowest id, direct to whoever is named", () => {
  const all = createGrouping({ kind: "all" }, contextFor(3));
  assert.ok(all instanceof MultiGrouping);
  const out: number[] = [9, 9, 9, 9];
  assert.equal(all.choose([], out), 3);
  assert.deepEqual(out, [0, 1, 2, 9]);
  assert.deepEqual(countsOf(single({ kind: "global" }, contextFor(3)), 3, words(5)), [5, 0, 0]);
  assert.equal(createGrouping({ kind: "direct" }, contextFor(3)), null);
});

test("none is random, uniform, and the same for the same seed", () => {
  const chosen = () => {
    const grouping = single({ kind: "none" }, contextFor(5));
    return words(10_000).map((row) => grouping.choose(row));
  };
  const choices = chosen();
  assert.deepEqual(chosen(), choices);
  for (let task = 0; task < 5; task++) {
    const count = choices.filter((choice) => choice === task).length;
    assert.ok(count > 1_800 && count < 2_200, `${count} ${seedText}`);
  }
  const repeats = choices.filter((choice, i) => choice === choices[i - 1]).length;
  assert.ok(repeats > 1_000, "a round-robin would never repeat");
});

function withLoads(loads: number[], changes: Partial<GroupingContext>): GroupingContext {
  return contextFor(loads.length, { ...changes, load: { pendingTuples: (target) => loads[target]! } });
}

test("local-or-shuffle: local tasks in turn while they keep up, then any other that does, then all", () => {
  const loads = [0, 0, 0, 0, 0];
  const isLocal = [false, true, false, true, false];
  const grouping = single({ kind: "localOrShuffle" }, withLoads(loads, { isLocal }));
  assert.deepEqual(countsOf(grouping, 5, words(100)), [0, 50, 0, 50, 0]);

  loads[1] = 10; // At the mark: its turns go to the four that are below.
  const partly = countsOf(grouping, 5, words(120));
  assert.equal(partly[1], 0);
  assert.ok(partly[3]! >= 60 && Math.min(partly[0]!, partly[2]!, partly[4]!) >= 14, `${partly}`);

  loads[3] = 12;
  assert.deepEqual(countsOf(grouping, 5, words(99)), [33, 0, 33, 0, 33]);

  loads.fill(10);
  assert.deepEqual(countsOf(grouping, 5, words(100)), [20, 20, 20, 20, 20]);

  loads[4] = 9; // The only one below the mark.
  assert.deepEqual(countsOf(grouping, 5, words(10)), [0, 0, 0, 0, 10]);
});

test("local-or-shuffle without a local task is a shuffle, and never looks at the load", () => {
  const load = { pendingTuples: () => assert.fail("asked") };
  const grouping = single({ kind: "localOrShuffle" }, contextFor(4, { load }));
  assert.deepEqual(countsOf(grouping, 4, words(40)), [10, 10, 10, 10]);
});

test("least loaded: the shortest queue, equals in turn", () => {
  const loads = [5, 3, 3, 9];
  const grouping = single({ kind: "leastLoaded" }, withLoads(loads, {}));
  assert.deepEqual(countsOf(grouping, 4, words(100)), [0, 50, 50, 0]);
  loads.fill(0);
  assert.deepEqual(countsOf(grouping, 4, words(100)), [25, 25, 25, 25]);
  loads[2] = 1;
  assert.equal(countsOf(grouping, 4, words(99))[2], 0);
});

test("custom: none, one or several, checked", () => {
  const answers: unknown[] = [2, [], [0], [2, 0, 1]];
  let at = 0;
  const grouping = createGrouping(
    {
      kind: "custom",
      factory: (context) => {
        assert.deepEqual(context.targetTasks, [2, 3, 4]);
        assert.equal(context.sourceComponent, "words");
        return { chooseTasks: () => answers[at++] as number };
      },
    },
    contextFor(3),
  ) as MultiGrouping;
  const out: number[] = [];
  const chosen = () => out.slice(0, grouping.choose(["a"], out));
  assert.deepEqual([chosen(), chosen(), chosen(), chosen()], [[2], [], [0], [2, 0, 1]]);
  for (const wrong of [3, -1, 1.5, Number.NaN, "1", null, undefined, {}, [0, 3], [0, 0], ["0"], [undefined]]) {
    answers.push(wrong);
    assert.throws(chosen, { code: "GROUPING_BAD_CHOICE" }, String(wrong));
  }
  answers.push([1, 2]);
  assert.deepEqual(chosen(), [1, 2], "goes on after an error");
});

test("custom: a factory has to make a grouper", () => {
  for (const made of [undefined, null, {}, 3, () => 0]) {
    const spec = { kind: "custom", factory: () => made as never } as const;
    assert.throws(() => createGrouping(spec, contextFor(3)), { code: "GROUPING_BAD_FACTORY" });
  }
});
