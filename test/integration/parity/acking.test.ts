import assert from "node:assert/strict";
import { test } from "node:test";
import type { TopologyBuilder, TopologyConfig } from "../../../src/index.ts";
import { ackIt, CASE, Case, type Ended, type NCollector, type NTuple, RUNS, runCase } from "./scripted.ts";

/**
 * Goal:   trees end as Storm's do, and where Storm is silent about a mistake, the tree fails.
 * Method: one small topology per case through the public API, in virtual time; PARITY_RUNS=100 runs each a hundred
 *         times under different seeds.
 */
function parity(
  name: string,
  topology: (builder: TopologyBuilder, one: Case) => void,
  expected: readonly string[],
  settings: { config?: TopologyConfig; check?: (ended: Ended, one: Case) => void } = {},
): void {
  test(`as Storm: ${name}`, CASE, async () => {
    for (let run = 1; run <= RUNS; run++) {
      const one = new Case();
      const ended = await runCase(one, (builder) => topology(builder, one), settings.config, run);
      assert.deepEqual(ended.outcomes, expected, `seed ${run}`);
      settings.check?.(ended, one);
    }
  });
}

function passOn(tuple: NTuple, collector: NCollector): void {
  collector.emit(tuple, [tuple.n]);
  collector.ack(tuple);
}

/** The code of a mistake, noted. */
function mistake(one: Case, call: () => void): void {
  try {
    call();
    one.notes.push("nothing");
  } catch (error) {
    one.notes.push(String((error as { code?: string }).code));
  }
}

/** One spout with these ids and one bolt. */
function single(ids: readonly (number | null)[], execute: (tuple: NTuple, out: NCollector, one: Case) => void) {
  return (builder: TopologyBuilder, one: Case) => {
    const source = builder.setSpout("source", one.source(ids));
    builder
      .setBolt(
        "bolt",
        one.bolt((tuple, out) => execute(tuple, out, one)),
      )
      .shuffleGrouping(source);
  };
}

// ---- Acking

parity("one bolt", single([1, 2, 3], ackIt), ["1 acked", "2 acked", "3 acked"]);

parity(
  "a bolt fails one",
  single([1, 2], (tuple, out) => (tuple.n === 1 ? out.fail(tuple) : out.ack(tuple))),
  ["1 bolt bolt", "2 acked"],
);

parity(
  "branching: one branch fails",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1, 2]));
    builder.setBolt("left", one.bolt(ackIt)).shuffleGrouping(source);
    const right = builder.setBolt("right", one.bolt(passOn)).shuffleGrouping(source);
    const last = one.bolt((tuple, out) => (tuple.n === 2 ? out.fail(tuple) : out.ack(tuple)));
    builder.setBolt("last", last).shuffleGrouping(right);
  },
  ["1 acked", "2 bolt last"],
);

parity(
  "a diamond",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1, 2, 3]));
    const left = builder.setBolt("left", one.bolt(passOn)).shuffleGrouping(source);
    const right = builder.setBolt("right", one.bolt(passOn), { parallelism: 2 }).shuffleGrouping(source);
    const halves = new Map<number, NTuple>();
    const join = one.bolt((tuple, out) => {
      const other = halves.get(tuple.n);
      if (other === undefined) halves.set(tuple.n, tuple);
      else {
        out.emit([tuple, other], [tuple.n]);
        out.ack(tuple);
        out.ack(other);
      }
    });
    const joined = builder.setBolt("join", join).globalGrouping(left).globalGrouping(right);
    builder.setBolt("last", one.bolt(ackIt)).shuffleGrouping(joined);
  },
  ["1 acked", "2 acked", "3 acked"],
);

parity(
  "self-anchor: the same tuple twice",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1]));
    const twice = one.bolt((tuple, out) => {
      out.emit([tuple, tuple], [tuple.n]);
      out.ack(tuple);
    });
    const bolt = builder.setBolt("bolt", twice).shuffleGrouping(source);
    builder.setBolt("last", one.bolt(ackIt)).shuffleGrouping(bolt);
  },
  ["1 acked"],
);

for (const fails of [false, true]) {
  parity(
    `multi-anchor: what is made of two roots ${fails ? "fails both" : "is acked for both"}`,
    (builder, one) => {
      const source = builder.setSpout("source", one.source([1, 2]));
      const held: NTuple[] = [];
      const pair = one.bolt((tuple, out) => {
        held.push(tuple);
        if (held.length < 2) return;
        out.emit(held, [0]);
        for (const each of held) out.ack(each);
      });
      const paired = builder.setBolt("pair", pair).globalGrouping(source);
      const last = one.bolt((tuple, out) => (fails ? out.fail(tuple) : out.ack(tuple)));
      builder.setBolt("last", last).shuffleGrouping(paired);
    },
    fails ? ["1 bolt last", "2 bolt last"] : ["1 acked", "2 acked"],
  );
}

parity(
  "failing one of two roots leaves the other",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1, 2]));
    const held: NTuple[] = [];
    const pair = one.bolt((tuple, out) => {
      held.push(tuple);
      if (held.length < 2) return;
      out.emit(held, [0]);
      for (const each of held) each.n === 1 ? out.fail(each) : out.ack(each);
    });
    const paired = builder.setBolt("pair", pair).globalGrouping(source);
    builder.setBolt("last", one.bolt(ackIt)).shuffleGrouping(paired);
  },
  ["1 bolt pair", "2 acked"],
);

parity(
  "no subscriber",
  (builder, one) => void builder.setSpout("source", one.source([1, 2])),
  ["1 acked", "2 acked"],
  {
    check: ({ summary }) => {
      assert.equal(summary.totals.byComponent.source!.emitted, 2);
      assert.equal(summary.totals.byComponent.source!.transferred, 0);
    },
  },
);

parity(
  "unanchored: what comes of it does not matter",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1]));
    const loose = one.bolt((tuple, out) => {
      out.emitUnanchored([tuple.n]);
      out.ack(tuple);
    });
    const bolt = builder.setBolt("bolt", loose).shuffleGrouping(source);
    builder
      .setBolt(
        "last",
        one.bolt((tuple, out) => out.fail(tuple)),
      )
      .shuffleGrouping(bolt);
  },
  ["1 acked"],
  { check: ({ summary }) => assert.equal(summary.totals.byComponent.bolt!.transferred, 1) },
);

parity(
  "no id: nobody hears of it",
  single([null, 1], (tuple, out) => (tuple.n < 0 ? out.fail(tuple) : out.ack(tuple))),
  ["1 acked"],
);

parity(
  "acking off: acked at once, whatever becomes of it",
  single([1, 2], (tuple, out) => out.fail(tuple)),
  ["1 acked", "2 acked"],
  {
    config: { acking: "off" },
  },
);

// ---- Misuse

parity(
  "a second ack fails the tree, with an error where it happens",
  single([1], (tuple, out, one) => {
    out.ack(tuple);
    mistake(one, () => out.ack(tuple));
  }),
  ["1 bolt bolt"],
  { check: (_, one) => assert.deepEqual(one.notes, ["ACK_TWICE"]) },
);

parity(
  "ack and then fail",
  single([1], (tuple, out, one) => {
    out.ack(tuple);
    mistake(one, () => out.fail(tuple));
  }),
  ["1 bolt bolt"],
  { check: (_, one) => assert.deepEqual(one.notes, ["ACK_TWICE"]) },
);

parity(
  "emit after ack",
  single([1], (tuple, out, one) => {
    out.ack(tuple);
    mistake(one, () => out.emit(tuple, [1]));
  }),
  ["1 bolt bolt"],
  { check: (_, one) => assert.deepEqual(one.notes, ["ANCHOR_FINISHED"]) },
);

parity(
  "ack of an untracked tuple does nothing; a second one is a mistake all the same",
  single([null, 1], (tuple, out, one) => {
    out.ack(tuple);
    if (tuple.n < 0) mistake(one, () => out.ack(tuple));
  }),
  ["1 acked"],
  { check: (_, one) => assert.deepEqual(one.notes, ["ACK_TWICE"]) },
);

parity(
  "ack of what is no tuple",
  single([1], (tuple, out, one) => {
    mistake(one, () => out.ack({} as NTuple));
    out.ack(tuple);
  }),
  ["1 acked"],
  { check: (_, one) => assert.deepEqual(one.notes, ["ACK_NOT_YOURS"]) },
);

parity(
  "an unanchored emit, then ack and fail of the same tuple",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1]));
    const confused = one.bolt((tuple, out) => {
      out.emitUnanchored([tuple.n]);
      out.ack(tuple);
      mistake(one, () => out.fail(tuple));
    });
    const bolt = builder.setBolt("bolt", confused).shuffleGrouping(source);
    builder.setBolt("last", one.bolt(ackIt)).shuffleGrouping(bolt);
  },
  ["1 bolt bolt"],
  { check: (_, one) => assert.deepEqual(one.notes, ["ACK_TWICE"]) },
);

// ---- Counters

parity(
  "all grouping multiplies what is transferred",
  (builder, one) => {
    const source = builder.setSpout("source", one.source([1, 2]));
    builder.setBolt("bolt", one.bolt(ackIt), { parallelism: 3 }).allGrouping(source);
  },
  ["1 acked", "2 acked"],
  {
    check: ({ summary }) => {
      assert.equal(summary.totals.byComponent.source!.emitted, 2);
      assert.equal(summary.totals.byComponent.source!.transferred, 6);
      assert.equal(summary.totals.byComponent.bolt!.acked, 6);
    },
  },
);
