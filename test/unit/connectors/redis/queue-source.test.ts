// A spout over a queue, without a server and an engine: what becomes of messages that cannot be emitted.
import assert from "node:assert/strict";
import { test } from "node:test";
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
function sourceOf(count: number, refusal: (n: number) => Error | null) {
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
  const emitTo = (_stream: string, [, position, reason]: readonly unknown[]) => bad.push(`${position}: ${reason}`);
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
    badMessages: new BadMessageWay("bad", { emitTo: emitTo as never }, context),
    fetchMax: 10,
    pollMs: 1,
  });
  return { source, emitted, bad, forgotten };
}

test("values that do not fit the fields make a bad message, and the next one is emitted", async () => {
  const invalid = new EngineError("TUPLE_VALUE_INVALID", { problem: "no int64", remedy: "give one" });
  const { source, emitted, bad, forgotten } = sourceOf(3, (n) => (n === 1 ? invalid : null));
  for (let calls = 0; calls < 2; calls++) await source.nextTuple();
  assert.deepEqual(emitted, [0, 2]);
  assert.equal(bad.length, 1);
  assert.match(bad[0]!, /^1: .*no int64/);
  await source.close();
  assert.deepEqual(forgotten, [1], "it does not come again");
});

test("any other failure of an emit is the task's, and the message is not forgotten", async () => {
  const { source, bad, forgotten } = sourceOf(2, () => new Error("the thread ends"));
  await assert.rejects(async () => source.nextTuple(), /the thread ends/);
  await source.close();
  assert.deepEqual([bad, forgotten], [[], []]);
});
