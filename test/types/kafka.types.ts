// Compiled, never run. Each expected error is a mistake that a user must be told about by the compiler.
import { kafkaBolt, kafkaSpout } from "../../src/connectors/kafka/index.ts";
import { defineTopology, fields } from "../../src/index.ts";

const Order = fields("sku:string", "qty:int32");
const where = { brokers: ["127.0.0.1:9092"], topics: "orders", group: "billing" } as const;

const orders = kafkaSpout({
  ...where,
  fields: Order,
  value: (bytes) => ({ sku: bytes.toString(), qty: bytes.length }),
  map: ({ value }) => (value === null ? null : { sku: value.sku, qty: value.qty }),
  badMessages: "bad",
  replay: { id: (order) => order.sku, deadLetter: "dead" },
});

export const topology = defineTopology(import.meta.url, (builder) => {
  const all = builder.setSpout("orders", orders);
  const plain = builder.setSpout("plain", kafkaSpout(where));
  // @ts-expect-error no stream of bad messages was asked for
  plain.stream("bad");
  // @ts-expect-error another name
  all.stream("letters");
  const write = kafkaBolt({ ...{ brokers: ["127.0.0.1:9092"] }, input: Order, topic: "orders", key: "sku" });
  builder.setBolt("write", write).shuffleGrouping(all.stream("default"));
  return { bad: builder.output(all.stream("bad")), dead: builder.output(all.stream("dead")) };
});

// @ts-expect-error a field is missing
kafkaSpout({ ...where, fields: Order, map: () => ({ sku: "a" }) });
// @ts-expect-error a field has another name
kafkaSpout({ ...where, fields: Order, map: () => ({ sku: "a", quantity: 1 }) });
// @ts-expect-error a field has another type
kafkaSpout({ ...where, fields: Order, map: () => ({ sku: "a", qty: "1" }) });
// @ts-expect-error text unless it is said otherwise, and null of a message that has none
kafkaSpout({ ...where, fields: Order, map: ({ value }) => ({ sku: value, qty: 1 }) });
// @ts-expect-error nobody knows what is in JSON
kafkaSpout({ ...where, fields: Order, value: "json", map: ({ value }) => ({ sku: value.sku, qty: 1 }) });
// @ts-expect-error fields without a mapper
kafkaSpout({ ...where, fields: Order });
// @ts-expect-error no such delivery
kafkaSpout({ ...where, delivery: "exactly-once" });
// @ts-expect-error no such field
kafkaBolt({ brokers: [], input: Order, topic: "orders", key: "price" });
// @ts-expect-error no such field
kafkaBolt({ brokers: [], input: Order, topic: (order) => order.topic });
// @ts-expect-error a number is no value
kafkaBolt({ brokers: [], input: Order, topic: "orders", value: (order) => order.qty });
