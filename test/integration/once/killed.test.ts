/**
 * Goal:   of a process that is killed, what was done and not confirmed may be done again, as docs/ONCE.md says, and
 *         nothing else: no effect is missing, and none of a confirmed id comes again.
 * Method: a process pays bills, of which some come twice, and some attempts fail after their effect. It is killed
 *         twice at random moments, and started again. Once it is gone, and the servers have taken what it had sent,
 *         the two of them say which effects were done, and which ids were confirmed: these must stay as they are.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { Redis } from "ioredis";
import { Prng } from "../../../src/base/prng.ts";
import { redisMissing, startRedis } from "../../services/redis.ts";
import { type KilledOptions, ONCE_PREFIX } from "./topologies/killed.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 2);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const LIMIT = { timeout: 30_000 + ROUNDS * 20_000, skip: redisMissing() };
const IDS = 1_500;
const KILLS = 2;
const PENDING_MAX = 60;
const LATE_MAX_MS = 40;

/** Bills and ids on one server, counts on the other. */
class Bed {
  readonly store: Redis;
  readonly count: Redis;
  readonly options: KilledOptions;
  readonly #t: TestContext;

  private constructor(t: TestContext, options: KilledOptions) {
    this.#t = t;
    this.options = options;
    this.store = new Redis({ port: options.storePort, host: "127.0.0.1", protocol: 2 });
    this.count = new Redis({ port: options.countPort, host: "127.0.0.1", protocol: 2 });
  }

  static async start(t: TestContext, seed: number): Promise<Bed> {
    const [store, count] = await Promise.all([startRedis(), startRedis()]);
    const bed = new Bed(t, { storePort: store.port, countPort: count.port, seed, failPercent: 5 });
    t.after(async () => {
      bed.store.disconnect();
      bed.count.disconnect();
      await Promise.all([store.stop(), count.stop()]);
    });
    const bills = Array.from({ length: IDS }, (_, n) => (n % 20 === 7 ? [`b${n}`, `b${n}`] : [`b${n}`])).flat();
    await bed.store.lpush("bills", ...bills);
    return bed;
  }

  begin(): ChildProcess {
    const script = path.join(import.meta.dirname, "run-killed.js");
    const child = spawn(process.execPath, [script, JSON.stringify(this.options)], { stdio: "inherit" });
    this.#t.after(() => child.kill("SIGKILL"));
    return child;
  }

  /** Kills it, and waits until the servers have read to the ends of its connections. */
  async end(child: ChildProcess): Promise<void> {
    assert.equal(child.exitCode, null, "the process has ended by itself");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    for (const server of [this.store, this.count]) {
      while (Number(/connected_clients:(\d+)/.exec(await server.info("clients"))![1]) > 1) await waitMs(5);
    }
  }

  /** How often each bill was paid by an attempt that did not fail, of those that were. */
  async paid(): Promise<Map<string, number>> {
    const [effects, failures] = await Promise.all([this.count.hgetall("effects"), this.count.hgetall("failures")]);
    return new Map(Object.entries(effects).map(([id, times]) => [id, Number(times) - Number(failures[id] ?? 0)]));
  }

  async effectCount(): Promise<number> {
    return (await this.count.hvals("effects")).reduce((sum, times) => sum + Number(times), 0);
  }

  async confirmed(ids: readonly string[]): Promise<Set<string>> {
    const states = await this.store.mget(...ids.map((id) => `${ONCE_PREFIX}${id}`));
    return new Set(ids.filter((_, n) => states[n] === "c"));
  }

  /** Bills that are not done: in the list, or with the task. */
  async left(): Promise<number> {
    const lengths = ["bills", "bills:processing:killed/bills/0"].map((list) => this.store.llen(list));
    return (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
  }
}

async function round(t: TestContext, seed: number): Promise<void> {
  const prng = new Prng(seed);
  const bed = await Bed.start(t, seed);
  const mayComeAgain = new Map<string, number>();
  let child = bed.begin();
  for (let kill = 1; kill <= KILLS; kill++) {
    const atCount = (await bed.effectCount()) + 50 + Math.floor(prng.nextFloat() * (IDS / 3));
    while ((await bed.effectCount()) < atCount) await waitMs(2);
    await waitMs(prng.nextFloat() * LATE_MAX_MS);
    await bed.end(child);
    const done = [...(await bed.paid())].filter(([, times]) => times > 0).map(([id]) => id);
    const confirmed = await bed.confirmed(done);
    const open = done.filter((id) => !confirmed.has(id));
    assert.ok(
      open.length <= PENDING_MAX,
      `${open.length} were done and not confirmed, ${PENDING_MAX} could be pending`,
    );
    for (const id of open) mayComeAgain.set(id, (mayComeAgain.get(id) ?? 0) + 1);
    child = bed.begin();
  }
  while ((await bed.left()) > 0) await waitMs(20);
  await bed.end(child);
  const paid = await bed.paid();
  const missing = Array.from({ length: IDS }, (_, n) => `b${n}`).filter((id) => !((paid.get(id) ?? 0) > 0));
  assert.deepEqual(missing, []);
  const tooOften = [...paid].filter(([id, times]) => times - 1 > (mayComeAgain.get(id) ?? 0));
  assert.deepEqual(tooOften, [], "paid again although it was confirmed");
  const again = [...paid.values()].reduce((sum, times) => sum + times - 1, 0);
  t.diagnostic(`SEED=${seed}: ${again} paid again, of ${mayComeAgain.size} done and not confirmed at the kills`);
}

test(`a process that is killed: ${ROUNDS} rounds of ${KILLS} kills`, LIMIT, async (t) => {
  for (let n = 0; n < ROUNDS; n++) {
    const seed = SEED + n;
    await t.test(`seed ${seed}`, (inRound) => round(inRound, seed));
  }
});
