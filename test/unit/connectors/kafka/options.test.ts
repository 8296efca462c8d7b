import assert from "node:assert/strict";
import { test } from "node:test";
import { kafkaBolt, kafkaSpout } from "../../../../src/connectors/kafka/index.ts";
import { fields, replaying } from "../../../../src/index.ts";

const Order = fields("sku:string", "qty:int32");
const GOOD = { brokers: ["127.0.0.1:9092"], topics: "orders", group: "billing" } as const;

test("options of the spout that do not exist, and values that are not taken, are refused by name", () => {
  const refused: [object, RegExp][] = [
    [{ brokers: [] }, /brokers/],
    [{ brokers: "127.0.0.1:9092" }, /brokers/],
    [{ brokers: ["127.0.0.1"] }, /brokers/],
    [{ topics: [] }, /topics/],
    [{ topics: "a b" }, /topics/],
    [{ group: "" }, /group/],
    [{ group: "a b" }, /group/],
    [{ from: "earlyest" }, /from/],
    [{ from: {} }, /from\.timestampMs/],
    [{ from: { time: 1 } }, /from\.time/],
    [{ until: "now" }, /until/],
    [{ delivery: "exactly-once" }, /delivery/],
    [{ delivery: "none", replay: {} }, /replay/],
    [{ commitMs: 0 }, /commitMs/],
    [{ aheadMax: 0 }, /aheadMax/],
    [{ heartbeatMs: 5_000, sessionTimeoutMs: 2_000 }, /heartbeatMs/],
    [{ rebalanceTimeoutMs: 1 }, /rebalanceTimeoutMs/],
    [{ fields: Order }, /fields/],
    [{ map: () => null }, /fields/],
    [{ map: 1, fields: Order }, /map/],
    [{ value: "xml", fields: Order, map: () => null }, /value/],
    [{ sasl: { mechanism: "PLAIN", username: "u" } }, /sasl\.password/],
    [{ sasl: { mechanism: "PLAN", username: "u", password: "p" } }, /sasl\.mechanism/],
    [{ tls: "yes" }, /tls/],
    [{ reconnect: { firstMs: -1 } }, /reconnect\.firstMs/],
    [{ topic: "orders" }, /did you mean "topics"/],
  ];
  for (const [options, message] of refused) {
    assert.throws(
      () => kafkaSpout({ ...GOOD, ...options } as never),
      { code: "CONNECTOR_BAD_OPTION", message },
      JSON.stringify(options),
    );
  }
  assert.throws(() => kafkaSpout(undefined as never), { code: "CONNECTOR_BAD_OPTION" });
  assert.throws(() => kafkaSpout({ ...GOOD, replay: { retrys: 1 } } as never), { code: "REPLAY_BAD_OPTION" });
});

test("options of the bolt that do not exist, and values that are not taken, are refused by name", () => {
  const good = { brokers: ["127.0.0.1:9092"], input: Order, topic: "orders" };
  const refused: [object, RegExp][] = [
    [{ input: undefined }, /input/],
    [{ topic: undefined }, /topic/],
    [{ key: "price" }, /key/],
    [{ value: 1 }, /value/],
    [{ batchRows: 0 }, /batchRows/],
    [{ inFlightMax: 0 }, /inFlightMax/],
    [{ compression: "rar" }, /compression/],
    [{ checkTopics: "orders" }, /checkTopics/],
    [{ lingerMS: 1 }, /did you mean "lingerMs"/],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => kafkaBolt({ ...good, ...options } as never), { code: "CONNECTOR_BAD_OPTION", message });
  }
  assert.equal(kafkaBolt(good).style, "rich");
});

test("no password is shown, wherever it was put", () => {
  const sasl = { mechanism: "PLAIN", username: "u", password: 12345678 };
  assert.throws(
    () => kafkaSpout({ ...GOOD, sasl } as never),
    (error: Error) => error.message.includes("sasl.password") && !error.message.includes("12345678"),
  );
});

test("the streams of a spout are its own, bad messages and dead letters", () => {
  const spout = kafkaSpout({ ...GOOD, badMessages: "bad", replay: { deadLetter: "dead" } });
  assert.deepEqual(Object.keys(spout.output), ["default", "bad", "dead"]);
  // Other rules take the place of those that it has, and leave the rest.
  assert.deepEqual(Object.keys(replaying(spout, { retries: 3 }).output), ["default", "bad", "dead"]);
  assert.deepEqual(kafkaSpout(GOOD).output.columns.length, 6);
});
