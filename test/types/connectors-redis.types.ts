// Compiled, never run. Each expected error is a mistake that a user must be told about by the compiler.
import { memoryOnceStore, once } from "../../src/connectors/once/index.ts";
import {
  redisListSpout,
  redisLookupBolt,
  redisStoreBolt,
  redisStreamSpout,
} from "../../src/connectors/redis/index.ts";
import { basicBolt, defineTopology, fields, fromIterable, replaying } from "../../src/index.ts";

const Order = fields("id:int32", "sku:string");
const Other = fields("id:string");

redisStoreBolt({ input: Order, write: { kind: "string", key: "sku", value: "id" } });
redisStoreBolt({ input: Order, write: { kind: "hash", key: ({ id }) => `order:${id}`, fields: ["id", "sku"] } });
// @ts-expect-error no such field
redisStoreBolt({ input: Order, write: { kind: "string", key: "name", value: "id" } });
// @ts-expect-error a sorted set needs a score
redisStoreBolt({ input: Order, write: { kind: "sortedSet", key: "sku", value: "id" } });

redisLookupBolt({
  input: Order,
  output: Other,
  read: { kind: "hash", key: "sku" },
  rows: (order, found) => (found === null ? [] : [[`${order.id} ${found.name}`]]),
});
redisLookupBolt({
  input: Order,
  output: Other,
  read: { kind: "string", key: "sku" },
  // @ts-expect-error a text has no names
  rows: (_order, found) => [[found.name]],
});

const source = replaying(
  fromIterable(Order, () => [[1, "a"]]),
  { deadLetter: "dead" },
);
const Gate = once({ fields: Order, id: "id", store: memoryOnceStore() });
// @ts-expect-error no such field
once({ fields: Order, id: "name", store: memoryOnceStore() });

export const topology = defineTopology(import.meta.url, (builder) => {
  const list = builder.setSpout(
    "list",
    redisListSpout({ key: "in", fields: Order, badMessages: "bad", replay: { deadLetter: "dead" } }),
  );
  list.stream("bad");
  list.stream("dead");
  // @ts-expect-error no such stream
  list.stream("worse");
  const stream = builder.setSpout("stream", redisStreamSpout({ key: "in", group: "g", fields: Order }));
  const print = basicBolt({ input: Order, execute: ({ sku }) => void sku.length });
  builder.setBolt("print", print).shuffleGrouping(stream).shuffleGrouping(list);

  const watched = builder.setSpout("watched", Gate.watch(source));
  watched.stream("dead");
  const gate = builder
    .setBolt("gate", Gate)
    .fieldsGrouping(watched, ["onceId"], { as: "rows" })
    .fieldsGrouping(watched.stream("outcomes"), ["onceId"], { as: "outcomes" });
  builder.setBolt("fresh", print).shuffleGrouping(gate);
  // @ts-expect-error rows that are not watched have no id
  builder.setBolt("other", Gate).fieldsGrouping(stream, ["onceId"], { as: "rows" });
  return { dead: builder.output(watched.stream("dead")) };
});
