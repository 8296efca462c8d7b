// Compiled, never run. Each expected error is a mistake that a user must be told about by the compiler.
import { defineTopology, fields, fromIterable, type Letter, replaying, spout } from "../../src/index.ts";

const Order = fields("id:int32", "sku:string");
const orders = fromIterable(Order, () => [[1, "a"]]);

export const topology = defineTopology(import.meta.url, (builder) => {
  const plain = builder.setSpout("plain", replaying(orders, { id: (order) => order.sku }));
  const lettered = builder.setSpout("lettered", replaying(orders, { deadLetter: "dead" }));
  const called = builder.setSpout(
    "called",
    replaying(orders, {
      deadLetter(letter: Letter<typeof Order>) {
        const id: number = letter.row.id;
        // @ts-expect-error no such field
        letter.row.nothing;
        return id > 0 ? undefined : undefined;
      },
    }),
  );
  // @ts-expect-error no stream of letters was asked for
  plain.stream("dead");
  // @ts-expect-error another name
  lettered.stream("letters");
  // @ts-expect-error a function takes them
  called.stream("dead");
  const several = spout({ output: { default: Order, other: Order }, nextTuple: () => "idle" });
  const streamed = builder.setSpout("streamed", replaying(several, { id: (order) => order.sku, deadLetter: "dead" }));
  // @ts-expect-error neither a stream of the source nor that of the letters
  streamed.stream("letters");
  return {
    other: builder.output(streamed.stream("other")),
    dead: builder.output(streamed.stream("dead")),
    orders: builder.output(plain),
    letters: builder.output(lettered.stream("dead")),
    good: builder.output(lettered.stream("default")),
    called: builder.output(called),
  };
});

// @ts-expect-error no such field
replaying(orders, { id: (order) => order.name });
// @ts-expect-error no such rule
replaying(orders, { on: { bolt: "after-settled" } });
// @ts-expect-error no such option
replaying(orders, { retry: 3 });
// @ts-expect-error the rows of a source leave on its default stream
replaying(spout({ output: { one: Order, other: Order }, nextTuple: () => "idle" }));
