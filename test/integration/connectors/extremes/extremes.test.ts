/**
 * Goal:   messages of whatever shape arrive, or leave with the reason why they do not; none stops the topology.
 * Method: each source is given the same kinds of messages between good ones, with a bolt on another thread, so that a
 *         ring of the default size stands between the two. The last message comes behind all of them.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import { kafkaMissing } from "../../../services/kafka.ts";
import { redisMissing, startRedis } from "../../../services/redis.ts";
import { runToEnd } from "../../../simulation/run-to-end.ts";
import { KafkaBed } from "../../kafka/kafka-bed.ts";
import { lookups } from "../../redis/topologies/relay.ts";
import { type Seen, seeAll } from "./see-all.ts";

const DEADLINE = { timeout: 60_000 };
const text = (length: number, beginning = "long") => beginning + "x".repeat(length - beginning.length);
/** Bytes that are no UTF-8, each of which becomes one character. */
const binary = (length: number) => Buffer.alloc(length, 0xff);
const LAST = "the last";

const MESSAGES: readonly (string | Buffer)[] = [
  "the first",
  text(2_000_000),
  text(900_000),
  text(200_000),
  text(90_000, "fits"),
  text(60_000, "wide: é"),
  text(40_000, "some"),
  binary(30_000),
  "nul: \0",
  text(60_000, "fails"),
  LAST,
];

const RING =
  /^its row takes up to \d+ bytes of a ring, and \d+ are there for it: raise ringBytesMin and ringBytesMax$/;

function assertSeen({ measured, bad, dead }: Seen, arrived: readonly number[], reasons: readonly RegExp[]): void {
  assert.deepEqual(
    measured.map(([chars]) => chars).sort((a, b) => a - b),
    [...arrived].sort((a, b) => a - b),
  );
  assert.ok(measured.some(([, beginning]) => beginning === LAST));
  const told = bad.map(({ reason }) => reason).sort();
  for (const reason of reasons) {
    const at = told.findIndex((one) => reason.test(one));
    assert.notEqual(at, -1, `${reason} is not among ${told.join("; ")}`);
    told.splice(at, 1);
  }
  assert.deepEqual(told, []);
  assert.ok(bad.every(({ bytes }) => bytes <= 4096));
  for (const { error } of dead) assert.ok(error.length <= 10_000, `${error.length}`);
}

async function redis(t: TestContext) {
  const service = await startRedis();
  const client = new Redis({ port: service.port, host: "127.0.0.1", protocol: 2 });
  t.after(async () => {
    client.disconnect();
    await service.stop();
  });
  return { port: service.port, client };
}

const ON_REDIS = { ...DEADLINE, skip: redisMissing() };
/** Of messages, so that those are let through that are too long for a ring. */
const BYTES_MAX = 1_048_576;
const TOO_MANY = /^it has 2000000 bytes, more than 1048576$/;

test("a list of Redis", ON_REDIS, async (t) => {
  const { port, client } = await redis(t);
  await client.lpush("in", ...MESSAGES, "");
  const seen = await seeAll({ source: "list", port, bytesMax: BYTES_MAX }, MESSAGES.length + 1);
  assertSeen(seen, [9, 90_000, 40_000, 30_000, 6, 8, 0], [TOO_MANY, RING, RING, RING]);
  assert.deepEqual(
    seen.dead.map(({ chars }) => chars),
    [60_000],
  );
  assert.equal(await client.llen("in:processing:extremes/source/0"), 0);
});

test("a stream of Redis", ON_REDIS, async (t) => {
  const { port, client } = await redis(t);
  for (const message of [...MESSAGES.slice(0, -1), ""]) await client.xadd("in", "*", "text", message);
  await client.xadd("in", "*", "another", "name");
  await client.xadd("in", "*", Buffer.from([0xff]), binary(100), "text", LAST);
  const seen = await seeAll({ source: "stream", port, bytesMax: BYTES_MAX }, MESSAGES.length + 2);
  assertSeen(seen, [9, 90_000, 40_000, 30_000, 6, 0, -1, 8], [/^it has 20\d+ bytes/, RING, RING, RING]);
  assert.equal(((await client.xpending("in", "g")) as [number])[0], 0);
});

test("a reader of the user's own that refuses, quotes, grows, or gives something else", ON_REDIS, async (t) => {
  const { port, client } = await redis(t);
  await client.lpush("in", "the first", text(500_000, "refused"), "number", "nothing", text(20, "grows"), LAST);
  const seen = await seeAll({ source: "read", port, bytesMax: BYTES_MAX }, 6);
  assertSeen(seen, [9, 8], [/^refused: refusedxxx/, /text/, /./, RING]);
});

test("a lookup that finds more than a ring takes fails its row alone", ON_REDIS, async (t) => {
  const { port, client } = await redis(t);
  await client.mset("a", "1", "large", text(2_000_000), "middle", text(90_000), "b", "2");
  const options = { port, keys: ["a", "large", "middle", "b"] };
  const { rows } = await runToEnd(lookups as never, { options });
  assert.deepEqual(rows.answered!.map(([key]) => key).sort(), ["a", "b", "middle"]);
  assert.deepEqual(
    rows.dead!.map(([, values]) => values),
    [["large"]],
  );
  assert.match(
    String(rows.dead![0]![3]),
    /redisLookupBolt failed at GET: its row takes up to 2000\d+ bytes of a ring/,
  );
});

test("lines of files", DEADLINE, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-extremes-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "lines");
  const lines = [...MESSAGES, "", LAST].flatMap((message) => [Buffer.from(message), Buffer.from("\n")]);
  writeFileSync(file, Buffer.concat(lines));
  const few = await seeAll({ source: "lines", path: file }, MESSAGES.length + 1);
  const long = /longer than|more than|lineBytesMax|bytes/;
  assertSeen(few, [9, 30_000, 6, 8, 8], [long, long, long, long, long, long, long]);
  const many = await seeAll({ source: "lines", path: file, bytesMax: BYTES_MAX }, MESSAGES.length + 1);
  assertSeen(many, [9, 90_000, 40_000, 30_000, 6, 8, 8], [long, RING, RING, RING]);
});

test("rings that are small, and rings that are made larger", ON_REDIS, async (t) => {
  const { port, client } = await redis(t);
  await client.lpush("in", "the first", text(5_000), LAST);
  const small = await seeAll({ source: "list", port }, 3, { ringBytesMax: 4096 });
  assertSeen(small, [9, 8], [RING]);
  assert.ok(small.bad[0]!.bytes > 100);
  await client.lpush("in", "the first", text(900_000), LAST);
  const large = { ringBytesMin: 4_194_304, ringBytesMax: 4_194_304 };
  assertSeen(await seeAll({ source: "list", port, bytesMax: BYTES_MAX }, 3, large), [9, 900_000, 8], []);
});

test("a topic of Kafka", { ...DEADLINE, skip: kafkaMissing() }, async () => {
  const bed = await KafkaBed.start();
  try {
    await bed.topic(1, {}, "extremes");
    const values = [...MESSAGES.filter((message) => message.length < 1_000_000 && message !== LAST), "", null, LAST];
    for (const value of values) {
      const bytes = value === null ? null : Buffer.from(value as string);
      await bed.send([{ topic: "extremes", key: null, value: bytes }] as never);
    }
    const options = { source: "kafka", brokers: bed.brokers } as const;
    const many = /messageBytesMax, 32768$/;
    assertSeen(await seeAll(options, values.length), [9, 30_000, 6, 0, -1, 8], [many, many, many, many, many, many]);
    assert.deepEqual(await bed.committed("g", "extremes", 1), [values.length]);
    const larger = await seeAll({ ...options, group: "large", bytesMax: 1_048_576 }, values.length);
    assertSeen(larger, [9, 90_000, 40_000, 30_000, 6, 0, -1, 8], [RING, RING, RING]);
    assert.deepEqual(await bed.committed("large", "extremes", 1), [values.length]);
  } finally {
    await bed.stop();
  }
});
