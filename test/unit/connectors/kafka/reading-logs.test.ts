/**
 * Goal:   whatever becomes of logs and their brokers, each message is read once, gaps are passed, and a finite
 *         reading ends where it is to end.
 * Method: a source on a played broker.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { PlayedKafka, REJOIN } from "./played-kafka.ts";
import { opened, until, valuesOf } from "./played-source.ts";

const LIMIT = { timeout: 10_000 };

test(
  "what was removed from the log is a gap: what is here of before it is emitted, and commits wait for it",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(1, 3);
    const played = await opened(t, kafka);
    await until(() => kafka.fetches.length > 1);
    // The three are here, and none is emitted.
    kafka.logs[0] = { first: 10, values: ["new"] };
    await until(() => kafka.asked.filter((operation) => operation === "listOffsets").length > 1);
    await played.emit(4);
    assert.deepEqual(valuesOf(played), ["0-0", "0-1", "0-2", "new"]);
    played.ack("0-1", "0-2", "new");
    await waitMs(20);
    assert.equal(kafka.committed.get("t:0"), 0);
    played.ack("0-0");
    await until(() => kafka.committed.get("t:0") === 11);
  },
);

test("a log that ends before the place that was read to is begun at its oldest", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka);
  await played.emit(3);
  kafka.logs[0] = { first: 0, values: ["again"] };
  await played.emit(4);
  assert.equal(valuesOf(played)[3], "again");
  played.ack("0-0", "0-1", "0-2");
  await until(() => kafka.commits.length > 1);
  assert.equal(kafka.committed.get("t:0"), 0);
  played.ack("again");
  await until(() => kafka.committed.get("t:0") === 1);
});

test("a topic that was made anew is read from its oldest, however long it has become meanwhile", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka);
  await played.emit(3);
  played.ack("0-0");
  await until(() => kafka.committed.get("t:0") === 1);
  kafka.committed.delete("t:0");
  let isAway = true;
  kafka.before = (operation) => (operation === "listOffsets" ? until(() => !isAway) : undefined);
  const asked = kafka.asked.length;
  kafka.topicId = "id-2";
  kafka.logs[0] = { first: 0, values: ["a", "b", "c", "d", "e"] };
  await until(() => kafka.asked.includes("listOffsets", asked));
  played.ack("0-1", "0-2");
  await waitMs(10);
  assert.equal(kafka.committed.has("t:0"), false, "what was done of the other topic is said of this one");
  isAway = false;
  await played.emit(8);
  assert.deepEqual(valuesOf(played).slice(3), ["a", "b", "c", "d", "e"]);
  played.ack("a");
  await until(() => kafka.committed.get("t:0") === 1);
});

test("a topic that was made anew is not the rest of the one before, wherever its log begins", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka);
  await played.emit(3);
  kafka.topicId = "id-2";
  kafka.logs[0] = { first: 10, values: ["a"] };
  await played.emit(4);
  assert.equal(kafka.committed.get("t:0"), 10);
});

test("a log is begun at its oldest when the group has taken that, and not before", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka);
  await played.emit(3);
  let refused = 0;
  kafka.before = (operation) => {
    if (operation === "commit" && ++refused > 0) throw REJOIN;
  };
  kafka.logs[0] = { first: 0, values: ["again"] };
  await until(() => refused > 0);
  for (let n = 0; n < 20; n++) await played.ask();
  assert.equal(played.emitted.length, 3);
  kafka.before = () => undefined;
  await played.emit(4);
});

test("the lag of a topology that takes nothing more goes on growing", LIMIT, async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const kafka = new PlayedKafka(1, 2);
  const played = await opened(t, kafka, { aheadMax: 1 });
  await played.emit(1);
  kafka.logs[0]!.values.push("more");
  await until(() => played.gauge("lag") === 3);
  kafka.logs[0]!.values.push("and", "more");
  t.mock.timers.tick(5_000);
  await until(() => played.gauge("lag") === 5);
});

test("finite reading ends when others have committed up to their ends, and not before", LIMIT, async (t) => {
  const kafka = new PlayedKafka(3, 2);
  kafka.given = [0];
  kafka.committed.set("t:1", 1);
  kafka.committed.set("t:2", 2);
  const played = await opened(t, kafka, { until: "end" });
  await played.emit(2);
  const looks = () => kafka.asked.filter((operation) => operation === "listCommittedOffsets").length;
  const before = looks();
  while (looks() < before + 2) await played.ask();
  assert.equal(played.said, "waiting");
  kafka.committed.set("t:1", 2);
  while (played.said === "waiting") await played.ask();
  assert.equal(played.said, "exhausted");
});

test("finite reading takes over what another task leaves", LIMIT, async (t) => {
  const kafka = new PlayedKafka(2, 2);
  kafka.given = [0];
  kafka.committed.set("t:1", 1);
  const played = await opened(t, kafka, { until: "end" });
  kafka.logs[1]!.values.push("behind the end");
  await played.emit(2);
  kafka.rebalance([0, 1]);
  await played.emit(3);
  assert.equal(valuesOf(played)[2], "1-1");
  while (played.said !== "exhausted") await played.ask();
  assert.equal(played.emitted.length, 3);
  played.ack("1-1");
  await until(() => kafka.committed.get("t:1") !== 1);
  assert.equal(kafka.committed.get("t:1"), 2, "what lies behind the end is the next run's");
});

test("of several partitions each comes first in its turn", LIMIT, async (t) => {
  const kafka = new PlayedKafka(3, 0);
  await opened(t, kafka);
  await until(() => kafka.fetches.length > 6);
  assert.deepEqual(new Set(kafka.fetches.map(([first]) => first)), new Set([0, 1, 2]));
});

test("finite reading does not end before its own messages have come", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 1);
  let isHeld = true;
  kafka.before = (operation) => (operation === "fetch" ? until(() => !isHeld) : undefined);
  const played = await opened(t, kafka, { until: "end" });
  for (let n = 0; n < 10; n++) await played.ask();
  assert.equal(played.said, "waiting");
  isHeld = false;
  await played.emit(1);
});

test("gaps are passed: before what is asked for, between messages, and at the end", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 0);
  kafka.logs[0]!.values.push("a", "b", null, "c", null, "d", null, null);
  kafka.committed.set("t:0", 1);
  const played = await opened(t, kafka, { until: "end" });
  await played.emit(3);
  while (played.said !== "exhausted") await played.ask();
  assert.deepEqual(valuesOf(played), ["b", "c", "d"]);
  played.ack("b", "c");
  await until(() => kafka.committed.get("t:0") === 5);
  played.ack("d");
  await until(() => kafka.committed.get("t:0") === 8);
});

test("so much of a partition is held, and no more is asked for", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 1);
  await opened(t, kafka);
  for (let n = 0; n < 5; n++) {
    await waitMs(10);
    kafka.logs[0]!.values.push("more");
  }
  const { length } = kafka.fetches;
  await waitMs(10);
  assert.equal(kafka.fetches.length, length);
});

test(
  "another leader is looked for when a partition is refused; the others are read all the same",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(2, 2);
    const NOT_LEADER = 6;
    kafka.errors.set(1, NOT_LEADER);
    const played = await opened(t, kafka, { reconnect: { firstMs: 1, maxMs: 1 } });
    await played.emit(2);
    await until(() => kafka.asked.includes("clearMetadata"));
    assert.deepEqual(valuesOf(played), ["0-0", "0-1"]);
    assert.equal(kafka.consumers.length, 2, "a client that was answered is not given up");
    kafka.errors.clear();
    await played.emit(4);
  },
);

test("an answer of a former leader that comes after that of the new one is left", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 2);
  let isHeld = true;
  kafka.before = (operation, { node }) => (operation === "fetch" && node === 1 ? until(() => !isHeld) : undefined);
  const played = await opened(t, kafka);
  await until(() => kafka.asked.includes("fetch"));
  kafka.leader = 2;
  // What makes the fetcher ask: the partitions are given once more.
  kafka.assign([0]);
  await played.emit(2);
  isHeld = false;
  kafka.logs[0]!.values.push("last");
  await played.emit(3);
  for (let n = 0; n < 10; n++) await played.ask();
  assert.deepEqual(valuesOf(played), ["0-0", "0-1", "last"]);
});

test("a client whose fetch fails is given up, and another goes on where it was", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 2);
  const played = await opened(t, kafka, { reconnect: { firstMs: 1, maxMs: 1 } });
  await played.emit(2);
  const [first] = kafka.consumers;
  let isAway = true;
  kafka.before = (operation) => {
    if (operation === "fetch" && isAway) throw new Error("away");
  };
  await until(() => kafka.consumers.length > 3);
  assert.ok(first!.connections.isClosed);
  assert.equal(played.gauge("connected"), 0);
  isAway = false;
  kafka.logs[0]!.values.push("0-2");
  await played.emit(3);
  assert.deepEqual([valuesOf(played), played.gauge("connected")], [["0-0", "0-1", "0-2"], 1]);
});

test("what a transaction has written before it is over is not behind, unless it is read", LIMIT, async (t) => {
  for (const readUncommitted of [false, true]) {
    const kafka = new PlayedKafka(1, 3);
    kafka.committed.set("t:0", 1);
    kafka.unstable = 1;
    const played = await opened(t, kafka, { readUncommitted });
    await until(() => played.gauge("lag") > 0);
    assert.equal(played.gauge("lag"), readUncommitted ? 2 : 1);
  }
});
