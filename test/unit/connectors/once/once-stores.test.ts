// The protocol of the stores: random operations against an oracle that is nothing but the rules of docs/ONCE.md.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import { Prng } from "../../../../src/base/prng.ts";
import {
  memoryOnceStore,
  type OnceAnswer,
  type OnceOperation,
  type OnceSession,
} from "../../../../src/connectors/once/index.ts";
import { redisOnceStore } from "../../../../src/connectors/redis/index.ts";
import { redisMissing, startRedis } from "../../../services/redis.ts";
import { stubContext } from "./stub-context.ts";

const seed = process.env.SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED);
const LEASE_MS = 60_000;
const REMEMBER_MS = 600_000;

/** A list of events per id, and a look at all of them for every question. */
class Oracle {
  readonly #events: (OnceOperation & { readonly atMs: number })[] = [];

  ask(operation: OnceOperation, atMs: number): OnceAnswer["state"] {
    const answer = operation.kind === "reserve" ? this.#mayReserve(operation, atMs) : "noted";
    const isVoid = operation.kind === "confirm" && this.#holderOf(operation.id, atMs)?.message !== operation.message;
    if (answer !== "busy" && answer !== "done" && !isVoid) this.#events.push({ ...operation, atMs });
    return answer;
  }

  /** The reservation that holds. */
  #holderOf(id: string, atMs: number): OnceOperation | undefined {
    const events = this.#events.filter((event) => event.id === id);
    const last = events.findLast((event) => event.kind === "reserve");
    if (last === undefined || atMs - last.atMs >= LEASE_MS) return undefined;
    const after = events.slice(events.lastIndexOf(last) + 1);
    const isOver = after.some((event) => event.kind === "confirm" || isSame(event, last));
    return isOver ? undefined : last;
  }

  #mayReserve({ id, message, attempt }: OnceOperation, atMs: number): OnceAnswer["state"] {
    const events = this.#events.filter((event) => event.id === id);
    const isDone = events.some((event) => event.kind === "confirm" && atMs - event.atMs < REMEMBER_MS);
    if (isDone) return "done";
    const holder = this.#holderOf(id, atMs);
    const isOwn = holder?.message === message && holder.attempt <= attempt;
    return holder === undefined || isOwn ? "taken" : "busy";
  }
}

function isSame(one: OnceOperation, other: OnceOperation): boolean {
  return one.message === other.message && one.attempt === other.attempt;
}

interface Subject {
  readonly session: OnceSession;
  nowMs(): number;
  /** Time passes for leases and confirmations. */
  pass(ms: number): void | Promise<void>;
}

async function compare(subject: Subject, prng: Prng, rounds: number): Promise<void> {
  const oracle = new Oracle();
  const kinds = ["reserve", "reserve", "reserve", "confirm", "release"] as const;
  const pick = (count: number) => Math.floor(prng.nextFloat() * count);
  for (let round = 0; round < rounds; round++) {
    const batch = Array.from({ length: 1 + pick(8) }, (): OnceOperation => {
      const [message, attempt] = [`message ${pick(4)}`, 1 + pick(3)];
      return { kind: kinds[pick(kinds.length)]!, id: `id ${pick(4)}`, message, attempt };
    });
    const expected = batch.map((operation) => oracle.ask(operation, subject.nowMs()));
    const answers = await subject.session.apply(batch);
    assert.deepEqual(
      answers.map(({ state }) => state),
      expected,
      `round ${round}: ${JSON.stringify(batch)}`,
    );
    for (const { state, leftMs } of answers) {
      assert.ok(state === "busy" ? leftMs > 0 && leftMs <= LEASE_MS : leftMs === 0, `${state} for ${leftMs} ms`);
    }
    if (pick(6) === 0) await subject.pass([LEASE_MS / 2, LEASE_MS, REMEMBER_MS][pick(3)]!);
  }
}

test(`the memory store keeps to the rules (seed ${seed})`, async () => {
  for (let run = 0; run < 200; run++) {
    let nowMs = 0;
    const times = { leaseMs: LEASE_MS, rememberMs: REMEMBER_MS };
    const session = await memoryOnceStore().open(
      stubContext(() => nowMs),
      times,
    );
    const pass = (ms: number) => {
      nowMs += ms;
    };
    await compare({ session, nowMs: () => nowMs, pass }, new Prng(seed + run), 100);
  }
});

test("the memory store forgets the oldest confirmations beyond idsMax", async () => {
  const times = { leaseMs: LEASE_MS, rememberMs: REMEMBER_MS };
  const session = await memoryOnceStore({ idsMax: 2 }).open(
    stubContext(() => 0),
    times,
  );
  for (const id of ["a", "b", "c"]) {
    for (const kind of ["reserve", "confirm"] as const) await session.apply([{ kind, id, message: "m", attempt: 1 }]);
  }
  const answers = await session.apply(
    ["a", "b", "c"].map((id) => ({ kind: "reserve", id, message: "o", attempt: 1 }) as const),
  );
  assert.deepEqual(
    answers.map(({ state }) => state),
    ["taken", "done", "done"],
  );
});

async function redisSubject(t: TestContext): Promise<Subject> {
  const service = await startRedis();
  const client = new Redis({ port: service.port, host: "127.0.0.1", protocol: 2 });
  const times = { leaseMs: LEASE_MS, rememberMs: REMEMBER_MS };
  const store = redisOnceStore({ port: service.port, prefix: "p:" });
  const session = await store.open(
    stubContext(() => performance.now()),
    times,
  );
  t.after(async () => {
    await session.close?.();
    client.disconnect();
    await service.stop();
  });
  let passedMs = 0;
  return {
    session,
    nowMs: () => passedMs,
    // What the server's own clock would do to each key.
    async pass(ms) {
      passedMs += ms;
      for (const key of await client.keys("p:*")) {
        const left = (await client.pttl(key)) - ms;
        // Steps are half a lease at least; what this test takes itself is far less.
        if (left < LEASE_MS / 6) await client.del(key);
        else await client.pexpire(key, left);
      }
    },
  };
}

test(`the Redis store keeps to the rules (seed ${seed})`, { skip: redisMissing(), timeout: 60_000 }, async (t) => {
  await compare(await redisSubject(t), new Prng(seed), 1500);
});

test("leases and confirmations in Redis run out by themselves", {
  skip: redisMissing(),
  timeout: 20_000,
}, async (t) => {
  const service = await startRedis();
  const context = stubContext(() => performance.now());
  const session = await redisOnceStore({ port: service.port }).open(context, { leaseMs: 150, rememberMs: 200 });
  t.after(async () => {
    await session.close?.();
    await service.stop();
  });
  const ask = async (kind: OnceOperation["kind"], message: string) =>
    (await session.apply([{ kind, id: "a", message, attempt: 1 }]))[0]!.state;
  assert.equal(await ask("reserve", "one"), "taken");
  assert.equal(await ask("reserve", "two"), "busy");
  while ((await ask("reserve", "two")) === "busy");
  assert.equal(await ask("reserve", "one"), "busy", "taken over");
  await ask("confirm", "two");
  assert.equal(await ask("reserve", "one"), "done");
  while ((await ask("reserve", "one")) === "done");
});
