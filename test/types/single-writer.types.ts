// Compiled, never run: see component.types.ts.
import { type Claim, type ResourceWriter, singleWriter, type TaskContext } from "../../src/index.ts";
import { Order, Payment } from "./component.types.ts";

export const orders = singleWriter({
  input: Order,
  resource: "orders",
  writer: () => ({
    write(rows) {
      for (const row of rows) {
        const qty: number = row.qty;
        // @ts-expect-error no such field
        row.quantity;
        // @ts-expect-error fields cannot be written
        row.sku = "";
        void qty;
      }
    },
  }),
});

export const both = singleWriter({
  input: { orders: Order, payments: Payment },
  resource: "both",
  writer: () => ({
    open(context: TaskContext, claim: Claim) {
      void [context.taskIndex, claim.epoch];
    },
    async write(rows) {
      for (const row of rows) void row.sku;
    },
  }),
});

class OrderFile implements ResourceWriter<typeof Order> {
  write(): void {}
}

export const byClass = singleWriter({ input: Order, resource: "orders", writer: () => new OrderFile() });

singleWriter({
  input: Payment,
  resource: "x",
  // @ts-expect-error a writer of other rows
  writer: (): { write(rows: readonly { qty: number }[]): void } => ({ write() {} }),
});

// @ts-expect-error a writer that cannot write
singleWriter({ input: Order, resource: "x", writer: () => ({ open() {} }) });

// @ts-expect-error no such option
singleWriter({ input: Order, resource: "x", writer: () => new OrderFile(), batchrows: 2 });
