// What a server keeps is tried for ever, unless the user says when it is given up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { redelivering } from "../../../../src/connectors/shared/redelivering.ts";
import {
  basicBolt,
  defineTopology,
  type EngineError,
  fields,
  fromIterable,
  type SpoutClass,
} from "../../../../src/index.ts";
import { simulate } from "../../../../src/testing/index.ts";

const N = fields("n:int32");
const source = () => fromIterable(N, () => [[1]]) as unknown as SpoutClass<typeof N, []>;

interface Case {
  readonly replay?: object;
  readonly failures: number;
  readonly hasLetters?: boolean;
}

/** Dead letters so far: one simulation at a time, on this thread. */
let letters = 0;
const deadLetter = () => {
  letters++;
};

const failing = defineTopology(import.meta.url, (builder, { replay, failures, hasLetters }: Case) => {
  const chosen = hasLetters === true ? { ...replay, deadLetter } : replay;
  const spout = builder.setSpout("source", redelivering(source() as never, chosen) as never);
  const fail = basicBolt({
    input: N,
    output: fields("attempt:int32"),
    execute({ $ }, collector) {
      if ($.attempt <= failures) throw new Error("not yet");
      collector.emit([$.attempt]);
    },
  });
  builder.setBolt("fail", fail).shuffleGrouping(spout as never);
});

test("what fails comes again for ever", async () => {
  await using simulation = simulate(failing, { options: { failures: 40 } });
  await simulation.completed();
  assert.deepEqual(simulation.emittedBy("fail"), [[41]]);
});

test("where it is said how often it is tried, it is given up", async () => {
  await using simulation = simulate(failing, { options: { failures: 40, replay: { retries: 2 } } });
  await simulation.completed();
  assert.deepEqual(simulation.emittedBy("fail"), []);
  assert.equal(simulation.executedBy("fail").length, 3);
});

test("where a dead letter has somewhere to go, it is given up after a while", async () => {
  await using simulation = simulate(failing, { options: { failures: 40, hasLetters: true } });
  await simulation.completed();
  assert.deepEqual([simulation.executedBy("fail").length, letters], [6, 1]);
});

test("options that are wrong are told where the spout is made", () => {
  for (const replay of [{ retries: -1 }, { backoff: 5 }, { retrys: 1 }]) {
    assert.throws(
      () => redelivering(source() as never, replay),
      (error: EngineError) => error.code === "REPLAY_BAD_OPTION",
    );
  }
});
