export { BadMessage } from "../shared/bad-messages.ts";
export type { FirstOffset } from "./first-offsets.ts";
export { type KafkaBoltOptions, type KafkaPayload, kafkaBolt } from "./kafka-bolt.ts";
export type { KafkaConnectionOptions, KafkaSasl } from "./kafka-client.ts";
export type { Decoded, KafkaDecoder, KafkaDecoding, KafkaMessage } from "./kafka-message.ts";
export { kafkaSpout } from "./kafka-spout.ts";
export {
  type KafkaGuarantee,
  type KafkaMapOptions,
  type KafkaReadOptions,
  type KafkaReplayOptions,
  KafkaRow,
} from "./kafka-spout-options.ts";
