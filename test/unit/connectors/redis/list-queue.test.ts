// One task's part in a list, against a server that is played here: equal messages, and answers that are lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ListQueue } from "../../../../src/connectors/redis/list-queue.ts";
import type {
  RedisArgument,
  RedisCommand,
  RedisLink,
  RedisReply,
} from "../../../../src/connectors/redis/redis-link.ts";
import { stubContext } from "../once/stub-context.ts";

const PLAN = { key: "in", valuesOf: () => [], messageBytesMax: 1000, from: "right" } as const;

/** Lists as a server has them; answers can be lost, of commands that are carried out. */
class Lists {
  readonly #lists = new Map<string, string[]>();
  losesAnswers = false;
  /** Lists of tasks of the runs before. */
  names: readonly string[] = [];

  of(key: string): string[] {
    if (!this.#lists.has(key)) this.#lists.set(key, []);
    return this.#lists.get(key)!;
  }

  get own(): string[] {
    return this.of("in:processing:test/gate/0");
  }

  readonly run = async (_operation: unknown, commands: readonly RedisCommand[]): Promise<RedisReply[]> => {
    const replies = commands.map((command): RedisReply => [null, this.#carryOut(command)]);
    if (this.losesAnswers) throw new Error("the connection is lost");
    return replies;
  };

  #carryOut([name, key, ...rest]: RedisCommand): unknown {
    if (name === "SMEMBERS") return this.names.map((text) => Buffer.from(text));
    if (name === "SADD" || name === "SREM") return 1;
    const list = this.of(String(key));
    if (name === "LLEN") return list.length;
    if (name === "LRANGE") return list.map((text) => Buffer.from(text));
    if (name === "LMOVE") return this.#move(list, rest);
    assert.equal(name, "LREM");
    const at = Number(rest[0]) < 0 ? list.lastIndexOf(String(rest[1])) : list.indexOf(String(rest[1]));
    return at < 0 ? 0 : list.splice(at, 1).length;
  }

  #move(from: string[], [to, side, toSide]: readonly RedisArgument[]): Buffer | null {
    const text = side === "RIGHT" ? from.pop() : from.shift();
    if (text === undefined) return null;
    if (toSide === "LEFT") this.of(String(to)).unshift(text);
    else this.of(String(to)).push(text);
    return Buffer.from(text);
  }
}

async function queueOf(...messages: readonly string[]) {
  const lists = new Lists();
  lists.of("in").unshift(...messages);
  const link = { run: lists.run, failure: (_operation: unknown, error: Error) => error } as unknown as RedisLink;
  const queue = await ListQueue.open(
    PLAN,
    link,
    stubContext(() => 0),
  );
  return { lists, queue };
}

test("equal messages are counted: what is known is not found again, what is not known is", async () => {
  const { lists, queue } = await queueOf("a", "a", "b");
  const first = await queue.fetch(1);
  assert.deepEqual(
    first.map(({ text }) => text),
    ["b"],
  );
  lists.losesAnswers = true;
  await assert.rejects(queue.fetch(1));
  lists.losesAnswers = false;
  const found = await queue.recover();
  assert.deepEqual(
    found.map(({ text }) => text),
    ["a"],
  );
  await queue.forget([...first, ...found]);
  assert.deepEqual([lists.own, lists.of("in")], [[], ["a"]]);
});

test("a removal whose answer was lost is asked for again", async () => {
  const { lists, queue } = await queueOf("a", "b");
  const messages = [...(await queue.fetch(1)), ...(await queue.fetch(1))];
  lists.losesAnswers = true;
  await assert.rejects(queue.forget(messages));
  lists.losesAnswers = false;
  lists.own.push("b");
  await queue.forget(messages);
  assert.deepEqual(lists.own, []);
});

test("asked for again, a removal does not take away an equal message that was taken meanwhile", async () => {
  const { lists, queue } = await queueOf("a", "a");
  const first = await queue.fetch(1);
  lists.losesAnswers = true;
  await assert.rejects(queue.forget(first));
  lists.losesAnswers = false;
  const second = await queue.fetch(1);
  assert.equal(second.length, 1);
  await queue.forget(first);
  assert.deepEqual(lists.own, ["a"], "the second one is under way");
  await queue.forget(second);
  assert.deepEqual(lists.own, []);
});

test("nor one that was taken without this task's knowing", async () => {
  const { lists, queue } = await queueOf("a", "a");
  const first = await queue.fetch(1);
  lists.losesAnswers = true;
  await assert.rejects(queue.fetch(1));
  const isAskedAgain = await queue.forget(first).then(
    () => false,
    () => true,
  );
  lists.losesAnswers = false;
  const found = await queue.recover();
  if (isAskedAgain) await queue.forget(first);
  assert.deepEqual(lists.own, ["a"], "it is the second one");
  assert.equal(found.length, 1);
  await queue.forget(found);
  assert.deepEqual(lists.own, []);
});

test("what was handed out is found in the order in which it was taken", async () => {
  const { lists, queue } = await queueOf("in");
  lists.own.push("c", "b", "a");
  assert.deepEqual(
    (await queue.recover()).map(({ text }) => text),
    ["a", "b", "c"],
  );
});

test("of equal messages the older one is removed, so that the order of the others stays", async () => {
  const { lists, queue } = await queueOf("a", "b", "a");
  const messages = [...(await queue.fetch(1)), ...(await queue.fetch(1)), ...(await queue.fetch(1))];
  assert.deepEqual(lists.own, ["a", "b", "a"]);
  await queue.forget([messages[0]!]);
  assert.deepEqual(lists.own, ["a", "b"]);
});

test("what tasks held that there are no more is put back where it was taken, that of others stays", async () => {
  const lists = new Lists();
  lists.of("in").push("new");
  lists.names = [0, 1, 7].map((task) => `in:processing:test/gate/${task}`);
  lists.of(lists.names[1]!).push("second", "first");
  lists.of(lists.names[2]!).push("other");
  lists.names = [...lists.names, "in:processing:test/gates/9"];
  lists.of("in:processing:test/gates/9").push("not ours");
  const link = { run: lists.run, failure: (_operation: unknown, error: Error) => error } as unknown as RedisLink;
  const context = stubContext(() => 0, { taskCount: 2 });
  await ListQueue.open(PLAN, link, context);
  assert.deepEqual(lists.of("in"), ["new", "other"]);
  assert.deepEqual(lists.of("in:processing:test/gate/1"), ["second", "first"], "a task that there is");
  await ListQueue.open(
    PLAN,
    link,
    stubContext(() => 0, { taskCount: 1 }),
  );
  assert.deepEqual(lists.of("in"), ["new", "other", "second", "first"], "the next one that is taken is the oldest");
});
