/**
 * Goal:   under load, a broker that is restarted, killed or paused, and processes of one group that are killed, cost
 *         no message and no hang; a group is steady again within 5 s of its broker's return.
 * Method: messages are produced all the time; bolts fail some of them and ack the others in any order. KAFKA_ROUNDS
 *         says how often each disturbance comes (2); SEED repeats kinds and delays.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { Prng } from "../../../src/base/prng.ts";
import { LocalCluster } from "../../../src/index.ts";
import { kafkaMissing } from "../../services/kafka.ts";
import { committedTooEarly, DoneFiles, eventually, KafkaBed } from "./kafka-bed.ts";
import { copier } from "./topologies/copier.ts";
import { type LedgerOptions, ledger } from "./topologies/ledger.ts";

const ROUNDS = Number(process.env.KAFKA_ROUNDS ?? 2);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const PARTITIONS = 4;
const STEADY_MS = 5_000;
const skip = kafkaMissing();
const LIMIT = { timeout: 60_000 + ROUNDS * 30_000, skip };

let bed: KafkaBed;
let groups = 0;

async function optionsFor(t: TestContext): Promise<{ options: LedgerOptions; files: DoneFiles; folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-kafka-chaos-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const topic = await bed.topic(PARTITIONS);
  const group = `c${process.pid}-${++groups}`;
  const options = { brokers: bed.brokers, topic, group, folder, seed: SEED, delayMaxMs: 10, failShare: 0.02 };
  return { options, files: new DoneFiles(folder), folder };
}

/** Produces until it is told to stop, whatever becomes of the broker; gives what the broker has taken. */
function produceOn(topic: string): () => Promise<Set<string>> {
  let isOver = false;
  const taken = new Set<string>();
  const producing = (async () => {
    for (let first = 0; !isOver; first += 100) {
      // What was not answered may have been taken: then it is there, and not counted on.
      try {
        await bed.produce(topic, 100, PARTITIONS, first);
        for (let n = first; n < first + 100; n++) taken.add(String(n));
      } catch {
        // The broker is away.
      }
      await waitMs(20);
    }
  })();
  return async () => {
    isOver = true;
    await producing;
    return taken;
  };
}

const KINDS = ["restart", "kill", "pause"] as const;

async function disturb(kind: (typeof KINDS)[number], prng: Prng): Promise<void> {
  const awayMs = 300 + prng.below(1_500);
  if (kind === "pause") {
    bed.server.pause();
    await waitMs(awayMs);
    bed.server.resume();
    return;
  }
  if (kind === "kill") {
    await bed.server.kill();
    await waitMs(awayMs);
  }
  await bed.server.restart();
}

/** How long it takes from now until this much more is done: the group reads and acks as before. */
async function steadyMs(files: DoneFiles): Promise<number> {
  const startMs = performance.now();
  const before = files.lines().length;
  await eventually(() => files.lines().length > before + 100, 20);
  return Math.round(performance.now() - startMs);
}

before(async () => {
  if (skip === false) bed = await KafkaBed.start();
});
after(() => bed?.stop());

for (const kind of KINDS) {
  test(`${kind} under load: nothing lost, steady within 5 s`, LIMIT, async (t) => {
    const prng = new Prng(SEED + KINDS.indexOf(kind));
    t.diagnostic(`SEED=${SEED} KAFKA_ROUNDS=${ROUNDS}`);
    const { options, files } = await optionsFor(t);
    const { topic, group } = options;
    const cluster = new LocalCluster({ workers: 1, logLevel: "silent", pin: "off" });
    t.after(() => cluster.close());
    const run = await cluster.submitTopology("ledger", ledger, { options });
    const stop = produceOn(topic);
    await eventually(() => files.lines().length > 200);
    const steady: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await disturb(kind, prng);
      steady.push(await steadyMs(files));
      assert.deepEqual(await committedTooEarly(bed, { group, topic, partitions: PARTITIONS }, files), []);
    }
    const taken = await stop();
    t.diagnostic(`${taken.size} messages; steady again after ${steady.join(", ")} ms`);
    await eventually(() => {
      const done = files.values();
      return [...taken].every((value) => done.has(value));
    });
    assert.ok(Math.max(...steady) <= STEADY_MS, `steady only after ${Math.max(...steady)} ms`);
    await run.drain();
  });
}

test("the broker is killed while a job copies a topic: every message arrives", LIMIT, async (t) => {
  const { options } = await optionsFor(t);
  const target = await bed.topic(2);
  const count = 10_000;
  await bed.produce(options.topic, count, PARTITIONS);
  const cluster = new LocalCluster({ workers: 1, logLevel: "silent", pin: "off" });
  t.after(() => cluster.close());
  const { brokers, topic, group } = options;
  const run = await cluster.submitTopology("copier", copier, { options: { brokers, topic, group, target } });
  run.completed().catch(() => {});
  await eventually(async () => (await bed.ends(target)).some((end) => end > 500));
  await bed.server.kill();
  await bed.server.restart();
  await run.completed();
  const values = await bed.read(target);
  assert.equal(new Set(values).size, count);
  t.diagnostic(`${values.length - count} came twice`);
});

test("two processes in one group, one killed: every message at least once", LIMIT, async (t) => {
  const { options, files } = await optionsFor(t);
  const { topic, group } = options;
  const processes: ChildProcess[] = [];
  t.after(() => {
    for (const child of processes) child.kill("SIGKILL");
  });
  const begin = async () => {
    const child = startProcess({ ...options, sessionTimeoutMs: 1_500 });
    processes.push(child);
    await started(child);
  };
  await begin();
  const stop = produceOn(topic);
  for (let round = 0; round < ROUNDS; round++) {
    await begin();
    await eventually(async () => (await bed.members(group)) === 4);
    const before = files.lines().length;
    await eventually(() => files.lines().length > before + 200);
    processes.shift()!.kill("SIGKILL");
    assert.deepEqual(await committedTooEarly(bed, { group, topic, partitions: PARTITIONS }, files), []);
    await eventually(async () => (await bed.members(group)) === 2);
  }
  const taken = await stop();
  await eventually(() => {
    const done = files.values();
    return [...taken].every((value) => done.has(value));
  });
  const ends = await bed.ends(topic);
  await eventually(async () => String(await bed.committed(group, topic, PARTITIONS)) === String(ends));
  assert.deepEqual(await committedTooEarly(bed, { group, topic, partitions: PARTITIONS }, files), []);
});

test("at most once, a process killed: nothing comes twice", LIMIT, async (t) => {
  const { options, files } = await optionsFor(t);
  await bed.produce(options.topic, 4_000, PARTITIONS);
  const most = { ...options, delivery: "at-most-once", failShare: 0, sessionTimeoutMs: 1_500 } as const;
  const first = startProcess(most);
  t.after(() => first.kill("SIGKILL"));
  await eventually(() => files.lines().length > 100, 5);
  first.kill("SIGKILL");
  await bed.produce(options.topic, 400, PARTITIONS, 4_000);
  const cluster = new LocalCluster({ workers: 1, logLevel: "silent", pin: "off" });
  t.after(() => cluster.close());
  const run = await cluster.submitTopology("ledger", ledger, { options: { ...most, until: "end" } });
  await run.completed();
  const lines = files.lines();
  assert.equal(new Set(lines).size, lines.length);
  // What came after the death of the first is not lost, whatever it took with it.
  const values = files.values();
  assert.ok(Array.from({ length: 400 }, (_, n) => String(4_000 + n)).every((value) => values.has(value)));
  t.diagnostic(`${4_400 - lines.length} were lost with the process`);
});

function startProcess(options: LedgerOptions): ChildProcess {
  const script = path.join(import.meta.dirname, "run-ledger.js");
  return spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
  });
}
