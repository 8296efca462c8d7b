/** Ticks: a bolt that counts what comes in and tells the count every tenth of a second, and the rest at the end. */
import { setTimeout } from "node:timers/promises";
import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  fields,
  fromAsyncIterable,
  LocalCluster,
  type Tuple,
} from "stormcell";

const Visit = fields("page:string");
const Visits = fields("visits:int32");

class CountVisits extends BasicBolt({ input: Visit, output: Visits, tickMs: 100 }) {
  #visits = 0;

  execute(_visit: Tuple<typeof Visit>) {
    this.#visits++;
  }

  // Ticks have a lane of their own: they come on time, however many tuples wait.
  override onTick(collector: BasicCollector<typeof Visits>) {
    collector.emit([this.#visits]);
    this.#visits = 0;
  }

  override onEnd(collector: BasicCollector<typeof Visits>) {
    this.onTick(collector);
  }
}

const statistics = defineTopology(import.meta.url, (builder) => {
  const visits = builder.setSpout(
    "visits",
    fromAsyncIterable(Visit, async function* () {
      for (let visit = 0; visit < 50; visit++) {
        yield [`/page-${visit % 3}`];
        await setTimeout(10);
      }
    }),
  );
  return { counts: builder.output(builder.setBolt("count", CountVisits).shuffleGrouping(visits)) };
});

await using cluster = new LocalCluster({ workers: 1 });
const run = await cluster.submitTopology("statistics", statistics);
for await (const { visits } of run.outputs.counts) console.log(visits);
