/**
 * Goal:   what docs/CONNECTORS.md promises of Kafka, against a real broker: nothing lost, nothing committed that is
 *         not done, a clear error before anything starts.
 * Method: messages are produced, and offsets read, by clients of the test's own; bolts write down what they are done
 *         with before they ack it. SEED repeats failures and delays.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { Consumer, stringDeserializers } from "@platformatic/kafka";
import { LocalCluster, type Run } from "../../../src/index.ts";
import { killThread } from "../../../src/testing/index.ts";
import { runExample } from "../../examples/run-example.ts";
import { kafkaMissing } from "../../services/kafka.ts";
import { freePort } from "../../services/server-process.ts";
import { runToEnd } from "../../simulation/run-to-end.ts";
import { rejectionOf } from "../engine/helpers.ts";
import { committedTooEarly, DoneFiles, eventually, KafkaBed } from "./kafka-bed.ts";
import { type LedgerOptions, ledger } from "./topologies/ledger.ts";
import { orders, writer } from "./topologies/messages.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

const skip = kafkaMissing();
/** Of each task: a rebalance makes no more than these, and as many that were acked behind them, come twice. */
const PENDING_MAX = 16;
const DEADLINE = { timeout: 60_000, skip };

let bed: KafkaBed;
let groups = 0;

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-kafka-ledger-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Job {
  readonly options: LedgerOptions;
  readonly files: DoneFiles;
}

async function jobFor(t: TestContext, messages: number, partitions: number): Promise<Job> {
  const folder = folderFor(t);
  const topic = await bed.topic(partitions);
  if (messages > 0) await bed.produce(topic, messages, partitions);
  const group = `g${process.pid}-${++groups}`;
  return { options: { brokers: bed.brokers, topic, group, folder, seed: SEED }, files: new DoneFiles(folder) };
}

async function start(t: TestContext, options: LedgerOptions, workers = 1): Promise<Run<void>> {
  const cluster = new LocalCluster({ workers, logLevel: "silent", pin: "off" });
  t.after(() => cluster.close());
  const config = { maxSpoutPending: PENDING_MAX };
  const run = await cluster.submitTopology(`ledger-${options.group}`, ledger, { options, config });
  run.completed().catch(() => {});
  return run;
}

function valuesTo(count: number, first = 0): Set<string> {
  return new Set(Array.from({ length: count }, (_, n) => String(first + n)));
}

before(async () => {
  if (skip === false) bed = await KafkaBed.start();
});
after(() => bed?.stop());

test(
  "finite reading with failures and acks in any order: each at least once, everything committed",
  DEADLINE,
  async (t) => {
    t.diagnostic(`SEED=${SEED}`);
    const { options, files } = await jobFor(t, 3_000, 4);
    const { group, topic } = options;
    const run = await start(t, { ...options, until: "end", failShare: 0.05, delayMaxMs: 20 });
    let early: string[] = [];
    let isOver = false;
    const looking = (async () => {
      while (!isOver && early.length === 0)
        early = await committedTooEarly(bed, { group, topic, partitions: 4 }, files);
    })();
    await run.completed();
    isOver = true;
    await looking;
    assert.deepEqual(early, []);
    assert.deepEqual(files.values(), valuesTo(3_000));
    assert.deepEqual(await bed.committed(group, topic, 4), [750, 750, 750, 750]);
  },
);

test(
  "one message that is not done holds the commit of its partition, and reading ahead has a bound",
  DEADLINE,
  async (t) => {
    const { options, files } = await jobFor(t, 1_000, 1);
    const run = await start(t, { ...options, stuckValue: "10", aheadMax: 200, tasks: 1 });
    await eventually(() => files.lines().length >= 209);
    await eventually(async () => (await bed.committed(options.group, options.topic, 1))[0] === 10);
    const { user } = run.metrics({ windows: ["all"] }).components.entries!;
    assert.deepEqual(user.read, {
      kind: "meter",
      count: 210,
      perSecond: (user.read as { perSecond: object }).perSecond,
    });
    // How far it is behind is what is not done, not what is not read; gauges are asked once a second.
    const gauge = (name: string) => {
      const found = run.metrics({ windows: ["all"] }).components.entries!.user[name];
      return found?.kind === "gauge" ? found.sum : Number.NaN;
    };
    await eventually(() => gauge("lag") === 990 && gauge("inFlight") === 200 && gauge("connected") === 1);
    // The bound holds: nothing of what lies behind it is ever read.
    await run.kill();
    assert.ok(Math.max(...files.offsets().get(0)!) <= 10 + 200);
    assert.deepEqual(await bed.committed(options.group, options.topic, 1), [10]);
  },
);

test("a job that is started again goes on at its committed offsets", DEADLINE, async (t) => {
  const { options, files } = await jobFor(t, 500, 2);
  const first = await start(t, { ...options, until: "end" });
  await first.completed();
  await bed.produce(options.topic, 300, 2, 500);
  const before = files.lines().length;
  const second = await start(t, { ...options, until: "end" });
  await second.completed();
  const fresh = files.lines().length - before;
  assert.deepEqual(files.values(), valuesTo(800));
  assert.equal(fresh, 300);
});

test("where reading begins", DEADLINE, async (t) => {
  const { options, files } = await jobFor(t, 100, 2);
  const { topic, group } = options;
  const read = async (more: Partial<LedgerOptions>) => {
    const before = files.lines().length;
    const run = await start(t, { ...options, ...more, until: "end" });
    await run.completed();
    return files.lines().length - before;
  };
  assert.equal(await read({ from: "uncommitted-latest", group: `${group}-a` }), 0);
  assert.deepEqual(await bed.committed(`${group}-a`, topic, 2), [50, 50]);
  assert.equal(await read({ from: "earliest", group: `${group}-a` }), 100);
  assert.equal(await read({ from: "uncommitted-earliest", group: `${group}-a` }), 0);
  assert.equal(await read({ from: "latest", group: `${group}-b` }), 0);
  const soon = Date.now() + 3;
  await eventually(() => Date.now() > soon, 1);
  await bed.produce(topic, 10, 2, 100);
  assert.equal(await read({ from: { timestampMs: soon }, group: `${group}-b` }), 10);
});

test("at most once: committed before it is emitted; none: no failure is heard of", DEADLINE, async (t) => {
  for (const delivery of ["at-most-once", "none"] as const) {
    const { options, files } = await jobFor(t, 400, 2);
    const run = await start(t, { ...options, delivery, until: "end", failShare: 0.5 });
    await run.completed();
    const done = files.lines();
    assert.ok(done.length < 400 && done.length > 50, `${delivery}: ${done.length}`);
    assert.equal(new Set(done).size, done.length, `${delivery}: something came twice`);
    assert.deepEqual(await bed.committed(options.group, options.topic, 2), [200, 200]);
  }
});

test("a second job in the group takes its share in the middle of a batch, and gives it back", DEADLINE, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const { options, files } = await jobFor(t, 2_000, 4);
  const { group, topic } = options;
  await start(t, { ...options, delayMaxMs: 30, tasks: 1 });
  await eventually(() => files.lines().length > 200);
  const second = await start(t, { ...options, delayMaxMs: 30, tasks: 2, folder: options.folder });
  await eventually(async () => (await bed.members(group)) === 3);
  await bed.produce(topic, 2_000, 4, 2_000);
  await eventually(() => files.lines().length > 2_500);
  await second.drain();
  await eventually(async () => (await bed.members(group)) === 1);
  await bed.produce(topic, 200, 4, 4_000);
  await eventually(() => files.values().size === 4_200);
  await eventually(async () => (await bed.committed(group, topic, 4)).every((offset) => offset === 1_050));
  assert.deepEqual(await committedTooEarly(bed, { group, topic, partitions: 4 }, files), []);
  const twice = files.lines().length - 4_200;
  t.diagnostic(`${twice} came twice`);
  assert.ok(twice < 150, `${twice} came twice: partitions are read by two`);
});

test("a thread that dies is replaced, and its partitions are read again from their commits", DEADLINE, async (t) => {
  const { options, files } = await jobFor(t, 1_000, 2);
  const { group, topic } = options;
  const run = await start(t, { ...options, delayMaxMs: 30, tasks: 1, sessionTimeoutMs: 30_000 }, 2);
  await eventually(() => files.lines().length > 100);
  const worker = run.plan.tasks.find((task) => task?.component === "entries")!.thread;
  killThread(run, worker, "exit");
  await bed.produce(topic, 500, 2, 1_000);
  await eventually(() => files.values().size === 1_500);
  await eventually(async () => (await bed.committed(group, topic, 2)).every((offset) => offset === 750));
});

test("what was removed from the log before it was read is passed over, and reading goes on", DEADLINE, async (t) => {
  const { options, files } = await jobFor(t, 100, 1);
  const first = await start(t, { ...options, until: "end", stuckValue: "0", tasks: 1 });
  await eventually(() => files.lines().length === 99);
  await first.kill();
  await bed.deleteRecords(options.topic, 0, 60);
  await bed.produce(options.topic, 5, 1, 100);
  const second = await start(t, { ...options, tasks: 1 });
  await eventually(() => files.values().has("104"));
  await eventually(async () => (await bed.committed(options.group, options.topic, 1))[0] === 105);
  await second.drain();
});

test("what transactions have given up is left out, and the commit passes their markers", DEADLINE, async (t) => {
  const { options, files } = await jobFor(t, 0, 1);
  const { topic, group } = options;
  await bed.transact(topic, [
    [["a0", "a1"], "commit"],
    [["x0"], "abort"],
    [["x1", "x2"], "abort"],
    [["a2"], "commit"],
  ]);
  // The last marker is written after its producer is told.
  await eventually(async () => (await bed.ends(topic))[0] === 10);
  const run = await start(t, { ...options, until: "end", tasks: 1 });
  await run.completed();
  assert.deepEqual([...files.values()].sort(), ["a0", "a1", "a2"]);
  // Six messages, and a marker for each transaction.
  assert.deepEqual(await bed.committed(group, topic, 1), [10]);
});

test("keys, headers, times and bad messages", DEADLINE, async () => {
  const topic = await bed.topic(1);
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const headers = new Map([
    [Buffer.from("tenant"), Buffer.from("t1")],
    [Buffer.from("bytes"), Buffer.from([0, 255])],
  ]);
  await bed.send([
    { topic, key: Buffer.from("k"), value: json({ id: "a", qty: 1 }), timestamp: 5_000n, headers },
    { topic, value: Buffer.from("{ this is no JSON") },
    { topic, value: json({ id: "b", qty: "many" }), timestamp: 6_000n },
    { topic, value: json({ id: "c", qty: 3, pad: "x".repeat(2_000) }) },
    { topic, value: json({ leftOut: true }) },
    { topic, value: json({ id: "d", qty: 4 }), timestamp: 7_000n },
  ] as never);
  const group = `g${process.pid}-${++groups}`;
  const { rows } = await runToEnd(orders as never, { options: { brokers: bed.brokers, topic, group } });
  assert.deepEqual(rows.orders, [
    ["a", 1, "k", "t1", 5_000, new Uint8Array([0, 255])],
    ["d", 4, null, null, 7_000, null],
  ]);
  const bad = rows.bad!.map(([origin, position, reason]) => [origin, position, String(reason)]);
  assert.deepEqual(
    bad.map(([origin, position]) => [origin, position]),
    ["1", "2", "3"].map((position) => [`${topic}[0]`, position]),
  );
  assert.match(String(bad[0]![2]), /JSON/);
  assert.match(String(bad[1]![2]), /qty/);
  assert.match(String(bad[2]![2]), /messageBytesMax/);
  assert.equal(Buffer.from(rows.bad![0]![3] as Uint8Array).toString(), "{ this is no JSON");
  assert.deepEqual(await bed.committed(group, topic, 1), [6]);
});

test("the bolt writes every row with its key; one that is too large fails alone", DEADLINE, async () => {
  const topics = [await bed.topic(3, { "max.message.bytes": "4000" }), await bed.topic(1)];
  const options = { brokers: bed.brokers, topics, count: 2_000, tooLong: 500 };
  const { rows } = await runToEnd(writer as never, { options });
  assert.deepEqual(
    rows.dead!.map(([id]) => id),
    [500],
  );
  const consumer = new Consumer({
    clientId: "outside",
    groupId: `g${process.pid}-${++groups}`,
    bootstrapBrokers: bed.brokers,
    deserializers: stringDeserializers,
  });
  const seen = new Map<number, string>();
  const byKey = new Map<string, Set<number>>();
  const stream = await consumer.consume({ topics: [...topics], mode: "earliest", maxWaitTime: 100 });
  for await (const { value, key, headers, timestamp, topic, partition } of stream) {
    const row = JSON.parse(String(value)) as { n: number; to: string };
    assert.deepEqual(
      [key, headers.get("n"), timestamp, topic],
      [`k${row.n % 10}`, String(row.n), BigInt(1_000 + row.n), row.to],
    );
    seen.set(row.n, topic);
    const partitions = byKey.get(`${topic} ${key}`) ?? new Set();
    byKey.set(`${topic} ${key}`, partitions.add(partition));
    if (seen.size === 1_999) break;
  }
  await consumer.close(true);
  assert.equal(seen.has(500), false);
  assert.ok([...byKey.values()].every((partitions) => partitions.size === 1));
});

test("the example of the docs makes bills, goes on where it was, and tells bad messages", DEADLINE, async () => {
  await bed.topic(2, {}, "orders");
  await bed.topic(1, {}, "bills");
  const order = (customer: string, cents: number) => ({
    topic: "orders",
    key: Buffer.from(customer),
    value: Buffer.from(JSON.stringify({ cents })),
  });
  await bed.send([order("a", 100), order("b", 200), order("a", 300)] as never);
  assert.deepEqual(await runExample("connector-kafka", bed.brokers), { status: 0, stdout: "3 orders\n", stderr: "" });
  await bed.send([order("b", 400)] as never);
  assert.equal((await runExample("connector-kafka", bed.brokers)).stdout, "1 orders\n");
  assert.deepEqual((await bed.read("bills")).sort(), [
    '{"customer":"a","cents":100,"tax":19}',
    '{"customer":"a","cents":300,"tax":57}',
    '{"customer":"b","cents":200,"tax":38}',
    '{"customer":"b","cents":400,"tax":76}',
  ]);
  await bed.send([{ topic: "orders", key: Buffer.from("a"), value: Buffer.from("no JSON") }] as never);
  const { stdout } = await runExample("connector-kafka", bed.brokers);
  assert.match(stdout, /^orders\[\d\] \d: .*JSON.*\n0 orders\n$/);
});

test("wrong host, wrong credentials, missing topic: a clear error before anything starts", DEADLINE, async (t) => {
  const { options } = await jobFor(t, 0, 1);
  const missing = await rejectionOf(start(t, { ...options, topic: "nowhere" }), "TASK_FAILED");
  assert.match(String(missing.cause ?? missing), /nowhere/);
  const port = await freePort();
  const away = await rejectionOf(start(t, { ...options, brokers: [`127.0.0.1:${port}`] }), "TASK_FAILED");
  assert.match(String(away.cause ?? away), new RegExp(`CONNECTOR_FAILED[^]*127.0.0.1:${port}`));
  // This broker takes no credentials at all.
  const sasl = { mechanism: "PLAIN", username: "someone", password: "hunter2-hunter2" } as const;
  const stranger = await rejectionOf(start(t, { ...options, sasl }), "TASK_FAILED");
  assert.match(String(stranger.cause), /CONNECTOR_FAILED.*remedy: +check mechanism, username and password/s);
  assert.doesNotMatch(`${stranger.stack} ${JSON.stringify(stranger)} ${String(stranger.cause)}`, /hunter2|someone/);
  const writing = { brokers: bed.brokers, topics: ["nowhere"], count: 1 };
  const cluster = new LocalCluster({ workers: 1, logLevel: "silent", pin: "off" });
  t.after(() => cluster.close());
  const refused = await rejectionOf(
    cluster.submitTopology("w", writer as never, { options: writing }),
    "TASK_FAILED",
  );
  assert.match(String(refused.cause ?? refused), /nowhere/);
});

test(
  "partitions that are added are read; so is a topic that is made anew, from its beginning",
  DEADLINE,
  async (t) => {
    const { options, files } = await jobFor(t, 4, 1);
    const { topic, group } = options;
    const run = await start(t, { ...options, from: "uncommitted-latest", tasks: 1 });
    await bed.addPartition(topic, 2);
    await bed.produce(topic, 10, 2, 100);
    await eventually(() => files.values().size === 10);
    assert.deepEqual(files.values(), valuesTo(10, 100));
    await bed.remakeTopic(topic, 2);
    // More than there was, so that its end is behind every place of before.
    await bed.produce(topic, 100, 2, 1_000);
    await eventually(() => files.values().size === 110);
    await eventually(async () => (await bed.committed(group, topic, 2)).every((offset) => offset === 50));
    await run.kill();
  },
);
