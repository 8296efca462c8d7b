import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, defineTopology, fields, spout } from "../../src/index.ts";
import { simulate } from "../../src/testing/index.ts";

const N = fields("n:int32");

/** Times at which something happened, on the virtual clock; everything runs on this thread. */
const ticks: number[] = [];
const calls: number[] = [];
const seen: number[] = [];

interface IdleOptions {
  /** `nextTuple` calls that find nothing, before each tuple. */
  readonly idleCalls: number;
  readonly tuples: number;
  readonly looped: boolean;
}

const idleSpout = ({ idleCalls, tuples }: IdleOptions) =>
  spout({
    output: N,
    create: (context, collector) => {
      let n = 0;
      let idle = 0;
      return {
        nextTuple() {
          calls.push(context.nowMs());
          if (idle++ < idleCalls) return "idle";
          idle = 0;
          if (n === tuples) return "exhausted";
          collector.emit([n++]);
          return undefined;
        },
      };
    },
  });

const ticking = defineTopology(import.meta.url, (builder, options: IdleOptions) => {
  const numbers = builder.setSpout("numbers", idleSpout(options), {
    config: { spoutIdleMs: 1, spoutIdleMaxMs: 10 },
  });
  const echo = builder.setBolt(
    "echo",
    basicBolt({
      input: N,
      output: { default: N, back: N },
      tickMs: 7,
      create: (context) => ({
        execute(tuple, collector) {
          seen.push(tuple.n);
          collector.emit([tuple.n]);
          if (options.looped && tuple.n >= 0) collector.emitTo("back", [-1]);
        },
        onTick: () => {
          ticks.push(context.nowMs());
        },
      }),
    }),
  );
  echo.shuffleGrouping(numbers);
  if (options.looped) echo.shuffleGrouping(echo.stream("back"), { feedback: true });
});

async function runTicking(options: IdleOptions, seed = 1) {
  ticks.length = calls.length = seen.length = 0;
  const startMs = performance.now();
  const simulation = simulate(ticking, { options, seed });
  await simulation.completed();
  return { simulation, tookMs: performance.now() - startMs, trace: `${calls} ${simulation.trace}` };
}

test("time jumps over pauses: ticks come at their virtual times, idle spouts back off, nobody waits", async () => {
  const { simulation, tookMs } = await runTicking({ idleCalls: 1000, tuples: 3, looped: false });
  assert.deepEqual(simulation.emittedBy("echo"), [[0], [1], [2]]);
  const pauses = calls.slice(1, 1000).map((at, index) => at - calls[index]!);
  for (const [index, pause] of [1, 1.25, 1.5625].entries()) assert.ok(Math.abs(pauses[index]! - pause) < 1e-6);
  // A tick wakes the thread, and a nap that is three quarters over ends with it.
  assert.ok(pauses.slice(20).every((pause) => pause >= 7.5 - 1e-6 && pause <= 10 + 1e-6));
  assert.ok(ticks.length > 5_000, `${ticks.length} ticks in some 37 virtual seconds`);
  assert.ok(ticks.every((at, index) => at === 7 * (index + 1)));
  assert.ok(tookMs < 20_000, "40 virtual seconds took real ones");
});

test("a cycle's end comes by virtual time: with ticks going on, the same seed gives the same trace", async () => {
  const options = { idleCalls: 5, tuples: 50, looped: true };
  const first = await runTicking(options);
  assert.equal(seen.length, 100);
  for (let run = 0; run < 3; run++) assert.equal((await runTicking(options)).trace, first.trace);
});
