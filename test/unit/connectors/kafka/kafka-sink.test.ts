/**
 * Goal:   one bad row fails alone, whatever is wrong with it, and what a broker says of a partition decides for its
 *         rows.
 * Method: a sink on a played producer.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readBoltOptions } from "../../../../src/connectors/kafka/kafka-bolt-options.ts";
import { KafkaSink } from "../../../../src/connectors/kafka/kafka-sink.ts";
import { type AnyTuple, fields } from "../../../../src/index.ts";
import { stubContext } from "../once/stub-context.ts";
import { PlayedKafka } from "./played-kafka.ts";

const LIMIT = { timeout: 10_000 };
const Input = fields("to:string", "key:string", "at:float64");

interface Row {
  readonly to: string;
  readonly key: string;
  readonly at?: number;
}

class PlayedSink {
  readonly kafka = new PlayedKafka(3, 0);
  readonly acked: string[] = [];
  readonly failed: string[] = [];
  readonly sink: KafkaSink;

  constructor(t: TestContext, options: object = {}) {
    const name = (tuple: AnyTuple) => (tuple as unknown as Row).key;
    this.sink = new KafkaSink({
      plan: readBoltOptions({
        brokers: ["played:1"],
        input: Input,
        topic: (row: Row) => row.to,
        key: "key",
        lingerMs: 1,
        reconnect: { firstMs: 1 },
        ...options,
      }),
      context: stubContext(() => performance.now()),
      collector: {
        ack: (tuple: unknown) => void this.acked.push(name(tuple as AnyTuple)),
        fail: (tuple: unknown) => void this.failed.push(name(tuple as AnyTuple)),
      } as never,
      importLibrary: () => Promise.resolve(this.kafka.library),
    });
    t.after(() => this.sink.close());
  }

  /** Keys of one letter choose the partition: "a" 1, "b" 2, "c" 0, and so on. */
  async write(...rows: readonly Row[]): Promise<void> {
    for (const row of rows) await this.sink.take(row as unknown as AnyTuple);
    await this.sink.flush();
  }
}

const to = (key: string, topic = "t"): Row => ({ to: topic, key });

test("a row whose topic does not exist fails alone, and the client is not given up", LIMIT, async (t) => {
  const played = new PlayedSink(t);
  await played.sink.open();
  await played.write(to("a"), to("x", "nowhere"), to("b"), to("y", "elsewhere"));
  assert.deepEqual(
    [played.acked, played.failed.toSorted()],
    [
      ["a", "b"],
      ["x", "y"],
    ],
  );
  assert.equal(played.kafka.producers.length, 1);
  await played.write(to("z", "nowhere"));
  assert.equal(played.failed.length, 3);
});

test("a topic, or a partition, that is none fails its row alone", LIMIT, async (t) => {
  const partition = ({ at = 0 }: Row) => at;
  const played = new PlayedSink(t, { partition });
  await played.sink.open();
  const rows = [Number.NaN, -1, 1.5, "1"].map((at, n) => ({ ...to(`bad${n}`), at: at as number }));
  await played.write({ ...to("a"), at: 2 }, ...rows, to("no name", "a b"), to("none", null as never));
  assert.deepEqual(played.acked, ["a"]);
  assert.equal(played.failed.length, 6);
});

test(
  "rows are acked and failed by what is said of their partition; a client that failed is given up",
  LIMIT,
  async (t) => {
    const played = new PlayedSink(t);
    await played.sink.open();
    const answer = (index: number, errorCode: number) => ({ index, errorCode });
    played.kafka.before = (operation) => {
      if (operation !== "send") return;
      const responses = [{ name: "t", partitionResponses: [answer(0, 0), answer(1, 6)] }];
      throw Object.assign(new Error("some"), { response: { responses } });
    };
    await played.write(to("a"), to("b"), to("c"), to("d"), to("f"));
    assert.deepEqual(
      [played.acked.toSorted(), played.failed.toSorted()],
      [
        ["c", "f"],
        ["a", "b", "d"],
      ],
    );
    assert.equal(played.kafka.producers.length, 1);
    played.kafka.before = (operation) => {
      if (operation === "send") throw new Error("away");
    };
    await played.write(to("a"));
    assert.equal(played.kafka.producers.length, 2);
    assert.ok(played.kafka.producers[0]!.connections.isClosed);
    played.kafka.before = () => undefined;
    await played.write(to("g"));
    assert.ok(played.acked.includes("g"));
  },
);

test("what is too large is tried in halves, until one message fails alone", LIMIT, async (t) => {
  const played = new PlayedSink(t);
  await played.sink.open();
  played.kafka.before = (operation, asked) => {
    const messages = (asked.messages ?? []) as { key: Buffer }[];
    if (operation !== "send" || !messages.some(({ key }) => String(key) === "d")) return;
    const responses = [{ name: "t", partitionResponses: [{ index: 1, errorCode: 10 }] }];
    throw Object.assign(new Error("large"), { response: { responses } });
  };
  await played.write(to("a"), to("d"), to("g"), to("j"), to("m"));
  assert.deepEqual([played.acked.toSorted(), played.failed], [["a", "g", "j", "m"], ["d"]]);
});

test("so many batches are under way and no more; then the task takes no input", LIMIT, async (t) => {
  const played = new PlayedSink(t, { batchRows: 1, inFlightMax: 2 });
  await played.sink.open();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  played.kafka.before = (operation) => (operation === "send" ? held : undefined);
  const rows = ["a", "b", "c"].map((key) => played.sink.take(to(key) as unknown as AnyTuple));
  assert.deepEqual(
    rows.map((taken) => taken === undefined),
    [true, false, false],
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(played.kafka.asked.filter((operation) => operation === "send").length, 2);
  release();
  await Promise.all(rows);
  // What had no room is sent as soon as there is some, and waits for nothing else.
  while (played.acked.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(played.acked, ["a", "b", "c"]);
});
