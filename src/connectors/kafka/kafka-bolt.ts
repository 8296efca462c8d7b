import type { BoltClass } from "../../component/component-schema.ts";
import { type RichBoltBase, richBolt } from "../../component/rich-bolt.ts";
import type { Fields, Names } from "../../tuple/field-types.ts";
import type { Tuple } from "../../tuple/tuple.ts";
import { type KafkaPayload, readBoltOptions } from "./kafka-bolt-options.ts";
import { importKafka, type KafkaConnectionOptions } from "./kafka-client.ts";
import { KafkaSink } from "./kafka-sink.ts";

/** Options of `kafkaBolt`. docs/CONNECTORS.md has their defaults. */
export interface KafkaBoltOptions<F extends Fields> extends KafkaConnectionOptions {
  readonly input: F;
  /** The topic, or a function that chooses it for each tuple. */
  readonly topic: string | ((tuple: Tuple<F>) => string);
  /** A field, or a function. Messages with the same key go to the same partition. Default: no key. */
  readonly key?: Names<F> | ((tuple: Tuple<F>) => KafkaPayload);
  /** A field, or a function. Default: the whole tuple as JSON. */
  readonly value?: Names<F> | ((tuple: Tuple<F>) => KafkaPayload);
  readonly headers?: (tuple: Tuple<F>) => Readonly<Record<string, string | Uint8Array>>;
  /** Default: the time at which the batch is sent. */
  readonly timestampMs?: (tuple: Tuple<F>) => number;
  /** Default: by the key, as Kafka's own clients choose; in turn for messages without one. */
  readonly partition?: (tuple: Tuple<F>) => number;
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  /** Topics that are looked for at the start. Default: `topic`, where it is a name. */
  readonly checkTopics?: readonly string[];
  /** Tuples in one batch. Default: 500. */
  readonly batchRows?: number;
  /** How long a batch waits for more. Default: 5. */
  readonly lingerMs?: number;
  /** Batches under way; beyond that the bolt takes no more input. Default: 4. */
  readonly inFlightMax?: number;
}

/**
 * Makes a bolt that writes its tuples to topics of a Kafka cluster, in batches. A tuple is acked when all replicas in
 * sync have its message, and failed when they do not within `operationTimeoutMs`: its spout sends it again.
 *
 * `kafkaBolt({ brokers: ["127.0.0.1:9092"], input: Alert, topic: "alerts", key: "user" })`. docs/CONNECTORS.md has
 * the contract.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 */
export function kafkaBolt<const F extends Fields>(
  options: KafkaBoltOptions<F>,
): BoltClass<F, undefined, [], RichBoltBase<F, undefined>> {
  const plan = readBoltOptions(options);
  return richBolt<F>({
    input: options.input,
    create: (context, collector) => {
      const importLibrary = () => importKafka(plan.connection.connector);
      const sink = new KafkaSink({ plan, context, collector, importLibrary });
      return {
        prepare: () => sink.open(),
        execute: (tuple) => sink.take(tuple),
        onFlush: () => sink.flush(),
        onEnd: () => sink.flush(),
        cleanup: () => sink.close(),
      };
    },
  });
}
