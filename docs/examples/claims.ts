/** A file with one owner: many tasks feed it, one writes it, and a second run of the same job is refused. */
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { basicBolt, defineTopology, EngineError, fields, LocalCluster, singleWriter } from "stormcell";

const Booking = fields("account:string", "cents:int32");

const check = basicBolt({
  input: Booking,
  output: Booking,
  execute: (row, collector) => collector.emit([row.account, row.cents]),
});

const ledger = singleWriter({
  input: Booking,
  resource: "ledger",
  waitMs: 0,
  writer: () => {
    let file: FileHandle;
    return {
      async open({ options }, claim) {
        file = await open((options as { ledger: string }).ledger, "a");
        await file.write(`# owner ${claim.epoch}\n`);
      },
      async write(bookings) {
        await file.write(bookings.map(({ account, cents }) => `${account} ${cents}\n`).join(""));
      },
      sync: () => file.datasync(), // Only what is on the disk is acked.
      close: () => file.close(),
    };
  },
});

const bank = defineTopology(import.meta.url, (builder, _options: { ledger: string }) => {
  const bookings = builder.setFeeder("bookings", Booking);
  const checked = builder.setBolt("check", check, { parallelism: 3 }).shuffleGrouping(bookings);
  builder.setBolt("ledger", ledger).globalGrouping(checked);
  return { bookings };
});

const folder = path.join(tmpdir(), `stormcell-bank-${process.pid}`);
const settings = { options: { ledger: path.join(folder, "ledger.txt") } };
await using cluster = new LocalCluster({ claimsFolder: path.join(folder, "claims") });
const run = await cluster.submitTopology("bank", bank, settings);

await using other = new LocalCluster({ claimsFolder: path.join(folder, "claims"), logLevel: "silent" });
const refusal = await other.submitTopology("bank", bank, settings).catch(({ cause }: Error) => cause);
console.log(`a second run: ${refusal instanceof EngineError ? refusal.code : "not refused"}`);

// Each promise resolves when its booking is in the file.
await Promise.all([10, 20, 30].map((cents) => run.feeders.bookings.process([`account ${cents}`, cents])));
console.log((await readFile(settings.options.ledger, "utf8")).split("\n").sort().join(" "));
await rm(folder, { recursive: true });
