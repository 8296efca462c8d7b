import { BasicBolt, defineTopology, fields, LocalCluster, Spout } from "stormcell";

const Nothing = fields("value:int32");

/** A source that waits for input which does not come. */
class IdleSpout extends Spout({ output: Nothing }) {
  nextTuple(): "idle" {
    return "idle";
  }
}

class Relay extends BasicBolt({ input: Nothing, output: Nothing }) {
  execute(): void {
    throw new Error("an idle topology executed a tuple");
  }
}

/** Ten tasks: 2 spouts, 4 and 4 bolts. */
export const idle = defineTopology(import.meta.url, (builder) => {
  const source = builder.setSpout("source", IdleSpout, { parallelism: 2 });
  const relay = builder.setBolt("relay", Relay, { parallelism: 4 }).shuffleGrouping(source);
  builder.setBolt("sink", Relay, { parallelism: 4 }).fieldsGrouping(relay, ["value"]);
});

/** Runs `observe` while the topology has nothing to do, after it came to rest. */
export async function whileIdle<T>(restMs: number, observe: () => Promise<T>): Promise<T> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("idle", idle, { options: undefined });
  await passed(restMs);
  const result = await observe();
  await run.kill();
  return result;
}

export function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
