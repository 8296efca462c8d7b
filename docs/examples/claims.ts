/** A file with one owner: many tasks feed it, one writes it, and a second run of the same job is refused. */
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  basicBolt,
  type Claim,
  defineTopology,
  EngineError,
  fields,
  LocalCluster,
  type ResourceWriter,
  singleWriter,
  type TaskContext,
  type Tuple,
} from "stormcell";

const Booking = fields("account:string", "cents:int32");

class Ledger implements ResourceWriter<typeof Booking> {
  #file!: FileHandle;

  async open({ options }: TaskContext, { epoch }: Claim) {
    this.#file = await open((options as { ledger: string }).ledger, "a");
    await this.#file.write(`# owner ${epoch}\n`);
  }

  async write(bookings: readonly Tuple<typeof Booking>[]) {
    await this.#file.write(bookings.map(({ account, cents }) => `${account} ${cents}\n`).join(""));
  }

  // Only what is on the disk is acked.
  sync = () => this.#file.datasync();
  close = () => this.#file.close();
}

const check = basicBolt({ input: Booking, output: Booking, execute: (row, out) => out.emit([row.account, row.cents]) });
const ledgerBolt = singleWriter({ input: Booking, resource: "ledger", waitMs: 0, writer: () => new Ledger() });

const bank = defineTopology(import.meta.url, (builder, _options: { ledger: string }) => {
  const bookings = builder.setFeeder("bookings", Booking);
  const checked = builder.setBolt("check", check, { parallelism: 3 }).shuffleGrouping(bookings);
  builder.setBolt("ledger", ledgerBolt).globalGrouping(checked);
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
