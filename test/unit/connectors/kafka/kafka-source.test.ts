/**
 * Goal:   whatever the group and the log do, no offset is committed beyond a message that is not done, and no message
 *         is left out.
 * Method: a source on a played broker, which does what the test says, when it says it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { PlayedKafka, REJOIN } from "./played-kafka.ts";
import { opened, PlayedSource, until, valuesOf } from "./played-source.ts";

const LIMIT = { timeout: 10_000 };

test("commits follow what is done, and not what is emitted", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 5);
  const played = await opened(t, kafka);
  await played.emit(5);
  played.ack("0-0", "0-1", "0-3", "0-4");
  await until(() => kafka.committed.get("t:0") === 2);
  played.ack("0-2");
  await until(() => kafka.committed.get("t:0") === 5);
});

test("while the group gives its partitions anew nothing is emitted and nothing is committed", LIMIT, async (t) => {
  const kafka = new PlayedKafka(2, 300);
  const played = await opened(t, kafka);
  await played.emit(10);
  played.ack("0-0", "0-1");
  kafka.member.emit("consumer:group:rebalance", {});
  // As the owner that it still is.
  assert.deepEqual(kafka.asked.at(-1), "commit");
  await until(() => kafka.committed.get("t:0") === 2);
  const { length } = kafka.commits;
  played.ack("0-2", "0-3");
  for (let n = 0; n < 10; n++) await played.ask();
  assert.deepEqual([played.emitted.length, kafka.commits.length], [10, length]);
  kafka.assign([0]);
  await played.emit(20);
  await until(() => kafka.committed.get("t:0") === 4);
  assert.equal(new Set(valuesOf(played)).size, played.emitted.length);
});

test(
  "a partition that was taken away and comes back is read from its commit; older acks are nobody's",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(2, 5);
    const played = await opened(t, kafka);
    await played.emit(10);
    kafka.rebalance([0]);
    kafka.committed.set("t:1", 3);
    kafka.rebalance([0, 1]);
    await played.emit(12);
    assert.deepEqual(valuesOf(played).slice(10), ["1-3", "1-4"]);
    const old = played.emitted.filter(({ partition }, n) => partition === 1 && n < 10);
    for (const { id } of old) played.source.done(id);
    played.ack("0-0");
    await until(() => kafka.committed.get("t:0") === 1);
    assert.equal(kafka.committed.get("t:1"), 3);
  },
);

test("after a generation that this member was not in, everything is begun at the commits", LIMIT, async (t) => {
  for (const begin of ["another member", "a gap"] as const) {
    const kafka = new PlayedKafka(1, 4);
    const played = await opened(t, kafka);
    await played.emit(4);
    kafka.committed.set("t:0", 2);
    if (begin === "another member") kafka.assign([0], "someone-else");
    else kafka.assign([0], undefined, kafka.generation + 2);
    await played.emit(6);
    assert.deepEqual(valuesOf(played).slice(4), ["0-2", "0-3"], begin);
  }
});

test("what was begun for an older assignment is left", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  kafka.committed.set("t:0", 0);
  kafka.given = [];
  const played = await opened(t, kafka);
  let isHeld = true;
  kafka.before = (operation) => (operation === "listCommittedOffsets" ? until(() => !isHeld) : undefined);
  kafka.rebalance([0]);
  kafka.rebalance([]);
  isHeld = false;
  for (let n = 0; n < 20; n++) await played.ask();
  assert.deepEqual([played.emitted.length, kafka.fetches.length], [0, 0]);
});

test("reading ahead of a message that is not done has its bound", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 10);
  const played = await opened(t, kafka, { aheadMax: 3 });
  await played.emit(3);
  for (let n = 0; n < 10; n++) await played.ask();
  played.ack("0-1");
  await waitMs(5);
  assert.deepEqual([played.emitted.length, played.said], [3, "waiting"]);
  // Whoever waits hears of the room that this makes.
  played.ack("0-0");
  await until(() => played.emitted.length === 4);
  await played.emit(5);
  for (let n = 0; n < 10; n++) await played.ask();
  assert.equal(played.emitted.length, 5);
});

test("while the topology is not active nothing is emitted; acks are committed", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 2);
  const played = await opened(t, kafka);
  await played.emit(2);
  await played.ask();
  played.source.deactivate();
  await waitMs(1);
  assert.equal(played.said, "idle");
  kafka.logs[0]!.values.push("later");
  played.ack("0-0");
  await until(() => kafka.committed.get("t:0") === 1);
  for (let n = 0; n < 10; n++) await played.ask();
  assert.equal(played.emitted.length, 2);
  played.source.deactivate();
  played.source.activate();
  await played.emit(3);
});

test("a bad message holds the commit until its tuple is acked, if it has one", LIMIT, async (t) => {
  for (const badMessages of [undefined, "bad"]) {
    const kafka = new PlayedKafka(1, 2);
    kafka.logs[0]!.values.push("much too long");
    const played = await opened(t, kafka, { messageBytesMax: 5, ...(badMessages && { badMessages }) });
    await played.emit(2);
    await played.ask();
    played.ack("0-0", "0-1");
    if (badMessages !== undefined) {
      await until(() => kafka.committed.get("t:0") === 2 && played.bad.length === 1);
      for (let n = 0; n < 5; n++) await played.ask();
      assert.equal(kafka.committed.get("t:0"), 2);
      played.source.done(played.bad[0]);
    }
    await until(() => kafka.committed.get("t:0") === 3);
    assert.equal(played.emitted.length, 2);
  }
});

test("partitions that could not be begun are begun later", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 1);
  const played = await opened(t, kafka);
  await played.emit(1);
  let failures = 0;
  kafka.before = (operation) => {
    if (operation === "listCommittedOffsets" && failures++ < 2) throw new Error("away");
  };
  kafka.assign([0], "someone-else");
  await played.emit(2);
  assert.equal(failures, 3);
});

test("what cannot be begun in the second assignment of a start fails the start", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 1);
  let asked = 0;
  kafka.before = async (operation) => {
    if (operation !== "listCommittedOffsets") return;
    if (++asked > 1) throw new Error("away");
    await waitMs(1);
    kafka.assign([0], "someone-else");
    await waitMs(20);
  };
  await assert.rejects(opened(t, kafka), { code: "CONNECTOR_FAILED" });
});

test("a partition that is added is found, and read from its oldest message", LIMIT, async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const kafka = new PlayedKafka(1, 1);
  const played = await opened(t, kafka, { from: "latest" });
  for (let n = 0; n < 5; n++) await played.ask();
  const joins = () => kafka.asked.filter((operation) => operation === "joinGroup").length;
  t.mock.timers.tick(5_000);
  await waitMs(10);
  assert.equal(joins(), 1);
  kafka.logs.push({ first: 0, values: ["early", "late"] });
  kafka.given = [0, 1];
  t.mock.timers.tick(5_000);
  await played.emit(2);
  assert.deepEqual(valuesOf(played), ["early", "late"]);
  t.mock.timers.tick(5_000);
  await waitMs(10);
  assert.equal(joins(), 2);
});

test(
  "the position of a first message is that of the member, and a task that is made again goes on as it",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(1, 1);
    const asked: unknown[] = [];
    kafka.before = (operation, { memberId }) => {
      if (operation === "joinGroup") asked.push(memberId);
    };
    kafka.committed.set("t:0", 1);
    const played = new PlayedSource(kafka, { from: "earliest" }, { memberId: "it" });
    t.after(() => played.source.close());
    await played.source.open();
    for (let n = 0; n < 5; n++) await played.ask();
    assert.deepEqual([asked, played.emitted.length], [["it"], 0]);
  },
);

test(
  "a task that ends commits what is done before it leaves the group, and ends its connections",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(1, 2);
    const played = await opened(t, kafka, { commitMs: 100_000 });
    await played.emit(2);
    played.ack("0-0");
    await played.source.close();
    assert.equal(kafka.committed.get("t:0"), 1);
    assert.ok(kafka.asked.lastIndexOf("commit") < kafka.asked.indexOf("leaveGroup"));
    assert.ok(kafka.consumers.every(({ connections }) => connections.isClosed));
    const { length } = kafka.asked;
    played.ack("0-1");
    await waitMs(10);
    assert.equal(kafka.asked.length, length);
  },
);

test("a member that is given up is replaced, and goes on under its id with what it has", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka, { reconnect: { firstMs: 1, maxMs: 1 } });
  await played.emit(3);
  const old = kafka.member;
  let refused = 0;
  kafka.before = (operation) => {
    if (operation === "joinGroup" && refused++ < 3) throw new Error("away");
  };
  old.emit("consumer:heartbeat:error", { error: new Error("away") });
  await until(() => kafka.member !== old);
  assert.equal(refused, 4);
  assert.ok(old.connections.isClosed);
  assert.equal(old.memberId, null);
  assert.equal(kafka.asked.includes("leaveGroup"), false);
  // What the one before has to say by now is nobody's.
  old.joined("ghost");
  played.ack("0-0", "0-1");
  await until(() => kafka.committed.get("t:0") === 2);
  assert.equal(kafka.commits.at(-1)!.memberId, "member-1");
  assert.equal(played.emitted.length, 3);
  for (let n = 0; n < 10; n++) await played.ask();
  assert.equal(played.emitted.length, 3);
});

test("a partition whose beginning the group does not take is not read", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 1);
  kafka.before = (operation) => {
    if (operation === "commit") throw REJOIN;
  };
  const played = await opened(t, kafka);
  for (let n = 0; n < 20; n++) await played.ask();
  assert.deepEqual([played.emitted.length, kafka.fetches.length], [0, 0]);
  kafka.before = () => undefined;
  kafka.rebalance([0]);
  await played.emit(1);
});

test(
  "where reading begins is said of the beginning of a run: what comes later begins at its commit",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(2, 3);
    kafka.committed.set("t:0", 2);
    kafka.given = [0];
    const played = await opened(t, kafka, { from: "earliest" });
    await played.emit(3);
    kafka.committed.set("t:1", 2);
    kafka.rebalance([0, 1]);
    await played.emit(4);
    assert.deepEqual(valuesOf(played), ["0-0", "0-1", "0-2", "1-2"]);
  },
);

test("a member that the group has thrown out commits nothing until it has joined again", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 2);
  const played = await opened(t, kafka);
  await played.emit(2);
  await until(() => kafka.commits.length === 1);
  // As the library does when it hears of it, before it joins.
  kafka.member.memberId = null;
  played.ack("0-0");
  await waitMs(10);
  assert.equal(kafka.commits.length, 1);
  kafka.assign([0], "member-2");
  await played.emit(4);
  played.ack("0-0");
  await until(() => kafka.committed.get("t:0") === 1);
});
