export { BadMessage } from "../shared/bad-messages.ts";
export type { FirstOffset } from "./first-offsets.ts";
export { type KafkaBoltOptions, kafkaBolt } from "./kafka-bolt.ts";
export type { KafkaPayload } from "./kafka-bolt-options.ts";
export type { KafkaConnectionOptions, KafkaSasl } from "./kafka-client.ts";
export type { Decoded, KafkaDecoder, KafkaDecoding, KafkaMessage } from "./kafka-message.ts";
export { kafkaSpout } from "./kafka-spout.ts";
export {
  type KafkaDelivery,
  type KafkaMapOptions,
  type KafkaPlainOptions,
  type KafkaReadOptions,
  type KafkaReplayOptions,
  KafkaRow,
} from "./kafka-spout-options.ts";
