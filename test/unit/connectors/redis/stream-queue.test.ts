// One task's part in a stream, against a server that is played here: what it takes for under way, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RedisCommand, RedisLink, RedisReply } from "../../../../src/connectors/redis/redis-link.ts";
import { StreamQueue } from "../../../../src/connectors/redis/stream-queue.ts";
import { stubContext } from "../once/stub-context.ts";

const PLAN = {
  key: "in",
  group: "g",
  valuesOf: () => [],
  messageBytesMax: 1000,
  start: "0",
  claimIdleMs: 60_000,
  deleteDone: false,
} as const;

/** A link whose answers the test gives. */
async function queueOf(answer: (command: RedisCommand) => unknown) {
  const run = async (_operation: unknown, commands: readonly RedisCommand[]): Promise<RedisReply[]> =>
    commands.map((command) => [null, command[0] === "XGROUP" ? "OK" : answer(command)]);
  const link = { run, failure: (_operation: unknown, error: Error) => error } as unknown as RedisLink;
  return StreamQueue.open(
    PLAN,
    link,
    stubContext(() => 0),
  );
}

const entry = (n: number) => [Buffer.from(`${n}-0`), [Buffer.from("a"), Buffer.from("1")]];

test("pending entries that could not all be read are found again, every one of them", async (t) => {
  let failures = 1;
  const queue = await queueOf((command) => {
    const after = Number.parseInt(String(command.at(-1)), 10);
    if (after > 0 && failures-- > 0) throw new Error("the connection is lost");
    const left = Array.from({ length: 1500 }, (_, n) => n + 1).filter((n) => n > after);
    return [[Buffer.from("in"), left.slice(0, Number(command[5])).map(entry)]];
  });
  t.after(() => queue.close());
  await assert.rejects(queue.recover());
  assert.equal((await queue.recover()).length, 1500);
  assert.equal((await queue.recover()).length, 0, "they are under way");
});

test("entries that were deleted are done, and those under way are not handed out again", async (t) => {
  const acknowledged: string[] = [];
  const queue = await queueOf((command) => {
    if (command[0] === "XACK") acknowledged.push(...command.slice(3).map(String));
    if (command[0] === "XAUTOCLAIM") return [Buffer.from("0-0"), [entry(1), null, entry(3)], []];
    if (command[0] === "XREADGROUP") return [[Buffer.from("in"), [entry(1), [Buffer.from("2-0"), null]]]];
    return 1;
  });
  t.after(() => queue.close());
  const [first] = await queue.recover();
  assert.equal(first!.text("a"), "1");
  assert.deepEqual(acknowledged, ["2-0"]);
  assert.deepEqual(
    (await queue.fetch(10)).map(({ id }) => id),
    ["3-0"],
    "claimed, but for the one under way",
  );
  await queue.forget([first!]);
  assert.deepEqual(acknowledged, ["2-0", "1-0"]);
  assert.equal((await queue.recover()).length, 1);
});

test("an entry has the names that it was given, whatever objects inherit", async (t) => {
  const pairs = ["__proto__", "1", "a", "2"].map((text) => Buffer.from(text));
  const queue = await queueOf(() => [[Buffer.from("in"), [[Buffer.from("1-0"), pairs]]]]);
  t.after(() => queue.close());
  const [message] = await queue.recover();
  assert.deepEqual(Object.keys(message!.values), ["__proto__", "a"]);
  assert.deepEqual(
    ["__proto__", "a", "constructor", "toString"].map((name) => message!.text(name)),
    ["1", "2", null, null],
  );
});
