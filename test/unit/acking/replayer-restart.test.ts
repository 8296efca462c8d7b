import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { componentCodeOf } from "../../../src/component/component-code.ts";
import type { SpoutInstance } from "../../../src/component/component-hooks.ts";
import { installCollector } from "../../../src/component/install-collector.ts";
import { SPOUT_ENGINE, type SpoutEngine } from "../../../src/component/spout-engine.ts";
import type { PositionMark, SpoutPosition } from "../../../src/engine/executor/position-marks.ts";
import { SpoutProgress } from "../../../src/engine/executor/spout-progress.ts";
import { fields, fromAsyncIterable, fromIterable, replaying, spout } from "../../../src/index.ts";

const N = fields("n:int32");
const ROWS = 200;
const upTo = (rows: number) => Array.from({ length: rows }, (_, n): [number] => [n]);

const SOURCES = {
  "an iterable": fromIterable(N, () => upTo(ROWS)),
  "an async iterable": fromAsyncIterable(N, async function* () {
    yield* upTo(ROWS);
  }),
  "a source with positions of its own": spout({
    output: N,
    create: (_context, collector, { position }) => {
      let next = (position as number | undefined) ?? 0;
      return {
        nextTuple() {
          if (next === ROWS) return "exhausted";
          collector.emit([next], undefined, ++next);
          return undefined;
        },
      };
    },
  }),
};

/** One life of the task: until its source is exhausted, or it dies. Returns what main knows then. */
class Life {
  readonly emitted: number[] = [];
  readonly pending: { n: number; id: object; mark: PositionMark | null }[] = [];
  readonly done = new Set<number>();
  kept: SpoutPosition | undefined;
  readonly progress: SpoutProgress;
  readonly instance: SpoutInstance;
  nowMs = 1;

  constructor(component: unknown, start: SpoutPosition | undefined) {
    this.kept = start;
    this.progress = new SpoutProgress(start, (position) => {
      this.kept = position;
    });
    this.instance = componentCodeOf(component).create() as SpoutInstance;
    const engine: SpoutEngine = {
      emitAttempt: ([n], { id, position }) => {
        this.emitted.push(n as number);
        this.pending.push({ n: n as number, id, mark: this.progress.begin(id, position) });
      },
      giveUp: (id) => this.progress.giveUp(id),
      skip: (position) => this.progress.noteUntracked(position),
    };
    installCollector(this.instance, { [SPOUT_ENGINE]: engine });
  }

  async open(): Promise<void> {
    const context = { nowMs: () => this.nowMs, taskId: 1, config: { seed: 1 }, logger: { warn() {}, error() {} } };
    await this.instance.open?.(context, this.progress.start);
  }

  settleOne(prng: Prng): void {
    if (this.pending.length === 0) return;
    const [{ n, id, mark }] = this.pending.splice(prng.below(this.pending.length), 1) as [(typeof this.pending)[0]];
    if (prng.below(5) > 0) {
      this.done.add(n);
      this.progress.acked(mark);
      this.instance.ack?.(id, {});
      return;
    }
    this.progress.failed(id, mark, true);
    this.instance.fail?.(id, { reason: "bolt", willSettle: false });
  }
}

const CASES = Object.entries(SOURCES).flatMap(([name, source]) =>
  [Number.POSITIVE_INFINITY, 1].map((retries) => ({ name, source, retries })),
);

for (const { name, source, retries } of CASES) {
  test(`a task that is made again emits what was not done and nothing else: ${name}, ${retries}`, async () => {
    const seed = process.env.SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED);
    for (let round = 0; round < 20; round++) {
      const prng = new Prng(seed + round);
      const done = new Set<number>();
      const component = replaying(source, {
        retries,
        backoff: { firstMs: 1, maxMs: 3 },
        deadLetter: ({ row: { n } }) => {
          assert.ok(!done.has(n), `SEED=${seed} round ${round}: ${n} is given up although it is done`);
          done.add(n);
        },
      });
      let kept: SpoutPosition | undefined;
      for (let isOver = false, lives = 0; !isOver; lives++) {
        assert.ok(lives < 200, "comes to an end");
        const life = new Life(component, kept);
        const before = new Set(done);
        await life.open();
        const steps = prng.below(150);
        for (let step = 0; step < steps && !isOver; step++) {
          life.nowMs += prng.below(3);
          const result = await life.instance.nextTuple(undefined);
          isOver = result === "exhausted" && life.pending.length === 0;
          for (let settle = prng.below(3); settle > 0; settle--) life.settleOne(prng);
        }
        life.progress.publish(life.nowMs + 1e6); // All that it did is told before it dies.
        const again = life.emitted.filter((n) => before.has(n));
        assert.deepEqual(again, [], `SEED=${seed} round ${round}: emitted again although done`);
        for (const n of life.done) done.add(n);
        kept = life.kept;
      }
      assert.equal(done.size, ROWS, `SEED=${seed} round ${round}: lost some`);
    }
  });
}
