/** Tests of a topology and its bolts: a sensor that falls silent is reported, and no test waits a minute for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, defineTopology, fields } from "stormcell";
import { simulate, verifyBolt } from "stormcell/testing";

const Reading = fields("sensor:string", "celsius:float64");
const Alarm = fields("sensor:string", "reason:string");

const checkHeat = basicBolt({
  input: Reading,
  output: Alarm,
  execute({ sensor, celsius }, collector) {
    if (celsius > 90) collector.emit([sensor, `${celsius} degrees`]);
  },
});

const checkSilence = basicBolt({
  input: Reading,
  output: Alarm,
  tickMs: 1_000,
  create(context) {
    const heardMs = new Map<string, number>();
    return {
      execute: ({ sensor }) => void heardMs.set(sensor, context.nowMs()),
      onTick(collector) {
        for (const [sensor, sinceMs] of heardMs) {
          if (context.nowMs() - sinceMs < 60_000) continue;
          collector.emit([sensor, "silent"]);
          heardMs.delete(sensor);
        }
      },
    };
  },
});

const watch = defineTopology(import.meta.url, (builder) => {
  const readings = builder.setFeeder("readings", Reading);
  builder.setBolt("heat", checkHeat).shuffleGrouping(readings);
  builder.setBolt("silence", checkSilence, { parallelism: 3 }).fieldsGrouping(readings, ["sensor"]);
  return { readings };
});

test("a bolt alone: what it makes of two readings, under hard conditions", async () => {
  const input = [["oven", 95] as const, ["cellar", 12] as const];
  await verifyBolt(checkHeat, { input, output: [["oven", "95 degrees"]] });
});

for (const seed of [1, 2, 3]) {
  test(`a sensor is silent after a minute, in whatever order threads have their turns: seed ${seed}`, async () => {
    await using simulation = simulate(watch, { seed, autoAdvance: false });
    await simulation.feeders.readings.emit(["oven", 80]);
    await simulation.advance(40_000);
    await simulation.feeders.readings.emit(["cellar", 12]);
    await simulation.advance(30_000);
    assert.deepEqual(simulation.emittedBy("silence", Alarm), [{ sensor: "oven", reason: "silent" }]);
    await simulation.advance(30_000);
    assert.deepEqual(simulation.emittedBy("silence").at(-1), ["cellar", "silent"]);
  });
}
