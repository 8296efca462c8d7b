import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterMetadata } from "@platformatic/kafka";
import type { OutgoingMessage } from "../../../../src/connectors/kafka/kafka-bolt-options.ts";
import { type Outgoing, type Part, partsOf } from "../../../../src/connectors/kafka/outgoing-parts.ts";
import { produceOutcome } from "../../../../src/connectors/kafka/produce-outcome.ts";
import type { AnyTuple } from "../../../../src/index.ts";

function outgoing(topic: string, key: string, partition: number | null = null): Outgoing {
  const message = { topic, key: Buffer.from(key), value: null, headers: null, timestamp: null, partition };
  return { tuple: {} as AnyTuple, message: message as OutgoingMessage };
}

function metadataOf(counts: Record<string, number>): ClusterMetadata {
  const topics = new Map(Object.entries(counts).map(([topic, partitionsCount]) => [topic, { partitionsCount }]));
  return { topics } as unknown as ClusterMetadata;
}

const parts = partsOf(
  ["a", "b", "c", "d"].map((key) => outgoing("t", key)),
  metadataOf({ t: 3 }),
  (key) => key![0]!,
);
const names = (some: readonly Part[]) => some.map(({ topic, partition }) => `${topic}:${partition}`);

test("rows of one partition stay together, in their order", () => {
  assert.deepEqual(names(parts), ["t:1", "t:2", "t:0"]);
  assert.deepEqual(
    parts[0]!.rows.map(({ message }) => String(message.key)),
    ["a", "d"],
  );
  assert.throws(() => partsOf([outgoing("other", "a")], metadataOf({ t: 3 }), () => 0), /other/);
});

test("what each partition was told decides; a broker that says nothing has nothing", () => {
  const error = Object.assign(new Error("some"), {
    errors: [
      { response: { responses: [{ name: "t", partitionResponses: [{ index: 1, errorCode: 0 }] }] } },
      { response: { responses: [{ name: "t", partitionResponses: [{ index: 2, errorCode: 10 }] }] } },
    ],
  });
  const outcome = produceOutcome(parts, error);
  assert.deepEqual(names(outcome.written), ["t:1"]);
  assert.deepEqual(names(outcome.tooLarge), ["t:2"]);
  assert.deepEqual(names(outcome.failed), ["t:0"]);
  assert.deepEqual(names(produceOutcome(parts, null).written), ["t:1", "t:2", "t:0"]);
  assert.deepEqual(names(produceOutcome(parts, new Error("lost")).failed), ["t:1", "t:2", "t:0"]);
});

test("what one broker took is known although another failed", () => {
  const error = Object.assign(new Error("some"), {
    produced: { offsets: [{ topic: "t", partition: 0, offset: 3n }] },
  });
  assert.deepEqual(names(produceOutcome(parts, error).written), ["t:0"]);
});
