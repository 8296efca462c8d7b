import { BasicBolt, type BasicCollector, defineTopology, fields, LocalCluster, type Tuple } from "stormcell";
import { sharedClockMs } from "../../input/shared-clock.ts";

const Request = fields("id:int32", "dueMs:float64");
const Reply = fields("id:int32", "dueMs:float64", "executedMs:float64");

class Relay extends BasicBolt({ input: Request, output: Request }) {
  execute(tuple: Tuple<typeof Request>, collector: BasicCollector<typeof Request>): void {
    collector.emit([tuple.id, tuple.dueMs]);
  }
}

class Answer extends BasicBolt({ input: Request, output: Reply }) {
  execute(tuple: Tuple<typeof Request>, collector: BasicCollector<typeof Reply>): void {
    collector.emit([tuple.id, tuple.dueMs, sharedClockMs()]);
  }
}

/** A feeder, and a bolt on each of two workers; the reply returns to the program. */
export const relayLine = defineTopology(import.meta.url, (builder) => {
  const requests = builder.setFeeder("requests", Request);
  const relay = builder.setBolt("relay", Relay).shuffleGrouping(requests);
  const answer = builder.setBolt("answer", Answer).shuffleGrouping(relay);
  return { requests, replies: builder.output(answer) };
});

/** Latencies of single tuples, each sent when everything had come to rest again. */
export interface Latencies {
  /** Until the second bolt executed it. */
  readonly executedMs: number[];
  /** Until the program had the reply in hand. */
  readonly repliedMs: number[];
}

const PAUSE_MS = 4;

export async function measureLatencies(count: number, warmupCount: number): Promise<Latencies> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("relay-line", relayLine, { options: undefined });
  const replies = run.outputs.replies[Symbol.asyncIterator]();
  const latencies: Latencies = { executedMs: [], repliedMs: [] };
  for (let id = 0; id < warmupCount + count; id++) {
    const dueMs = await dueMoment(PAUSE_MS + (id % 7) / 4);
    if (!run.feeders.requests.tryEmit([id, dueMs])) throw new Error("an idle feeder had no room for a tuple");
    const { value: reply, done } = await replies.next();
    const repliedMs = sharedClockMs();
    if (done || reply.id !== id || reply.dueMs !== dueMs) throw new Error(`tuple ${id} did not come back`);
    if (id < warmupCount) continue;
    latencies.executedMs.push(reply.executedMs - dueMs);
    latencies.repliedMs.push(repliedMs - dueMs);
  }
  run.feeders.requests.end();
  await run.completed();
  return latencies;
}

/**
 * Lets `ms` pass and returns the moment at which the tuple is due. A timer may be a millisecond late, which would be
 * the timer's latency: so it wakes early, and the last stretch is waited for in a loop.
 */
async function dueMoment(ms: number): Promise<number> {
  const dueMs = sharedClockMs() + ms;
  await new Promise((resolve) => setTimeout(resolve, ms - 2));
  while (sharedClockMs() < dueMs);
  return dueMs;
}
