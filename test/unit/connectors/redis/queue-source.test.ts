// A spout over a queue, without a server and an engine: what becomes of messages that cannot be emitted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { QueueSource, type RedisQueue } from "../../../../src/connectors/redis/queue-source.ts";
import type { RedisLink } from "../../../../src/connectors/redis/redis-link.ts";
import { BadMessageWay } from "../../../../src/connectors/shared/bad-messages.ts";
import { RECONNECT } from "../../../../src/connectors/shared/pauses.ts";
import { EngineError } from "../../../../src/index.ts";
import { stubContext } from "../once/stub-context.ts";

interface Message {
  readonly n: number;
}

/** A queue of so many messages, of which the engine refuses those that `refusal` says. */
function sourceOf(count: number, refusal: (n: number) => Error | null, stream: string | null = "bad") {
  const emitted: number[] = [];
  const bad: string[] = [];
  const forgotten: number[] = [];
  const waiting = Array.from({ length: count }, (_, n) => ({ n }));
  const queue: RedisQueue<Message> = {
    fetch: async (max) => waiting.splice(0, max),
    recover: async () => [],
    forget: async (messages) => void forgotten.push(...messages.map(({ n }) => n)),
    lag: async () => waiting.length,
    valuesOf: ({ n }) => [n],
    unreadable: ({ n }, reason) => ({ origin: "q", position: String(n), reason, bytes: new Uint8Array(0) }),
  };
  const context = stubContext(() => performance.now());
  const badIds: unknown[] = [];
  const emitTo = (_stream: string, [, position, reason]: readonly unknown[], id: unknown) => {
    bad.push(`${position}: ${reason}`);
    badIds.push(id);
  };
  const link = { plan: { reconnect: RECONNECT, closeTimeoutMs: 100 }, close: async () => {} };
  const source = new QueueSource<Message>({
    queue,
    link: link as unknown as RedisLink,
    context,
    collector: {
      emit(values, id) {
        const error = refusal((id as Message).n);
        if (error !== null) throw error;
        emitted.push(...(values as readonly number[]));
      },
      reportError: () => {},
    },
    badMessages: new BadMessageWay(stream, { emitTo: emitTo as never }, context),
    fetchMax: 10,
    pollMs: 1,
  });
  return { source, emitted, bad, badIds, forgotten };
}

test("values that do not fit the fields make a bad message, and the next one is emitted", async () => {
  const invalid = new EngineError("TUPLE_VALUE_INVALID", { problem: "no int64", remedy: "give one" });
  const { source, emitted, bad, badIds, forgotten } = sourceOf(3, (n) => (n === 1 ? invalid : null));
  for (let calls = 0; calls < 3; calls++) await source.nextTuple();
  assert.deepEqual(emitted, [0, 2]);
  assert.equal(bad.length, 1);
  assert.match(bad[0]!, /^1: .*no int64/);
  await nextTurn();
  assert.deepEqual(forgotten, [], "nobody has said that it is stored");
  source.ack(badIds[0]);
  await source.close();
  assert.deepEqual(forgotten, [1], "it does not come again");
});

test("a bad message that is only logged is done", async () => {
  const invalid = new EngineError("TUPLE_VALUE_INVALID", { problem: "no int64", remedy: "give one" });
  const { source, emitted, forgotten } = sourceOf(3, (n) => (n === 1 ? invalid : null), null);
  for (let calls = 0; calls < 2; calls++) await source.nextTuple();
  assert.deepEqual(emitted, [0, 2]);
  await source.close();
  assert.deepEqual(forgotten, [1]);
});

test("any other failure of an emit is the task's, and the message is not forgotten", async () => {
  const { source, bad, forgotten } = sourceOf(2, () => new Error("the thread ends"));
  await assert.rejects(async () => source.nextTuple(), /the thread ends/);
  await source.close();
  assert.deepEqual([bad, forgotten], [[], []]);
});

/** A queue whose calls fail as the test says, and a clock of the test's. */
function failingSource() {
  const calls: string[] = [];
  const told: string[] = [];
  const state = { nowMs: 0, fails: false, forgetFails: 0, answerForget: Promise.resolve() };
  const next = async (name: string): Promise<Message[]> => {
    calls.push(name);
    if (state.fails) throw new Error("the connection is lost");
    return name === "fetch" ? [{ n: calls.length }] : [];
  };
  const queue: RedisQueue<Message> = {
    fetch: () => next("fetch"),
    recover: () => next("recover"),
    async forget(messages) {
      await state.answerForget;
      if (state.forgetFails-- > 0) throw new Error("the connection is lost");
      told.push(...messages.map(({ n }) => String(n)));
    },
    lag: async () => 0,
    valuesOf: ({ n }) => [n],
    unreadable: () => assert.fail("all can be read"),
  };
  const context = stubContext(() => state.nowMs);
  const link = { plan: { reconnect: { ...RECONNECT, firstMs: 1, maxMs: 1 }, closeTimeoutMs: 1000 } };
  const emitted: Message[] = [];
  const source = new QueueSource<Message>({
    queue,
    link: { ...link, close: async () => void told.push("closed") } as unknown as RedisLink,
    context,
    collector: {
      emit: (_values, id) => void emitted.push(id as Message),
      reportError: () => {
        state.fails = false;
      },
    },
    badMessages: new BadMessageWay(null, { emitTo: () => {} }, context),
    fetchMax: 10,
    pollMs: 1,
  });
  return { source, calls, told, state, emitted };
}

test("after a failure it looks for what it was handed without its knowing, at once and later", async () => {
  const { source, calls, state } = failingSource();
  await source.nextTuple();
  assert.deepEqual(calls.splice(0), ["recover", "fetch"], "and at the beginning");
  await source.nextTuple();
  assert.deepEqual(calls.splice(0), ["fetch"]);
  state.fails = true;
  await source.nextTuple();
  assert.deepEqual(calls.splice(0), ["fetch", "recover", "fetch"]);
  const looks: number[] = [];
  for (let second = 0; second <= 40; second++) {
    state.nowMs = second * 1000;
    await source.nextTuple();
    if (calls.splice(0).includes("recover")) looks.push(second);
  }
  assert.deepEqual(looks, [1, 3, 10, 30]);
  await source.close();
});

test("what is done is told until the server has taken it, and before the connection is closed", async () => {
  const { source, told, state, emitted } = failingSource();
  await source.nextTuple();
  await source.nextTuple();
  state.forgetFails = 2;
  source.ack(emitted[0]);
  const endMs = performance.now() + 5000;
  while (told.length === 0) {
    assert.ok(performance.now() < endMs, "it is not told again");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  let answer: () => void = () => {};
  state.answerForget = new Promise((resolve) => {
    answer = resolve;
  });
  source.ack(emitted[1]);
  const closed = source.close();
  await new Promise((resolve) => setImmediate(resolve));
  answer();
  await closed;
  assert.deepEqual(told, [...emitted.map(({ n }) => String(n)), "closed"]);
});
