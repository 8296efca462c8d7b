import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import {
  type Claim,
  defineTopology,
  type EngineError,
  type OutputCollector,
  RichBolt,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";
import { N, Numbers } from "./numbers.ts";

export interface OwningOptions {
  /** Where the journal is. */
  readonly folder: string;
  readonly rows: number;
  readonly owners?: number;
  readonly scope?: "task" | "component";
  readonly name?: string;
  readonly waitMs?: number;
  /** The owner throws at that row, once. */
  readonly throwsAt?: number;
  /** After that, the constructor of the next instance throws, once. */
  readonly constructorThrows?: boolean;
  /** How long the owner's cleanup takes. */
  readonly cleanupMs?: number;
}

/** Owns the journal: writes what it does into it, as long as nobody tells it that it may not. */
class Owner extends RichBolt({
  input: N,
  onError: { policy: "restart-task", backoff: { kind: "fixed", delayMs: 1 } },
}) {
  readonly #options: OwningOptions;
  #claim!: Claim;
  #beating: NodeJS.Timeout | undefined;
  #task = 0;

  constructor(options: OwningOptions) {
    super();
    this.#options = options;
    const thrown = path.join(options.folder, "thrown");
    if (options.constructorThrows === true && existsSync(thrown)) throwOnce(`${thrown}-in-constructor`);
  }

  override async prepare(context: TaskContext): Promise<void> {
    const { name = "journal", scope = "task", waitMs } = this.#options;
    this.#claim = await context.claim(name, { scope, ...(waitMs === undefined ? {} : { waitMs }) });
    this.#task = context.taskIndex;
    this.#say("open");
    // Goes on after the instance was given up, as code that nobody has told of it does.
    this.#beating = setInterval(() => this.#beat(), 2);
  }

  override async execute(tuple: Tuple<typeof N>, collector: OutputCollector<undefined>): Promise<void> {
    await nextTurn();
    if (tuple.n === this.#options.throwsAt) throwOnce(path.join(this.#options.folder, "thrown"));
    this.#claim.check();
    this.#say(`write ${tuple.n}`);
    collector.ack(tuple);
  }

  override async cleanup(): Promise<void> {
    const { cleanupMs = 0 } = this.#options;
    this.#say("closing");
    await pause(cleanupMs);
    this.#say("closed");
  }

  #beat(): void {
    try {
      this.#claim.check();
      this.#say("beat");
    } catch (error) {
      clearInterval(this.#beating);
      // The test may be over by now.
      if (existsSync(this.#options.folder)) this.#say(`refused ${(error as EngineError).code}`);
    }
  }

  #say(what: string): void {
    const line = `${this.#task} ${this.#claim.epoch} ${what}\n`;
    appendFileSync(path.join(this.#options.folder, "journal"), line);
  }
}

/** The marker tells that it has thrown. */
function throwOnce(marker: string): void {
  if (existsSync(marker)) return;
  writeFileSync(marker, "");
  throw new Error("planted in the owner");
}

/** Numbers go to owners of a journal, on the other worker where there are two. */
export const owning = defineTopology(import.meta.url, (builder, options: OwningOptions) => {
  const numbers = builder.setSpout("numbers", Numbers, { create: () => new Numbers(options.rows) });
  builder
    .setBolt("owner", Owner, { create: () => new Owner(options), parallelism: options.owners ?? 1 })
    .shuffleGrouping(numbers);
});
