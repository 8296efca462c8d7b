import {
  defineTopology,
  fields,
  type OutputCollector,
  type RunSummary,
  richBolt,
  spout,
  type TopologyBuilder,
  type TopologyConfig,
  type Tuple,
} from "../../../src/index.ts";
import { clusterFor } from "../engine/helpers.ts";

export const N = fields("n:int32");
export type NTuple = Tuple<typeof N>;
export type NCollector = OutputCollector<typeof N>;

/** How often each case runs; 1 where nobody says otherwise. */
export const RUNS = Number(process.env.PARITY_RUNS ?? 1);
export const CASE = { timeout: 20_000 + RUNS * 1_000 };

/** The builder of the case under way: everything runs on this thread, so code may be closures. */
let build: (builder: TopologyBuilder) => void = () => {};

const scripted = defineTopology(import.meta.url, (builder) => build(builder));

export interface Ended {
  readonly summary: RunSummary;
  /** What spouts heard, as "id acked" or "id reason holder", sorted by id. */
  readonly outcomes: readonly string[];
  /** By id: virtual ms from the emit to its end. */
  readonly latencies: ReadonlyMap<unknown, number>;
}

export class Case {
  readonly outcomes: string[] = [];
  readonly latencies = new Map<unknown, number>();
  /** Whatever else the case wants to remember, in order. */
  readonly notes: string[] = [];

  /** Emits these ids, one per call, also as values, and ends when it has heard of all; null: without an id. */
  source(ids: readonly (number | null)[], acked: (id: number) => void = () => {}) {
    let next = 0;
    let heard = ids.filter((id) => id === null).length;
    return spout({
      output: N,
      create: (_context, collector) => ({
        nextTuple: () => {
          if (next === ids.length) return heard === ids.length ? "exhausted" : "idle";
          const id = ids[next++]!;
          collector.emit([id ?? -1], id ?? undefined);
          return undefined;
        },
        ack: (id, info) => {
          heard++;
          acked(id as number);
          this.#note(`${id} acked`, id, info.latencyMs);
        },
        fail: (id, info) => {
          heard++;
          this.#note(`${id} ${info.reason} ${info.component}`, id, info.latencyMs);
        },
      }),
    });
  }

  /** Emits so many ids and is exhausted at once, with trees pending. */
  finite(tuples: number, on: { emitted(): void; ended(): void } = { emitted() {}, ended() {} }) {
    let next = 0;
    const ended = (text: string, id: unknown, latencyMs: number) => {
      on.ended();
      this.#note(text, id, latencyMs);
    };
    return spout({
      output: N,
      create: (_context, collector) => ({
        nextTuple: () => {
          if (next === tuples) return "exhausted";
          collector.emit([next], next++);
          on.emitted();
          return undefined;
        },
        ack: (id, info) => ended(`${id} acked`, id, info.latencyMs),
        fail: (id, info) => ended(`${id} ${info.reason} ${info.component}`, id, info.latencyMs),
      }),
    });
  }

  bolt(execute: (tuple: NTuple, collector: NCollector) => void | Promise<void>) {
    return richBolt({ input: N, output: N, execute });
  }

  #note(text: string, id: unknown, latencyMs: number): void {
    this.outcomes.push(text);
    this.latencies.set(id, latencyMs);
  }
}

/** Acks what it gets. */
export function ackIt(tuple: NTuple, collector: NCollector): void {
  collector.ack(tuple);
}

/** Runs a topology to its end in virtual time. */
export async function runCase(
  one: Case,
  topology: (builder: TopologyBuilder) => void,
  config: TopologyConfig = {},
  seed = 1,
): Promise<Ended> {
  build = topology;
  await using cluster = clusterFor("inline", { workers: 2, seed });
  const run = await cluster.submitTopology("case", scripted, { config });
  const summary = await run.completed();
  return { summary, outcomes: one.outcomes.toSorted(), latencies: one.latencies };
}
