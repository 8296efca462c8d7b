import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, defineTopology, fields, spout } from "../../src/index.ts";
import { simulate } from "../../src/testing/index.ts";

const Thing = fields("n:int32", "thing", "raw:bytes?");
const Seen = fields("bolt:string", "n:int32", "total:int32");

/** When a program changes an object that it has emitted. */
const WHEN = ["never", "at once", "in the next call", "at its end", "bytes at once"] as const;
type When = (typeof WHEN)[number];

interface MutatingOptions {
  readonly when: When;
  readonly tuples: number;
  readonly consumers: number;
  /** What the consumers do to the objects that they receive. */
  readonly consumerMutates: boolean;
}

interface Parts {
  parts: number[];
}

const mutating = defineTopology(import.meta.url, (builder, options: MutatingOptions) => {
  const { when, tuples, consumers, consumerMutates } = options;
  const things = builder.setSpout(
    "things",
    spout({
      output: Thing,
      create: (_context, collector) => {
        let n = 0;
        let before: Parts | null = null;
        return {
          nextTuple() {
            if (n === tuples) {
              if (when === "at its end") before?.parts.push(1);
              return "exhausted";
            }
            if (when === "in the next call" && n === tuples - 1) before?.parts.push(1);
            const thing = { parts: [n, 1, 1] };
            const raw = Uint8Array.of(n);
            collector.emit([n, thing, raw]);
            if (when === "at once") thing.parts.push(1);
            if (when === "bytes at once") raw[0]!++;
            before = thing;
            n++;
            return undefined;
          },
        };
      },
    }),
  );
  const consumer = basicBolt({
    input: Thing,
    output: Seen,
    create: (context) => ({
      execute(tuple, collector) {
        const { parts } = tuple.thing as Parts;
        collector.emit([context.component, tuple.n, parts.length]);
        if (consumerMutates) parts.push(7);
      },
    }),
  });
  const all = builder.setBolt(
    "all",
    basicBolt({ input: Seen, output: Seen, execute: (tuple, out) => out.emit([tuple.bolt, tuple.n, tuple.total]) }),
  );
  for (let index = 0; index < consumers; index++) {
    all.globalGrouping(builder.setBolt(`consumer${index}`, consumer, { parallelism: 2 }).allGrouping(things));
  }
});

for (const workers of [1, 3]) {
  for (const localQueueRowsMax of [1, 4096]) {
    const config = {
      workers,
      localQueueRowsMax,
      localMarkRows: 1,
      batchRowsMax: Math.min(256, localQueueRowsMax),
    } as const;
    const place = `${workers} workers, queues of ${localQueueRowsMax}`;

    test(`a program that changes what it has emitted is found: ${place}`, async () => {
      for (const when of WHEN) {
        for (const tuples of [1, 2, 3, 500]) {
          for (const consumers of [1, 2]) {
            if (when === "in the next call" && tuples === 1) continue;
            const options = { when, tuples, consumers, consumerMutates: false };
            const simulation = simulate(mutating, { options, config });
            const ended = simulation.completed();
            if (when !== "never") {
              await assert.rejects(ended, isMutated, `${when}, ${tuples} tuples, ${consumers} consumers`);
              continue;
            }
            await ended;
            assert.equal(simulation.emittedBy("all").length, tuples * consumers * 2);
          }
        }
      }
    });

    test(`a consumer that changes what it received disturbs nobody: ${place}`, async () => {
      const options = { when: "never", tuples: 50, consumers: 3, consumerMutates: true } as const;
      const simulation = simulate(mutating, { options, config });
      await simulation.completed();
      const seen = simulation.emittedBy("all", Seen);
      assert.equal(seen.length, 50 * 3 * 2);
      for (const { total } of seen) assert.equal(total, 3);
    });
  }
}

function isMutated(error: Error): boolean {
  const cause = error.cause as Error & { code?: string };
  assert.equal(cause.code, "TUPLE_MUTATED");
  assert.match(cause.message, /component "things" changed a value of field "(thing|raw)" of stream "default"/);
  return true;
}
