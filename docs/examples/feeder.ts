/** A program with a topology inside: it feeds readings, reads averages, and goes on with its own life. */
import { BasicBolt, type BasicCollector, defineTopology, fields, LocalCluster, type Tuple } from "stormcell";

const Reading = fields("sensor:string", "celsius:float64");
const Average = fields("sensor:string", "celsius:float64");

const WINDOW = 3;

class MovingAverage extends BasicBolt({ input: Reading, output: Average }) {
  readonly #windows = new Map<string, number[]>();

  execute({ sensor, celsius }: Tuple<typeof Reading>, collector: BasicCollector<typeof Average>) {
    const window = [...(this.#windows.get(sensor) ?? []), celsius].slice(-WINDOW);
    this.#windows.set(sensor, window);
    collector.emit([sensor, window.reduce((sum, value) => sum + value, 0) / window.length]);
  }
}

const averages = defineTopology(import.meta.url, (builder) => {
  const readings = builder.setFeeder("readings", Reading);
  const smooth = builder.setBolt("smooth", MovingAverage, { parallelism: 2 }).fieldsGrouping(readings, ["sensor"]);
  return { readings, averages: builder.output(smooth) };
});

await using cluster = new LocalCluster();
const { feeders, outputs } = await cluster.submitTopology("averages", averages);

const feeding = (async () => {
  for (let minute = 0; minute < 5; minute++) {
    // Resolves when there is room: a slow topology slows the program down, and nothing piles up.
    await feeders.readings.emit(["kitchen", 20 + minute]);
    await feeders.readings.emit(["cellar", 10 - minute]);
  }
  feeders.readings.end();
})();

for await (const { sensor, celsius } of outputs.averages) console.log(`${sensor} ${celsius.toFixed(1)}`);
await feeding;
