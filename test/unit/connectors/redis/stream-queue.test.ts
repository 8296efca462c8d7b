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
async function queueOf(answer: (command: RedisCommand) => unknown, changes: { readonly deleteDone?: boolean } = {}) {
  const run = async (_operation: unknown, commands: readonly RedisCommand[]): Promise<RedisReply[]> =>
    commands.map((command) => [null, command[0] === "XGROUP" ? "OK" : answer(command)]);
  const link = { run, failure: (_operation: unknown, error: Error) => error } as unknown as RedisLink;
  return StreamQueue.open(
    { ...PLAN, ...changes },
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
  assert.equal(first!.text("constructor"), null, "which every object has");
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

test("an entry that is done while the pages behind it are read does not come again", async (t) => {
  let whilePageTwo: () => Promise<void> = async () => {};
  const pending = new Set(Array.from({ length: 1200 }, (_, n) => n + 1));
  const queue = await queueOf((command) => {
    if (command[0] === "XACK") for (const id of command.slice(3)) pending.delete(Number.parseInt(String(id), 10));
    if (command[0] !== "XREADGROUP") return 1;
    const after = Number.parseInt(String(command.at(-1)), 10);
    if (after > 0) void whilePageTwo();
    const left = [...pending].filter((n) => n > after);
    return [[Buffer.from("in"), left.slice(0, Number(command[5])).map(entry)]];
  });
  t.after(() => queue.close());
  const [first] = await queue.recover();
  whilePageTwo = () => queue.forget([first!]);
  assert.equal((await queue.recover()).length, 0);
  assert.equal(pending.has(1), false);
});

test("entries of others are looked for page by page, each of them once", async (t) => {
  const cursors: string[] = [];
  const queue = await queueOf((command) => {
    if (command[0] !== "XAUTOCLAIM") return [[Buffer.from("in"), []]];
    cursors.push(String(command[5]));
    return cursors.length === 1 ? [Buffer.from("5-0"), [entry(1)], []] : [Buffer.from("0-0"), [entry(5)], []];
  });
  t.after(() => queue.close());
  const found = [await queue.fetch(1), await queue.fetch(1), await queue.fetch(1)].flat();
  assert.deepEqual(
    found.map(({ id }) => id),
    ["1-0", "5-0"],
  );
  assert.deepEqual(cursors, ["0-0", "5-0"], "and then not again for a while");
});

test("where the stream was removed with its groups, the group is made again, before all that comes", async (t) => {
  const made: string[] = [];
  let isGone = true;
  const run = async (_operation: unknown, commands: readonly RedisCommand[]): Promise<RedisReply[]> =>
    commands.map((command): RedisReply => {
      if (command[0] === "XGROUP") made.push(String(command[4]));
      if (command[0] === "XREADGROUP" && isGone) return [new Error("NOGROUP No such key"), undefined];
      return [null, [[Buffer.from("in"), [entry(1)]]]];
    });
  const link = { run, failure: (_operation: unknown, error: Error) => error } as unknown as RedisLink;
  const queue = await StreamQueue.open(
    { ...PLAN, start: "$" },
    link,
    stubContext(() => 0),
  );
  t.after(() => queue.close());
  assert.deepEqual(await queue.recover(), []);
  assert.deepEqual(made, ["$", "0"]);
  isGone = false;
  assert.equal((await queue.recover()).length, 1);
});

test("with deleteDone entries that are done leave the stream, too", async (t) => {
  const commands: string[] = [];
  const queue = await queueOf(
    (command) => {
      commands.push(command[0]);
      return [[Buffer.from("in"), [entry(1)]]];
    },
    { deleteDone: true },
  );
  t.after(() => queue.close());
  await queue.forget(await queue.recover());
  assert.deepEqual(commands, ["XREADGROUP", "XACK", "XDEL"]);
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
