// The Redis connectors against a real server: what they read and write, what cannot be read, wrong settings, crashes.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import type { EngineError } from "../../../src/index.ts";
import { killThread } from "../../../src/testing/index.ts";
import { redisMissing, startRedis } from "../../services/redis.ts";
import { freePort } from "../../services/server-process.ts";
import { clusterFor, until } from "../engine/helpers.ts";
import { lookups, orders, type RelayOptions, relay } from "./topologies/relay.ts";

const DEADLINE = { timeout: 60_000, skip: redisMissing() };

async function server(t: TestContext, password?: string) {
  const service = await startRedis(password === undefined ? {} : { password });
  const client = new Redis({ port: service.port, host: "127.0.0.1", protocol: 2, ...(password && { password }) });
  t.after(async () => {
    client.disconnect();
    await service.stop();
  });
  return { service, client, port: service.port };
}

/** Waits until a question has an answer that holds; the test's deadline bounds it. */
async function eventually<A>(ask: () => Promise<A>, holds: (answer: A) => boolean): Promise<A> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
  }
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => String(n + from));

async function push(client: Redis, kind: RelayOptions["kind"], messages: readonly string[]): Promise<void> {
  const pipeline = client.pipeline();
  for (const message of messages) {
    if (kind === "list") pipeline.lpush("in", message);
    else pipeline.xadd("in", "*", "message", message);
  }
  await pipeline.exec();
}

/** What stands in Redis of messages that are not done. */
async function leftOf(client: Redis, kind: RelayOptions["kind"]): Promise<number> {
  if (kind === "stream") return ((await client.xpending("in", "relay")) as [number])[0];
  const lists = await client.smembers("in:processing");
  const lengths = await Promise.all(["in", ...lists].map((list) => client.llen(list)));
  return lengths.reduce((sum, length) => sum + length, 0);
}

test("a store bolt writes every row, and acks it when it is written", DEADLINE, async (t) => {
  const { client, port } = await server(t);
  await using cluster = clusterFor("threads");
  const run = await cluster.submitTopology("rows", relay, { options: { port, kind: "rows", rows: 5000 } });
  const summary = await run.completed();
  assert.equal(await client.scard("seen"), 5000);
  assert.equal(summary.totals.byComponent.source!.acked, 5000);
});

for (const kind of ["list", "stream"] as const) {
  test(
    `a ${kind}'s messages are taken, replayed when they fail, and gone when they are done`,
    DEADLINE,
    async (t) => {
      const { client, port } = await server(t);
      await push(client, kind, numbers(3000));
      await using cluster = clusterFor("threads", { workers: 2 });
      const options = { port, kind, failEvery: 100 };
      const run = await cluster.submitTopology("relay", relay, { options });
      await eventually(
        () => client.scard("seen"),
        (count) => count === 3000,
      );
      await push(client, kind, numbers(10, 3000));
      await eventually(
        () => client.scard("seen"),
        (count) => count === 3010,
      );
      await eventually(
        () => leftOf(client, kind),
        (left) => left === 0,
      );
      await run.drain();
      assert.ok(run.totals().byComponent.source!.failed >= 30);
      assert.equal(await leftOf(client, kind), 0);
    },
  );

  test(`a ${kind}'s messages that a killed run held are emitted again`, DEADLINE, async (t) => {
    const { client, port } = await server(t);
    await push(client, kind, numbers(500));
    await using cluster = clusterFor("threads");
    const first = await cluster.submitTopology("relay", relay, { options: { port, kind, holds: true } });
    await until(() => first.totals().byComponent.check!.executed === 500);
    await first.kill();
    await first.completed();
    assert.equal(await leftOf(client, kind), 500);
    await cluster.submitTopology("relay", relay, { options: { port, kind } });
    await eventually(
      () => client.scard("seen"),
      (count) => count === 500,
    );
  });

  test(`a worker's death loses none of a ${kind}'s messages`, DEADLINE, async (t) => {
    const { client, port } = await server(t);
    await push(client, kind, numbers(20_000));
    await using cluster = clusterFor("threads", { workers: 2 });
    const config = { maxSpoutPending: 500 };
    const run = await cluster.submitTopology("relay", relay, { options: { port, kind }, config });
    let replaced = 0;
    run.on("workerReplaced", () => replaced++);
    for (const worker of [0, 1]) {
      await eventually(
        () => client.scard("seen"),
        (count) => count > 2000 * (worker + 1),
      );
      killThread(run, worker);
      await until(() => replaced === worker + 1);
    }
    await eventually(
      () => client.scard("seen"),
      (count) => count === 20_000,
    );
    await eventually(
      () => leftOf(client, kind),
      (left) => left === 0,
    );
  });
}

test(
  "entries of a consumer that is gone are taken over by another one, those of a living one are not",
  DEADLINE,
  async (t) => {
    const { client, port } = await server(t);
    await push(client, "stream", numbers(200));
    await using cluster = clusterFor("threads");
    const options = { port, kind: "stream", claimIdleMs: 400 } as const;
    // All that it may have: its spout is not called any more, and must show all the same that it is alive.
    const config = { messageTimeoutMs: 60_000, maxSpoutPending: 200 };
    const gone = await cluster.submitTopology("gone", relay, { options: { ...options, holds: true }, config });
    await until(() => gone.totals().byComponent.check!.executed === 200);
    const heir = await cluster.submitTopology("heir", relay, { options });
    // Three times the time after which a silent consumer loses its entries.
    const endMs = performance.now() + 1200;
    await eventually(
      () => client.xpending("in", "relay"),
      () => performance.now() > endMs,
    );
    assert.equal(heir.totals().byComponent.source!.emitted, 0);
    await gone.kill();
    await eventually(
      () => client.scard("seen"),
      (count) => count === 200,
    );
  },
);

test("what cannot be read leaves by its stream, what fails too often by another", DEADLINE, async (t) => {
  const { client, port } = await server(t);
  const bad = ['{"id":1}', "x".repeat(200)];
  const good = [1, 2, 3].map((id) => JSON.stringify({ id, sku: "nut" }));
  await client.lpush("orders", ...bad, ...good, JSON.stringify({ id: 9, sku: "never" }));
  await using cluster = clusterFor("threads");
  const run = await cluster.submitTopology("orders", orders, { options: { port } });
  const take = async <R>(rows: AsyncIterable<R>, count: number): Promise<R[]> => {
    const taken: R[] = [];
    for await (const row of rows) if (taken.push(row) === count) break;
    return taken;
  };
  const [passed, unreadable, dead] = await Promise.all([
    take(run.outputs.orders, 3),
    take(run.outputs.bad, 2),
    take(run.outputs.dead, 1),
  ]);
  assert.deepEqual(passed.map(({ id }) => id).sort(), [1, 2, 3]);
  assert.deepEqual(
    unreadable.map(({ origin, reason }) => [origin, reason]),
    [
      ["orders", 'it has no "sku"'],
      ["orders", "it has 200 bytes, more than 100"],
    ],
  );
  assert.equal(Buffer.from(unreadable[0]!.bytes).toString(), bad[0]);
  assert.deepEqual([dead[0]!.values, dead[0]!.attempts], [[9, "never"], 2]);
  await eventually(
    () => client.smembers("orders:processing"),
    (lists) => lists.length === 1,
  );
  await eventually(
    () => client.llen("orders:processing:orders/orders/0"),
    (left) => left === 0,
  );
});

test("a lookup bolt finds what is there, and a key of another type fails its row alone", DEADLINE, async (t) => {
  const { client, port } = await server(t);
  await client.mset("a", "1", "b", "2");
  await client.lpush("list", "x");
  await using cluster = clusterFor("threads");
  const options = { port, keys: ["a", "nothing", "list", "b"] };
  const run = await cluster.submitTopology("lookups", lookups, { options });
  const rows: string[] = [];
  const letters: string[] = [];
  const read = async () => {
    for await (const { key, answer } of run.outputs.answered) rows.push(`${key}=${answer}`);
  };
  const readDead = async () => {
    for await (const { values, error } of run.outputs.dead) letters.push(`${(values as string[])[0]}: ${error}`);
  };
  await Promise.all([read(), readDead(), run.completed()]);
  assert.deepEqual(rows.sort(), ["a=1", "b=2"]);
  assert.equal(letters.length, 1);
  assert.match(letters[0]!, /^list: .*redisLookupBolt failed at GET.*WRONGTYPE/);
});

/** What a start fails with, as its whole text. */
async function startFailure(options: RelayOptions): Promise<string> {
  await using cluster = clusterFor("threads");
  const started = cluster.submitTopology("wrong", relay, { options });
  const error: EngineError & { cause?: unknown } = await started.then(
    (run) =>
      run.completed().then(
        () => assert.fail("it ran"),
        (failure) => failure,
      ),
    (failure) => failure,
  );
  return `${error.message}\n${String((error.cause as Error | undefined)?.message)}\n${error.stack}`;
}

test("a server that is not there fails the start, and is named", DEADLINE, async () => {
  const port = await freePort();
  for (const kind of ["rows", "list", "stream"] as const) {
    const text = await startFailure({ port, kind });
    assert.match(text, /failed at connect: .*ECONNREFUSED/);
    assert.match(text, new RegExp(`127\\.0\\.0\\.1:${port}`));
  }
  assert.match(await startFailure({ port, kind: "rows", host: "no-such-host.invalid" }), /ENOTFOUND|EAI_AGAIN/);
});

test("a database that the server does not have, and a key of another kind, fail the start", DEADLINE, async (t) => {
  const { port, client } = await server(t);
  const text = await startFailure({ port, kind: "rows", server: { db: 99 } });
  assert.match(text, /failed at connect: .*DB index/);
  assert.match(text, /give a db that the server has/);
  await client.set("in", "no list");
  for (const kind of ["list", "stream"] as const) {
    assert.match(await startFailure({ port, kind }), /WRONGTYPE[\s\S]*key holds something of another type/);
  }
});

test("a password that is wrong, or missing, fails the start and is not shown", DEADLINE, async (t) => {
  const { port } = await server(t, "open sesame");
  for (const password of ["close sesame", undefined]) {
    const text = await startFailure({ port, kind: "rows", ...(password && { password }) });
    assert.match(text, /WRONGPASS|NOAUTH/);
    assert.match(text, /look at username and password/);
    assert.doesNotMatch(text, /sesame/);
  }
  await using cluster = clusterFor("threads");
  const options = { port, kind: "rows", rows: 10, password: "open sesame" } as const;
  const run = await cluster.submitTopology("right", relay, { options });
  assert.equal((await run.completed()).outcome, "completed");
});
