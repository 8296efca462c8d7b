// A task's connection against a server that is played here: when it is given up, and what becomes of operations.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { openQueue } from "../../../../src/connectors/redis/queue-source.ts";
import { RedisLink } from "../../../../src/connectors/redis/redis-link.ts";
import {
  type RedisServerOptions,
  readServer,
  SERVER_OPTIONS,
} from "../../../../src/connectors/redis/server-options.ts";
import { OptionReader } from "../../../../src/connectors/shared/option-reader.ts";
import { stubContext } from "../once/stub-context.ts";
import { type Answer, PlayedServer } from "./played-server.ts";

const OK = "+OK\r\n";
const DEADLINE = { timeout: 20_000 };

async function linkTo(t: TestContext, options: RedisServerOptions, answer: Answer, nowMs = () => performance.now()) {
  const server = await PlayedServer.start(answer);
  const all = { port: server.port, reconnect: { firstMs: 1, jitter: 0 }, ...options };
  const plan = readServer("test", new OptionReader("test", all, SERVER_OPTIONS));
  const link = await RedisLink.open(plan, stubContext(nowMs));
  t.after(async () => {
    await link.close();
    await server.stop();
  });
  return { link, server };
}

const get = (link: RedisLink, key: string) => link.run({ name: "get", key }, [["get", key]]);

test(
  "an operation without an answer ends its connection, also when its timer is early by the clock",
  DEADLINE,
  async (t) => {
    // A timer of Node may end up to a millisecond early: here the clock is slower than that.
    const slow = () => performance.now() / 2;
    const answer: Answer = (command, connection) => (command[0] === "get" && connection === 1 ? null : OK);
    const { link, server } = await linkTo(t, { operationTimeoutMs: 100 }, answer, slow);
    await assert.rejects(get(link, "a"), /no answer within 100 ms/);
    const endMs = performance.now() + 5000;
    while (server.connections < 2) {
      assert.ok(performance.now() < endMs, "the connection is kept");
      await waitMs(5);
    }
  },
);

test("what comes while a connection is given up waits for the next one", DEADLINE, async (t) => {
  const answer: Answer = (command, connection) => (command[0] === "get" && connection === 1 ? null : OK);
  const { link, server } = await linkTo(t, { operationTimeoutMs: 300 }, answer);
  await assert.rejects(get(link, "a"), /no answer/);
  // The server that hangs does not close its side: that takes a while.
  assert.equal(server.connections, 1);
  assert.equal(link.isConnected, false);
  await assert.rejects(get(link, "b"), /no answer within 300 ms/, "it is late, and was not refused at once");
  const [[error, value]] = (await get(link, "c")) as [[Error | null, unknown]];
  assert.deepEqual([error, value], [null, "OK"]);
});

test("an operation that was late does not end a connection that was begun after it", DEADLINE, async (t) => {
  let isReady: (answer: string) => void = () => {};
  const readiness = new Promise<string>((resolve) => {
    isReady = resolve;
  });
  const answer: Answer = (command, connection) => {
    if (connection === 1) return command[0] === "get" ? null : OK;
    return command[0] === "info" ? readiness : OK;
  };
  const { link, server } = await linkTo(t, { operationTimeoutMs: 1000 }, answer);
  await assert.rejects(get(link, "a"), /no answer/);
  // These wait from before the second connection is begun until after that.
  await Promise.all([0, 1, 2].map((n) => assert.rejects(get(link, `b${n}`), /no answer/)));
  assert.equal(server.connections, 2);
  const last = get(link, "c");
  isReady(OK);
  const [[, value]] = (await last) as [[Error | null, unknown]];
  assert.equal(value, "OK");
  assert.equal(server.connections, 2);
});

test("a queue that cannot be opened leaves no connection", DEADLINE, async (t) => {
  const server = await PlayedServer.start(() => OK);
  t.after(() => server.stop());
  const plan = readServer("test", new OptionReader("test", { port: server.port }, SERVER_OPTIONS));
  const wrong = () => Promise.reject(new Error("WRONGTYPE"));
  await assert.rejects(openQueue(plan, stubContext(performance.now.bind(performance)), wrong), /WRONGTYPE/);
  const endMs = performance.now() + 5000;
  while (server.open > 0) {
    assert.ok(performance.now() < endMs, "the connection is kept");
    await waitMs(5);
  }
});

test("an operation whose time was up before there was a connection is not carried out", DEADLINE, async (t) => {
  const asked: string[] = [];
  const answer: Answer = (command, connection) => {
    if (command[0] === "get") asked.push(command[1]!);
    return command[0] === "get" && connection === 1 ? null : OK;
  };
  const { link } = await linkTo(t, { operationTimeoutMs: 200 }, answer);
  await assert.rejects(get(link, "a"), /no answer/);
  await assert.rejects(get(link, "late"), /no answer/);
  for (let isThere = false; !isThere; )
    isThere = await get(link, "b").then(
      () => true,
      () => false,
    );
  await get(link, "c");
  assert.ok(!asked.includes("late"), String(asked));
});

test("what waits for a connection is told at once that there will be none", DEADLINE, async (t) => {
  const answer: Answer = (command) => (command[0] === "get" ? null : OK);
  const { link } = await linkTo(t, { operationTimeoutMs: 500 }, answer);
  await assert.rejects(get(link, "a"), /no answer/);
  const waiting = assert.rejects(get(link, "b"), /the connection was closed/);
  await link.close();
  await waiting;
  await assert.rejects(get(link, "c"), /the connection was closed/);
});
