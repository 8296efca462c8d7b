import { LocalCluster, type TopologyConfig } from "../../../../src/index.ts";
import { type ExtremesOptions, extremes } from "./topologies.ts";

/** What has come of messages: how long those are that arrived, why others did not, and which were given up. */
export interface Seen {
  readonly measured: (readonly [chars: number, beginning: string])[];
  readonly bad: { readonly reason: string; readonly bytes: number }[];
  readonly dead: { readonly chars: number; readonly error: string }[];
}

/** Runs the topology on two threads until so many messages have come out of it in one way or another. */
export async function seeAll(options: ExtremesOptions, count: number, config: TopologyConfig = {}): Promise<Seen> {
  const cluster = new LocalCluster({ workers: 2, logLevel: "silent", pin: "off" });
  try {
    const run = await cluster.submitTopology("extremes", extremes, { options, config });
    const seen: Seen = { measured: [], bad: [], dead: [] };
    let areAllHere = () => {};
    const all = new Promise<void>((resolve) => {
      areAllHere = resolve;
    });
    const read = async <R>(rows: AsyncIterable<R>, take: (row: R) => number) => {
      for await (const row of rows) {
        take(row);
        if (seen.measured.length + seen.bad.length + seen.dead.length >= count) areAllHere();
      }
    };
    const { measured, bad, dead } = run.outputs;
    const reading = Promise.all([
      read(measured, ({ chars, beginning }) => seen.measured.push([chars, beginning])),
      read(bad, ({ reason, bytes }) => seen.bad.push({ reason, bytes: bytes.length })),
      read(dead, ({ values, error }) =>
        seen.dead.push({ chars: String((values as unknown[])[0]).length, error: String(error) }),
      ),
    ]);
    await Promise.race([all, run.completed()]);
    // What is done is told to the server before its end, and nothing more comes.
    if (run.state === "active") await run.drain();
    await Promise.all([run.completed(), reading]);
    return seen;
  } finally {
    await cluster.close();
  }
}
