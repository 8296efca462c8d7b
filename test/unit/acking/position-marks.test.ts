import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { AT_BEGINNING, type PositionMark, PositionMarks } from "../../../src/engine/executor/position-marks.ts";
import { SpoutProgress } from "../../../src/engine/executor/spout-progress.ts";

function seedOf(): number {
  return process.env.SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED);
}

/** What is done, from a snapshot alone: positions are numbers here, one per emit. */
function doneOf({ position, doneAhead }: { position: unknown; doneAhead: ArrayLike<number> }, from: number) {
  const base = (position as number | undefined) ?? from;
  const done = new Set<number>();
  for (let n = from + 1; n <= base; n++) done.add(n);
  for (let at = 0; at < doneAhead.length; at += 2) {
    for (let k = doneAhead[at]!; k <= doneAhead[at + 1]!; k++) done.add(base + k);
  }
  return done;
}

test("a snapshot tells exactly what is done, whatever the order", () => {
  const seed = seedOf();
  for (let round = 0; round < 300; round++) {
    const prng = new Prng(seed + round);
    const start = prng.below(2) === 0 ? 0 : prng.below(1000);
    const marks = new PositionMarks(start === 0 ? AT_BEGINNING : { position: start, doneAhead: new Float64Array(0) });
    const open: { n: number; mark: PositionMark }[] = [];
    const done = new Set<number>();
    let n = start;
    for (let step = 0; step < 200; step++) {
      const dice = prng.below(10);
      if (dice < 5) {
        n++;
        open.push({ n, mark: marks.begin(n) });
      } else if (dice === 5) {
        marks.undo(marks.begin("never"));
      } else if (open.length > 0) {
        const [each] = open.splice(prng.below(open.length), 1);
        marks.done(each!.mark);
        done.add(each!.n);
      }
      if (dice !== 0) continue;
      const sorted = (set: Set<number>) => [...set].sort((a, b) => a - b);
      assert.deepEqual(sorted(doneOf(marks.snapshot(), start)), sorted(done), `SEED=${seed} round ${round}`);
      assert.equal(marks.count, open.length);
    }
  }
});

test("a failed emit holds the position until its id is acked or given up", () => {
  let told: unknown;
  const progress = new SpoutProgress(undefined, ({ position }) => {
    told = position;
  });
  let nowMs = 0;
  const report = () => {
    nowMs += 1000;
    progress.publish(nowMs);
    return told;
  };
  const a = progress.begin("a", 1);
  const b = progress.begin("b", 2);
  const c = progress.begin("c", 3);
  progress.acked(a);
  progress.failed("b", b, true);
  progress.acked(c);
  assert.equal(report(), 1);
  const again = progress.begin("b", 99);
  assert.equal(again, b, "it keeps its place");
  progress.failed("b", again, true);
  assert.equal(report(), 1);
  progress.giveUp("b");
  assert.equal(report(), 3);
  progress.failed("d", progress.begin("d", 4), false);
  assert.equal(report(), 4, "a spout that does not hear of failures has given up");
  progress.noteUntracked(5);
  assert.equal(report(), 5);
});

test("reports are seldom, and the last one is not forgotten", () => {
  let reports = 0;
  const progress = new SpoutProgress(undefined, () => {
    reports++;
  });
  assert.equal(progress.reportDueMs, Number.POSITIVE_INFINITY);
  for (let n = 0; n < 1000; n++) {
    progress.acked(progress.begin(n, n));
    progress.publish(1 + n / 100);
  }
  assert.equal(reports, 2, "the first position is told at once");
  const dueMs = progress.reportDueMs;
  assert.ok(dueMs > 11 && dueMs < 50);
  progress.publish(dueMs);
  assert.equal(reports, 3);
  assert.equal(progress.hasNews, false);
});

test("what ends after a restart belongs to nobody", () => {
  const progress = new SpoutProgress(undefined, () => {});
  const first = progress.begin("a", 1);
  const second = progress.begin("b", 2);
  progress.acked(second);
  progress.restart();
  assert.deepEqual(progress.start.position, undefined);
  assert.deepEqual([...progress.start.doneAhead], [2, 2]);
  progress.acked(first);
  progress.failed("a", first, true);
  assert.equal(progress.hasNews, false);
  assert.equal(progress.begin("a", 1) === first, false);
});

test("a position that cannot be copied is refused when it is told", () => {
  const progress = new SpoutProgress(undefined, () => {});
  progress.noteUntracked(() => {});
  assert.throws(() => progress.publish(1), { code: "POSITION_NOT_CLONEABLE" });
});
