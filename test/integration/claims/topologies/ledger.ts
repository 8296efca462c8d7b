import { appendFileSync } from "node:fs";
import { defineTopology, singleWriter } from "../../../../src/index.ts";
import { N, Numbers } from "./numbers.ts";

export interface LedgerOptions {
  readonly file: string;
  /** Rows of each of the tasks that feed the ledger. */
  readonly rows: number;
  readonly writers?: number;
}

/** Three tasks feed one file, on two workers. */
export const ledger = defineTopology(import.meta.url, (builder, options: LedgerOptions) => {
  const numbers = builder.setSpout("numbers", Numbers, { create: () => new Numbers(options.rows), parallelism: 3 });
  const writer = singleWriter({
    input: N,
    resource: "ledger",
    batchRows: 16,
    lingerMs: 2,
    writer: () => {
      let epoch = 0;
      return {
        open(_context, claim) {
          epoch = claim.epoch;
          appendFileSync(options.file, `${epoch} open\n`);
        },
        // In two pieces, so that another writer could come in between.
        async write(rows) {
          appendFileSync(options.file, `${epoch} begin\n`);
          await new Promise((resolve) => setImmediate(resolve));
          appendFileSync(options.file, rows.map(({ n }) => `${epoch} ${n}\n`).join(""));
        },
        sync: () => appendFileSync(options.file, `${epoch} end\n`),
      };
    },
  });
  builder.setBolt("ledger", writer, { parallelism: options.writers ?? 1 }).globalGrouping(numbers);
});
