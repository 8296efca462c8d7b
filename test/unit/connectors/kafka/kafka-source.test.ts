/**
 * Goal:   whatever the group and the log do, no offset is committed beyond a message that is not done, and no message
 *         is left out.
 * Method: a source on a played broker, which does what the test says, when it says it.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { PlayedKafka, REJOIN } from "./played-kafka.ts";
import { PlayedSource, until } from "./played-source.ts";

const LIMIT = { timeout: 10_000 };

async function opened(t: TestContext, kafka: PlayedKafka, options: object = {}): Promise<PlayedSource> {
  const played = new PlayedSource(kafka, options);
  t.after(() => played.source.close());
  await played.source.open();
  return played;
}

const valuesOf = (played: PlayedSource) => played.emitted.map(({ value }) => value);

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

test(
  "a commit that the group answers after it has given the partitions anew counts for nothing",
  LIMIT,
  async (t) => {
    const kafka = new PlayedKafka(1, 2);
    let isHeld = true;
    kafka.before = (operation) => (operation === "commit" && isHeld ? until(() => !isHeld) : undefined);
    kafka.committed.set("t:0", 0);
    const played = await opened(t, kafka, { delivery: "at-most-once" });
    await until(() => kafka.asked.includes("commit"));
    kafka.assign([0], "someone-else");
    isHeld = false;
    await played.emit(2);
    assert.deepEqual(valuesOf(played), ["0-0", "0-1"]);
  },
);

test("at most once, messages leave only when their commit has been taken", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  let isRefused = true;
  kafka.before = (operation, asked) => {
    if (operation === "commit" && asked["t:0"] === 3 && isRefused) throw REJOIN;
  };
  const played = await opened(t, kafka, { delivery: "at-most-once" });
  for (let n = 0; n < 20; n++) await played.ask();
  assert.equal(played.emitted.length, 0);
  isRefused = false;
  await played.emit(3);
  assert.equal(kafka.committed.get("t:0"), 3);
});

test("at most once, what was committed is emitted by whoever committed it, and by nobody else", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka, { delivery: "at-most-once" });
  await played.emit(1);
  kafka.rebalance([]);
  await played.emit(3);
  assert.deepEqual(valuesOf(played), ["0-0", "0-1", "0-2"]);
});

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
  kafka.topicId = "id-2";
  kafka.logs[0] = { first: 0, values: ["a", "b", "c", "d", "e"] };
  played.ack("0-1", "0-2");
  await played.emit(8);
  assert.deepEqual(valuesOf(played).slice(3), ["a", "b", "c", "d", "e"]);
  played.ack("a");
  await until(() => kafka.committed.get("t:0") === 1);
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

test("finite reading ends when others have committed up to their ends, and not before", LIMIT, async (t) => {
  const kafka = new PlayedKafka(2, 2);
  kafka.given = [0];
  kafka.committed.set("t:1", 1);
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
});

test("a member that is given up is replaced, and goes on under its id with what it has", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka);
  await played.emit(3);
  const old = kafka.member;
  old.emit("consumer:heartbeat:error", { error: new Error("away") });
  await until(() => kafka.member !== old);
  assert.ok(old.connections.isClosed);
  assert.equal(old.memberId, null);
  assert.equal(kafka.asked.includes("leaveGroup"), false);
  played.ack("0-0", "0-1");
  await until(() => kafka.committed.get("t:0") === 2);
  assert.equal(kafka.commits.at(-1)!.memberId, "member-1");
  assert.equal(played.emitted.length, 3);
});

test("of several partitions each comes first in its turn", LIMIT, async (t) => {
  const kafka = new PlayedKafka(3, 0);
  await opened(t, kafka);
  await until(() => kafka.fetches.length > 6);
  assert.deepEqual(new Set(kafka.fetches.map(([first]) => first)), new Set([0, 1, 2]));
});
