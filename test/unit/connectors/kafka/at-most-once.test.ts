/**
 * Goal:   at most once, a message leaves when its commit is taken, and is emitted by whoever has committed it alone.
 * Method: as of the other tests of the source, on a played broker.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayedKafka, REJOIN } from "./played-kafka.ts";
import { opened, until, valuesOf } from "./played-source.ts";

const LIMIT = { timeout: 10_000 };
const MOST = { delivery: "at-most-once" };

test("at most once, messages leave only when their commit has been taken", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  let isRefused = true;
  kafka.before = (operation, asked) => {
    if (operation === "commit" && asked["t:0"] === 3 && isRefused) throw REJOIN;
  };
  const played = await opened(t, kafka, MOST);
  await until(() => kafka.asked.filter((operation) => operation === "commit").length > 1);
  for (let n = 0; n < 20; n++) await played.ask();
  assert.equal(played.emitted.length, 0);
  isRefused = false;
  await played.emit(3);
  assert.equal(kafka.committed.get("t:0"), 3);
});

test("at most once, what was committed is emitted by whoever committed it, and by nobody else", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  const played = await opened(t, kafka, MOST);
  await played.emit(1);
  kafka.rebalance([]);
  await played.emit(3);
  assert.deepEqual(valuesOf(played), ["0-0", "0-1", "0-2"]);
});

test("a commit that is answered after the partitions were given anew counts for nothing", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  let isHeld = true;
  kafka.before = (operation, asked) =>
    operation === "commit" && asked["t:0"] === 5 ? until(() => !isHeld) : undefined;
  const played = await opened(t, kafka, MOST);
  await played.emit(1);
  kafka.logs[0]!.values.push("0-3", "0-4");
  const commits = () => kafka.asked.filter((operation) => operation === "commit").length;
  await until(() => commits() === 3);
  kafka.assign([], "someone-else");
  isHeld = false;
  // Its next owner may have begun before it: the two behind the third are that one's.
  await played.emit(3);
  for (let n = 0; n < 20; n++) await played.ask();
  assert.deepEqual(valuesOf(played), ["0-0", "0-1", "0-2"]);
});

test("at most once, commits are sent in the order of what they are of", LIMIT, async (t) => {
  const kafka = new PlayedKafka(1, 3);
  let isRefused = true;
  const ends: unknown[] = [];
  kafka.before = (operation, asked) => {
    if (operation !== "commit" || asked["t:0"] === 0) return;
    ends.push(asked["t:0"]);
    if (isRefused) throw REJOIN;
  };
  const played = await opened(t, kafka, MOST);
  await until(() => ends.length > 0);
  kafka.logs[0]!.values.push("0-3");
  await until(() => kafka.fetches.length > 1 && ends.length > 1);
  assert.deepEqual(new Set(ends), new Set([3]));
  isRefused = false;
  await played.emit(4);
  assert.deepEqual(ends.slice(-2), [3, 4]);
});
