/**
 * Goal:   whatever any option of any connector is given, it is taken or refused with CONNECTOR_BAD_OPTION where the
 *         component is made: no other error, no wait, and nothing that is not what the option wants.
 * Method: each option says of a list of strange values which ones it takes; all others must be refused. Each is given
 *         once as it is, and options whose getters throw in between.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileBolt, fileSpout, readParts } from "../../../src/connectors/files/index.ts";
import { kafkaBolt, kafkaSpout } from "../../../src/connectors/kafka/index.ts";
import { memoryOnceStore, once } from "../../../src/connectors/once/index.ts";
import {
  redisListSpout,
  redisLookupBolt,
  redisOnceStore,
  redisStoreBolt,
  redisStreamSpout,
} from "../../../src/connectors/redis/index.ts";
import { fields } from "../../../src/index.ts";
import {
  call,
  EMPTY,
  either,
  field,
  flag,
  HUGE,
  name,
  never,
  noOptions,
  object,
  oneSign,
  type Table,
  text,
  throwing,
  topic,
  VALUES,
  whole,
} from "./strange-values.ts";

const Row = fields("a:string", "constructor:string");

const timers = { connectTimeoutMs: whole(1, 2 ** 31 - 1), operationTimeoutMs: whole(1, 2 ** 31 - 1) };
const SERVER: Table = {
  ...timers,
  closeTimeoutMs: whole(1, 2 ** 31 - 1),
  reconnect: noOptions,
  url: never,
  host: text,
  port: whole(1, 65_535),
  db: whole(0),
  username: text,
  password: text,
  tls: either(flag, object),
  client: object,
};
const CLUSTER: Table = {
  ...timers,
  closeTimeoutMs: whole(1, 2 ** 31 - 1),
  reconnect: noOptions,
  brokers: never,
  clientId: name,
  tls: either(flag, object),
  sasl: never,
};
const BATCHES: Table = { batchRows: whole(1, 65_536), lingerMs: whole(0, 60_000), inFlightMax: whole(1, 1024) };
const QUEUE: Table = {
  ...SERVER,
  key: text,
  fields: never,
  read: call,
  replay: noOptions,
  badMessages: text,
  messageBytesMax: whole(1),
  fetchMax: whole(1, 10_000),
  pollMs: whole(1, 60_000),
};

interface Connector {
  readonly make: (options: never) => unknown;
  readonly good: Readonly<Record<string, unknown>>;
  readonly takes: Table;
}

const CONNECTORS: Readonly<Record<string, Connector>> = {
  redisListSpout: { make: redisListSpout, good: { key: "k" }, takes: { ...QUEUE, from: never } },
  redisStreamSpout: {
    make: redisStreamSpout,
    good: { key: "k", group: "g", fields: Row },
    takes: { ...QUEUE, group: text, start: never, claimIdleMs: whole(100, 2 ** 31 - 1), deleteDone: flag },
  },
  redisStoreBolt: {
    make: redisStoreBolt,
    good: { input: Row, write: { kind: "string", key: "a", value: "a" } },
    takes: { ...SERVER, ...BATCHES, input: never, write: never },
  },
  redisLookupBolt: {
    make: redisLookupBolt,
    good: { input: Row, output: Row, read: { kind: "string", key: "a" }, rows: () => [] },
    takes: { ...SERVER, ...BATCHES, input: never, output: never, read: never, rows: call },
  },
  redisOnceStore: { make: redisOnceStore, good: {}, takes: { ...SERVER, prefix: text } },
  memoryOnceStore: { make: memoryOnceStore, good: {}, takes: { idsMax: whole(1) } },
  once: {
    make: once,
    good: { fields: Row, id: "a", store: memoryOnceStore() },
    takes: {
      fields: never,
      id: field,
      store: never,
      leaseMs: whole(1),
      rememberMs: whole(1),
      onBusy: never,
      waitMaxMs: whole(1),
      waitingMax: whole(1),
      askAgainMs: whole(1),
      closeTimeoutMs: whole(0, 2 ** 31 - 1),
    },
  },
  kafkaSpout: {
    make: kafkaSpout,
    good: { brokers: ["h:1"], topics: "t", group: "g", fields: Row, map: () => null },
    takes: {
      ...CLUSTER,
      topics: topic,
      group: name,
      from: never,
      until: never,
      delivery: never,
      badMessages: text,
      messageBytesMax: whole(1, 2 ** 30),
      aheadMax: whole(1, 2 ** 24),
      commitMs: whole(1, 2 ** 31 - 1),
      fetchBytes: whole(1, 2 ** 30),
      fetchWaitMs: whole(1, 2 ** 31 - 1),
      readUncommitted: flag,
      // The other two of these three have defaults that follow it.
      sessionTimeoutMs: whole(1, 2 ** 31 - 1),
      rebalanceTimeoutMs: never,
      heartbeatMs: whole(1, 10_000),
      fields: never,
      value: call,
      key: call,
      map: call,
      replay: noOptions,
    },
  },
  kafkaBolt: {
    make: kafkaBolt,
    good: { brokers: ["h:1"], input: Row, topic: "t" },
    takes: {
      ...CLUSTER,
      input: never,
      topic: either(topic, call),
      key: field,
      value: field,
      headers: call,
      timestampMs: call,
      partition: call,
      compression: never,
      checkTopics: (value) => value === EMPTY,
      batchRows: whole(1, 100_000),
      lingerMs: whole(0, 2 ** 31 - 1),
      inFlightMax: whole(1, 1_000),
    },
  },
  fileSpout: {
    make: fileSpout,
    good: { paths: "p", format: "csv", fields: Row },
    takes: {
      paths: text,
      files: never,
      format: never,
      fields: never,
      csv: noOptions,
      gzip: flag,
      rangeBytes: whole(4096),
      lineBytesMax: whole(1, 2 ** 28),
      badMessages: text,
      delivery: never,
      replay: noOptions,
    },
  },
  fileBolt: {
    make: fileBolt,
    good: { input: Row, folder: "f", format: "csv" },
    takes: {
      input: never,
      folder: text,
      format: call,
      csv: noOptions,
      extension: never,
      rotate: noOptions,
      sync: noOptions,
      inFlightMax: whole(1, 1_000_000),
    },
  },
  readParts: {
    make: (options) => readParts(options),
    good: { folder: "f", format: "csv" },
    takes: {
      folder: text,
      topology: text,
      component: text,
      format: never,
      csv: noOptions,
      follow: flag,
      pollMs: (value) => typeof value === "number" && value >= 1 && value <= 3_600_000,
      signal: never,
    },
  },
};

/** Options within options: the path to them, and what each takes. */
const NESTED: readonly (readonly [connector: string, within: object, group: string, Table])[] = [
  [
    "redisListSpout",
    {},
    "reconnect",
    { firstMs: (v) => v === 0 || v === 2 || v === 1.5, factor: (v) => v === 1.5 || v === 2 },
  ],
  ["kafkaSpout", { mechanism: "PLAIN", username: "u", password: "p" }, "sasl", { username: text, password: text }],
  ["kafkaSpout", { mechanism: "OAUTHBEARER", token: "t" }, "sasl", { token: text, mechanism: never }],
  ["kafkaSpout", { timestampMs: 1 }, "from", { timestampMs: (v) => [0, 1.5, 2].includes(v as number) }],
  ["fileSpout", {}, "csv", { header: flag, separator: oneSign, quote: oneSign, multiline: flag }],
  ["fileBolt", {}, "rotate", { bytes: whole(1, 1 / 0), rows: whole(1, 1 / 0), ms: whole(1, 1 / 0) }],
  ["fileBolt", {}, "sync", { rows: whole(1, 1 / 0), ms: whole(1, 2 ** 31 - 1) }],
  [
    "redisStoreBolt",
    { kind: "string", key: "a", value: "a" },
    "write",
    {
      key: field,
      value: field,
      ttlMs: whole(1),
      field: never,
      fields: never,
      score: never,
      side: never,
      lengthMax: never,
      commands: never,
      kind: never,
    },
  ],
  [
    "redisStoreBolt",
    { kind: "hash", key: "a", fields: ["a"] },
    "write",
    { fields: call, field: never, value: never },
  ],
  ["redisStoreBolt", { kind: "stream", key: "a", fields: ["a"] }, "write", { lengthMax: whole(1), ttlMs: never }],
  ["redisStoreBolt", { kind: "commands", commands: () => [] }, "write", { commands: call, key: never }],
  ["redisStoreBolt", { kind: "sortedSet", key: "a", value: "a", score: "a" }, "write", { score: field, side: never }],
  [
    "redisLookupBolt",
    { kind: "list", key: "a" },
    "read",
    { key: field, countMax: whole(1), reverse: never, field: never },
  ],
  ["redisLookupBolt", { kind: "stream", key: "a" }, "read", { reverse: flag, kind: never }],
];

/** The code with which it is refused, or null when it is taken. Anything else fails the test. */
function outcomeOf(make: () => unknown, what: string): string | null {
  const startMs = performance.now();
  try {
    make();
    return null;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    assert.match(String(code), /^(CONNECTOR|REPLAY)_BAD_OPTION$/, `${what}: ${String((error as Error).stack)}`);
    assert.ok(message.length < 3_000, `${what}: an error of ${message.length} characters`);
    return code!;
  } finally {
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs < 1_000, `${what} took ${Math.round(tookMs)} ms`);
  }
}

function checkTable(what: string, table: Table, make: (option: string, value: unknown) => unknown): string[] {
  return Object.entries(table).flatMap(([option, takes]) =>
    VALUES.flatMap(([shown, value]) => {
      const isTaken = outcomeOf(() => make(option, value), `${what}.${option}: ${shown}`) === null;
      return isTaken === takes(value) ? [] : [`${what}.${option} ${isTaken ? "takes" : "refuses"} ${shown}`];
    }),
  );
}

for (const [connector, { make, good, takes }] of Object.entries(CONNECTORS)) {
  const call_ = (options: unknown) => make(options as never);
  test(`${connector}: each option, given whatever`, () => {
    assert.equal(
      outcomeOf(() => call_(good), "good options"),
      null,
    );
    assert.deepEqual(
      checkTable(connector, takes, (option, value) => call_({ ...good, [option]: value })),
      [],
    );
  });

  test(`${connector}: no options, options that cannot be read, and names that do not exist`, () => {
    for (const [shown, value] of VALUES) {
      if (noOptions(value) && Object.keys(good).length === 0) continue;
      assert.equal(
        outcomeOf(() => call_(value), `${connector}(${shown})`),
        "CONNECTOR_BAD_OPTION",
        shown,
      );
    }
    for (const option of ["__proto__", "constructor", "toString", "nmae", "", HUGE]) {
      const options = { ...good };
      Object.defineProperty(options, option, { value: 1, enumerable: true });
      assert.equal(
        outcomeOf(() => call_(options), `${connector} with ${option.slice(0, 20)}`),
        "CONNECTOR_BAD_OPTION",
      );
    }
    for (const option of Object.keys(takes)) {
      const options = Object.defineProperties(
        { ...good, [option]: undefined },
        Object.getOwnPropertyDescriptors(throwing([option])),
      );
      assert.equal(
        outcomeOf(() => call_(options), `${connector}.${option}, a getter`),
        "CONNECTOR_BAD_OPTION",
        option,
      );
    }
  });
}

test("options within options", () => {
  for (const [connector, within, group, table] of NESTED) {
    const { make, good } = CONNECTORS[connector]!;
    const problems = checkTable(`${connector}.${group}`, table, (option, value) =>
      make({ ...good, [group]: { ...within, [option]: value } } as never),
    );
    assert.deepEqual(problems, []);
  }
});

test("texts that look nearly right", () => {
  const wrong: readonly (readonly [connector: string, options: object])[] = [
    ["redisListSpout", { url: "redis://%zz@host" }],
    ["redisListSpout", { url: "redis://u:%@host" }],
    ["redisListSpout", { url: "redis://host/99999999999999999999" }],
    ["redisListSpout", { url: "redis://host:99999" }],
    ["kafkaSpout", { brokers: ["host:0"] }],
    ["kafkaSpout", { brokers: ["host:65536"] }],
    ["kafkaSpout", { brokers: ["user:password@host:9092"] }],
    ["kafkaSpout", { brokers: ["host:9092", undefined] }],
    ["kafkaSpout", { topics: ["a", "."] }],
    ["kafkaSpout", { replay: { backoff: 5 } }],
    ["kafkaSpout", { replay: { backoff: { firstMs: "5" } } }],
    ["kafkaBolt", { topic: "a/b" }],
    ["kafkaBolt", { checkTopics: ["a b"] }],
    [
      "fileSpout",
      { paths: undefined, files: [{ path: "a", bytes: Number.NaN, inode: 1, device: 1, modifiedMs: 1 }] },
    ],
    ["fileSpout", { paths: undefined, files: [{ path: "a", bytes: -1, inode: 1, device: 1, modifiedMs: 1 }] }],
    ["fileSpout", { replay: { retries: "5" } }],
  ];
  for (const [connector, options] of wrong) {
    const { make, good } = CONNECTORS[connector]!;
    const shown = JSON.stringify(options);
    assert.notEqual(
      outcomeOf(() => make({ ...good, ...options } as never), shown),
      null,
      `${connector} takes ${shown}`,
    );
  }
});
