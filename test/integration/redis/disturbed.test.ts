// Servers that restart, crash and hang under load: nothing is lost, nothing hangs, and all is steady again soon.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { Redis } from "ioredis";
import { redisMissing, startRedis } from "../../services/redis.ts";
import type { Service } from "../../services/service.ts";
import { clusterFor } from "../engine/helpers.ts";
import { type RelayOptions, relay } from "./topologies/relay.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 2);
const DEADLINE = { timeout: 30_000 + ROUNDS * 40_000, skip: redisMissing() };
/** From the server's return until messages come through again. */
const STEADY_MS = 5000;
const BATCH = 200;

/** Pushes numbers for as long as it is told to, whatever becomes of the server; a lost answer is asked for again. */
class Producer {
  pushed = 0;
  readonly #client: Redis;
  readonly #kind: RelayOptions["kind"];
  #isOn = true;
  readonly #done: Promise<void>;

  constructor(port: number, kind: RelayOptions["kind"]) {
    const retryStrategy = () => 20;
    this.#client = new Redis({ port, host: "127.0.0.1", protocol: 2, maxRetriesPerRequest: null, retryStrategy });
    this.#client.on("error", () => {});
    this.#kind = kind;
    this.#done = this.#push();
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#done;
    this.#client.disconnect();
  }

  async #push(): Promise<void> {
    while (this.#isOn) {
      const pipeline = this.#client.pipeline();
      for (let n = this.pushed; n < this.pushed + BATCH; n++) {
        if (this.#kind === "list") pipeline.lpush("in", String(n));
        else pipeline.xadd("in", "*", "message", String(n));
      }
      const replies = (await pipeline.exec()) ?? [];
      if (replies.every(([error]) => error === null)) this.pushed += BATCH;
      await waitMs(10);
    }
  }
}

const DISTURBANCES: readonly (readonly [string, (service: Service) => Promise<void>])[] = [
  ["restart", (service) => service.restart()],
  [
    "kill",
    async (service) => {
      await service.kill();
      await waitMs(300);
      await service.restart();
    },
  ],
  [
    "pause",
    async (service) => {
      service.pause();
      // Longer than an operation may take.
      await waitMs(2000);
      service.resume();
    },
  ],
];

async function disturbed(t: TestContext, kind: "list" | "stream"): Promise<void> {
  const service = await startRedis();
  t.after(() => service.stop());
  const { port } = service;
  const retryStrategy = () => 20;
  const reader = new Redis({ port, host: "127.0.0.1", protocol: 2, maxRetriesPerRequest: null, retryStrategy });
  reader.on("error", () => {});
  t.after(() => reader.disconnect());
  const seen = () => reader.scard("seen");
  const seenMore = async (than: number) => {
    const beganMs = performance.now();
    while ((await seen()) <= than) assert.ok(performance.now() - beganMs < STEADY_MS, "nothing comes through");
    return performance.now() - beganMs;
  };
  const cluster = clusterFor("threads", { workers: 2 });
  t.after(() => cluster.close());
  const config = { maxSpoutPending: 1000, messageTimeoutMs: 20_000 };
  const run = await cluster.submitTopology("relay", relay, { options: { port, kind, failEvery: 97 }, config });
  const producer = new Producer(port, kind);
  await seenMore(BATCH);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, disturb] of DISTURBANCES) {
      await disturb(service);
      const tookMs = await seenMore(await seen());
      t.diagnostic(`${kind}, ${name}: steady again after ${Math.round(tookMs)} ms`);
    }
  }
  await producer.stop();
  const beganMs = performance.now();
  while ((await seen()) < producer.pushed) {
    assert.ok(performance.now() - beganMs < 30_000, `${await seen()} of ${producer.pushed} came through`);
  }
  assert.equal(run.state, "active");
}

for (const kind of ["list", "stream"] as const) {
  test(`a ${kind} through restarts, crashes and pauses of the server`, DEADLINE, (t) => disturbed(t, kind));
}
