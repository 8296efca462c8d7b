import type { SpoutClass } from "../../component/component-schema.ts";
import type { Outputs } from "../../component/outputs.ts";
import type { ReplayOutputs, ReplayStreams } from "../../component/replaying.ts";
import { type SpoutHooks, spout } from "../../component/spout.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { outputWithBadMessages, type WithBadMessages } from "../shared/bad-messages.ts";
import { redelivering } from "../shared/redelivering.ts";
import { importKafka } from "./kafka-client.ts";
import type { KafkaDecoding } from "./kafka-message.ts";
import { KafkaSource } from "./kafka-source.ts";
import {
  type KafkaMapOptions,
  type KafkaPlainOptions,
  type KafkaReadOptions,
  type KafkaReplayOptions,
  type KafkaRow,
  readSpoutOptions,
} from "./kafka-spout-options.ts";

type StreamsOf<F extends Fields, B, D> = [B] extends [string]
  ? ReplayStreams<WithBadMessages<F, B>, D>
  : ReplayOutputs<F, D>;
type SpoutOf<F extends Fields, B, D> = SpoutClass<Extract<StreamsOf<F, B, D>, Outputs>, []>;

/**
 * Makes a spout that reads topics of a Kafka cluster as a member of a consumer group; each of its tasks is a member
 * of its own, and has the partitions that the group gives to it. At least once, unless `delivery` says otherwise:
 * what fails is emitted again, and an offset is committed when every message before it is done.
 *
 * `kafkaSpout({ brokers: ["127.0.0.1:9092"], topics: "orders", group: "billing", value: "json", fields, map })`.
 * docs/CONNECTORS.md has the contract.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION, REPLAY_BAD_OPTION
 */
export function kafkaSpout<
  const F extends Fields = typeof KafkaRow,
  const N extends KafkaDecoding = "string",
  V = never,
  const M extends KafkaDecoding = "string",
  K = never,
  const B extends string | undefined = undefined,
  const D extends string | undefined = undefined,
>(
  options: KafkaReadOptions<B> & (KafkaMapOptions<F, N, V, M, K> | KafkaPlainOptions) & KafkaReplayOptions<F, D>,
): SpoutOf<F, B, D> {
  const plan = readSpoutOptions(options);
  const importLibrary = () => importKafka(plan.connection.connector);
  const source = spout<Outputs>({
    output: outputWithBadMessages(plan.output, plan.badMessages),
    create: (context, collector, start) =>
      hooksOf(new KafkaSource({ plan, context, collector, start, importLibrary })),
  });
  if (plan.delivery !== "at-least-once") return source as never;
  return redelivering(source, plan.replay as object | undefined) as never;
}

function hooksOf(source: KafkaSource): SpoutHooks<Outputs> {
  return {
    open: () => source.open(),
    nextTuple: () => source.nextTuple(),
    ack: (id) => source.done(id),
    // Told of a message that was given up: nobody waits for it any more.
    fail: (id) => source.done(id),
    activate: () => source.activate(),
    deactivate: () => source.deactivate(),
    close: () => source.close(),
  };
}
