/**
 * Goal:   a simulation runs the engine's own code, tells all that happened, and leaves time to the test if it asks.
 * Method: small topologies whose results and times can be worked out by hand, and the mistakes that a test can make.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as realTime } from "node:timers/promises";
import { defineTopology, EngineError, type ErrorCode } from "../../../src/index.ts";
import { simulate } from "../../../src/testing/index.ts";
import {
  At,
  busy,
  Count,
  countWords,
  echoes,
  fed,
  SENTENCES,
  Sentence,
  tracked,
  Word,
  waiting,
  wordCount,
} from "./simulated-topologies.ts";

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof EngineError, String(error));
    return error.code;
  }
  throw new Error("nothing was rejected");
}

test("every tuple of every component can be asked for, as values or by field", async () => {
  const simulation = simulate(wordCount, { options: { sentences: SENTENCES } });
  const summary = await simulation.completed();
  assert.equal(summary.outcome, "completed");
  assert.equal(summary.totals.byComponent.count?.executed, 6);
  assert.deepEqual(simulation.emittedBy("lines"), [["to be or"], [""], ["not to be"]]);
  assert.deepEqual(simulation.emittedBy("split").sort(), [[""], ["be"], ["be"], ["not"], ["or"], ["to"], ["to"]]);
  assert.deepEqual(simulation.emittedBy("split", "empty"), [[""]]);
  assert.deepEqual(simulation.executedBy("count").sort(), [["be"], ["be"], ["not"], ["or"], ["to"], ["to"]]);
  const counts = simulation.emittedBy("count", Count);
  assert.equal(Math.max(...counts.filter(({ word }) => word === "to").map(({ count }) => count)), 2);
  assert.deepEqual(simulation.executedBy("split", Sentence, "default").at(-1), { sentence: "not to be" });
});

test("names and fields that do not exist are told with those that do", async () => {
  const simulation = simulate(wordCount, { options: { sentences: [] } });
  await simulation.completed();
  const unknown = (ask: () => unknown, remedy: RegExp) =>
    assert.throws(ask, (error: EngineError) => {
      assert.equal(error.code, "SIMULATION_UNKNOWN_NAME");
      assert.match(error.message, remedy);
      return true;
    });
  unknown(() => simulation.emittedBy("cuont"), /ask for "count"/);
  unknown(() => simulation.emittedBy("split", "emtpy"), /ask for "empty"/);
  unknown(() => simulation.executedBy("split", "defualt"), /ask for "default"/);
  assert.throws(() => simulation.emittedBy("split", Count), { code: "SIMULATION_FIELDS_DIFFER" });
});

test("the same seed gives the same trace, another seed another order of the same", async () => {
  const traceOf = async (seed: number) => {
    const simulation = simulate(wordCount, { options: { sentences: SENTENCES }, seed, workers: 3 });
    await simulation.completed();
    return simulation.trace;
  };
  const first = await traceOf(1);
  assert.match(first.toString(), /^0 ms {2}lines#1 {2}open$/m);
  assert.match(first.toString(), /emit default \[ 'to', 2 \]$/m);
  assert.equal((await traceOf(1)).toString(), first.toString());
  assert.equal((await traceOf(1)).hash, first.hash);
  const hashes = new Set<string>();
  for (let seed = 1; seed <= 8; seed++) hashes.add((await traceOf(seed)).hash);
  assert.ok(hashes.size > 3, `8 seeds gave ${hashes.size} traces`);
});

test("a failure ends the run, and its message tells the seed", async () => {
  const simulation = simulate(wordCount, { options: { sentences: ["a fail"] }, seed: 77 });
  await assert.rejects(simulation.completed(), (error: EngineError) => {
    assert.equal(error.code, "TASK_FAILED");
    assert.match(error.message, /seed: +77/);
    assert.match((error.cause as Error).message, /this word is refused/);
    return true;
  });
  assert.deepEqual(simulation.executedBy("count").toSorted(), [["a"], ["fail"]]);
  const manual = simulate(wordCount, { options: { sentences: ["a fail"] }, autoAdvance: false });
  assert.equal(await codeOf(manual.advance(10)), "TASK_FAILED");
});

test("a topology that is wrong is refused at once", () => {
  const wrong = defineTopology(import.meta.url, (builder) => {
    const words = builder.setFeeder("words", Word);
    builder.setBolt("count", countWords).shuffleGrouping("nobody");
    return { words };
  });
  assert.throws(() => simulate(wrong), { code: "TOPOLOGY_UNKNOWN_SOURCE" });
  assert.throws(() => simulate(busy, { eventsMax: 0 }), { code: "SIMULATION_BAD_SETTING" });
  assert.throws(() => simulate(busy, { config: { workers: 0 } }), { code: "CONFIG_INVALID_VALUE" });
});

test("ticks come on time although a spout never pauses, and time is the test's to move", async () => {
  for (const roundsPerMs of [1, 8]) {
    await using simulation = simulate(busy, { autoAdvance: false, roundsPerMs });
    await simulation.advance(35);
    assert.equal(simulation.nowMs, 35);
    const ticks = simulation.emittedBy("tell", At);
    assert.deepEqual(
      ticks.map(({ at }) => at),
      [10, 20, 30],
    );
    assert.ok(ticks[2]!.seen > ticks[0]!.seen);
    const before = simulation.totals().emitted;
    await realTime(20);
    assert.equal(simulation.nowMs, 35, "time moved although nobody moved it");
    await simulation.advance(5);
    assert.deepEqual(simulation.emittedBy("tell").length, 4);
    assert.ok(simulation.totals().emitted > before);
    assert.equal(await codeOf(simulation.settle()), "SIMULATION_NOT_SETTLING");
  }
});

test("what a busy simulation does does not depend on how long its test takes to move time", async () => {
  const hashes = new Set<string>();
  for (const pauseMs of [0, 0, 15]) {
    await using simulation = simulate(busy, { autoAdvance: false, roundsPerMs: 2 });
    await simulation.advance(10);
    if (pauseMs > 0) await realTime(pauseMs);
    await simulation.advance(10);
    hashes.add(simulation.trace.hash);
  }
  assert.equal(hashes.size, 1);
});

test("time also passes by itself while a topology is busy", async () => {
  await using simulation = simulate(busy, { roundsPerMs: 2 });
  await simulation.advance(25);
  assert.deepEqual(
    simulation.emittedBy("tell", At).map(({ at }) => at),
    [10, 20],
  );
});

test("settle does what can be done now, and leaves time alone", async () => {
  await using simulation = simulate(busy, { autoAdvance: false, options: { idleAfter: 500 } });
  await simulation.settle();
  assert.equal(simulation.nowMs, 0);
  assert.equal(simulation.executedBy("tell").length, 500);
  assert.deepEqual(simulation.emittedBy("tell"), []);
  await simulation.advance(10);
  assert.deepEqual(simulation.emittedBy("tell"), [[10, 500]]);
  await assert.rejects(simulation.advance(-1), { code: "SIMULATION_BAD_SETTING" });
  const summary = await simulation.drain();
  assert.equal(summary.outcome, "drained");
  assert.equal(simulation.state, "drained");
  await simulation.advance(10); // Over is over: nobody waits for ever.
});

test("a fed topology takes what the test gives, and tells its end", async () => {
  const simulation = simulate(fed, { autoAdvance: false });
  await simulation.feeders.words.emit(["a"]);
  await simulation.feeders.words.emit(["a"]);
  await simulation.settle();
  assert.deepEqual(simulation.emittedBy("words"), [["a"], ["a"]]);
  assert.deepEqual(simulation.emittedBy("count"), [
    ["a", 1],
    ["a", 2],
  ]);
  simulation.feeders.words.end();
  assert.equal((await simulation.completed()).outcome, "completed");
});

test("outputs can be read as in any run, if the test says so in time", async () => {
  const simulation = simulate(wordCount, { options: { sentences: SENTENCES } });
  const rows: unknown[] = [];
  for await (const { word, count } of simulation.outputs.counts) rows.push([word, count]);
  await simulation.completed();
  assert.deepEqual(rows.sort(), simulation.emittedBy("count").sort());
  const late = simulate(wordCount, { options: { sentences: SENTENCES } });
  await late.completed();
  assert.throws(() => late.outputs.counts, { code: "SIMULATION_OUTPUT_DROPPED" });
});

test("who reads an output has it read before time moves", async () => {
  // Rings that are soon full: the reader holds back a topology that ticks.
  const config = { ringBytesMin: 4096, ringBytesMax: 4096, batchRowsMax: 1, localQueueRowsMax: 1, localMarkRows: 1 };
  const simulation = simulate(echoes, { options: { tuples: 700 }, config });
  const atMs = new Set<number>();
  let read = 0;
  for await (const _tuple of simulation.outputs.echoes) {
    read++;
    atMs.add(simulation.nowMs);
    if (read % 100 === 0) await Promise.resolve();
  }
  assert.equal(read, 700);
  assert.deepEqual([...atMs], [0]);
});

test("what was recorded stays as it was, whatever becomes of the objects", async () => {
  const spoiling = simulate(echoes, { options: { tuples: 3, spoils: true } });
  await spoiling.completed();
  const expected = [[{ n: 0 }], [{ n: 1 }], [{ n: 2 }]];
  assert.deepEqual(spoiling.emittedBy("things"), expected);
  assert.deepEqual(spoiling.executedBy("echo"), expected);
  assert.deepEqual(
    spoiling.executedBy("reader").length + spoiling.emittedBy("echo").length,
    6,
    "direct emits are recorded like others",
  );
});

test("tuples that are tracked, anchored and emitted in any other way are recorded like all others", async () => {
  const simulation = simulate(tracked);
  await simulation.completed();
  assert.deepEqual(simulation.emittedBy("words"), [["a"], ["b"], ["c"], ["d"]]);
  assert.deepEqual(simulation.emittedBy("again"), [["a"], ["b"], ["c"], ["d"]]);
  assert.deepEqual(simulation.emittedBy("enrich"), [["a"], ["a"], ["b"], ["b"], ["c"], ["c"], ["d"], ["d"]]);
  assert.deepEqual(simulation.executedBy("again").length, 4);
});

test("promises of components are waited for, and one that never settles is named", async () => {
  const patient = simulate(waiting, { options: { ms: 20 } });
  await patient.completed();
  assert.deepEqual(patient.emittedBy("wait"), [["a"]]);
  assert.equal(patient.nowMs, 0);
  const stuck = simulate(waiting, {
    options: { ms: Number.POSITIVE_INFINITY },
    stuckTimeoutMs: 100,
    config: { stopTimeoutMs: 10 },
  });
  await assert.rejects(stuck.completed(), (error: EngineError) => {
    assert.equal(error.code, "SIMULATION_STUCK");
    assert.match(error.message, /execute of wait#0/);
    return true;
  });
  const hungry = simulate(fed, { stuckTimeoutMs: 100 });
  await assert.rejects(hungry.completed(), /feeders that are not ended: +words/);
});

test("a simulation that records too much fails instead of taking all memory", async () => {
  const simulation = simulate(busy, { eventsMax: 1000 });
  await assert.rejects(simulation.completed(), (error: EngineError) => {
    assert.equal((error.cause as EngineError).code, "SIMULATION_TOO_LONG");
    return true;
  });
});

test("killing ends it at once", async () => {
  const simulation = simulate(busy, { roundsPerMs: 1 });
  await simulation.advance(5);
  assert.equal((await simulation.kill()).outcome, "killed");
});
