import { EngineError } from "../base/engine-error.ts";
import { checkId } from "../base/ids.ts";
import type { Inputs, Tuple } from "../tuple/tuple.ts";
import type { Claim } from "./claim.ts";
import type { BoltClass, ComponentOptions } from "./component-schema.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import type { OutputCollector } from "./output-collector.ts";
import { type RichBoltBase, type RichBoltHooks, richBolt } from "./rich-bolt.ts";
import type { TaskContext } from "./task-context.ts";

type Maybe = void | Promise<void>;

/** What writes to a resource that has one owner. One call at a time, and `open` before all others. */
export interface ResourceWriter<I extends Inputs> {
  /** The resource is claimed. Whatever can compare numbers can refuse a late write by `claim.epoch`. */
  open?(context: TaskContext, claim: Claim): Maybe;
  /** In the order in which they came. When it throws, all of these rows fail, and the next ones follow. */
  write(rows: readonly Tuple<I>[]): Maybe;
  /** Makes safe what was written. The rows are acked when it has ended. */
  sync?(): Maybe;
  /** After the last write; not when `open` has failed. */
  close?(): Maybe;
}

/** What `singleWriter` is made from. */
export interface SingleWriterOptions<I extends Inputs> {
  /** One input, or several by name. */
  readonly input: I;
  /** Name of the resource, as of a claim: unique in the component. */
  readonly resource: string;
  /** Makes the writer of one instance of the task. */
  readonly writer: () => ResourceWriter<NoInfer<I>>;
  /** Rows that are written at once: 256 unless it says more, at most 65,536. */
  readonly batchRows?: number;
  /** Time after which what came is written, in ms: 20 unless it says more; 0 writes each row when it comes. */
  readonly lingerMs?: number;
  /** How long the start waits for another owner that is not over: see ClaimOptions. */
  readonly waitMs?: number;
  /** What happens when a hook fails, as when the claim is lost; see docs/FAILURES.md. */
  readonly onError?: FailurePolicy;
  /** Any other option that may be set for a component. */
  readonly config?: ComponentOptions;
}

const BATCH_ROWS = 256;
const BATCH_ROWS_MAX = 65_536;
const LINGER_MS = 20;
const LINGER_MS_MAX = 60_000;

/**
 * A bolt that is the only writer of a resource which many tasks feed: it claims the resource for its component,
 * gathers rows, hands them to a writer batch by batch, and acks them when they are written and synced. Has one task;
 * emits nothing. While a batch is written it takes in nothing more, and the topology feels a slow resource.
 *
 * Before each write, and before what was written is acked, it asks whether the claim still is its own. When not, the
 * task fails, and a new instance has to claim the resource again.
 *
 * @throws EngineError SINGLE_WRITER_BAD_OPTION; at the start of the run SINGLE_WRITER_PARALLELISM, and what `claim`
 *   rejects with
 * @example
 * const ledger = singleWriter({ input: Booking, resource: "ledger", writer: () => new LedgerFile("ledger.txt") });
 * builder.setBolt("ledger", ledger).globalGrouping(bookings);
 */
export function singleWriter<I extends Inputs>(
  options: SingleWriterOptions<I>,
): BoltClass<I, undefined, [], RichBoltBase<I, undefined>> {
  const { input, config, onError, batchRows = BATCH_ROWS, lingerMs = LINGER_MS } = options;
  checkOptions({ ...options, batchRows, lingerMs });
  return richBolt<I>({
    input,
    ...(lingerMs > 0 ? { tickMs: lingerMs } : {}),
    ...(config === undefined ? {} : { config }),
    ...(onError === undefined ? {} : { onError }),
    create: async (context, collector) => {
      checkTaskCount(context);
      const { resource, waitMs } = options;
      const claim = await context.claim(resource, {
        scope: "component",
        ...(waitMs === undefined ? {} : { waitMs }),
      });
      const writer = options.writer();
      await writer.open?.(context, claim);
      return hooksOf({ writer, claim, collector, batchRows: lingerMs === 0 ? 1 : batchRows });
    },
  });
}

interface Writing<I extends Inputs> {
  readonly writer: ResourceWriter<I>;
  readonly claim: Claim;
  readonly collector: OutputCollector<undefined>;
  readonly batchRows: number;
}

/** Hooks around one batch that is gathered, and one that is written. */
function hooksOf<I extends Inputs>(writing: Writing<I>): RichBoltHooks<I, undefined> {
  const { writer, batchRows } = writing;
  let rows: Tuple<I>[] = [];
  let written: Promise<void> = Promise.resolve();
  /** Writes what was gathered, behind what is being written. */
  const flush = (): Maybe => {
    if (rows.length === 0) return undefined;
    const batch = rows;
    rows = [];
    written = written.then(() => writeBatch(writing, batch));
    return written;
  };
  return {
    execute(row) {
      rows.push(row);
      return rows.length >= batchRows ? flush() : undefined;
    },
    onTick: flush,
    onFlush: flush,
    onEnd: flush,
    // What is gathered is not acked, and comes again. What is being written must end before the claim does.
    cleanup: async () => {
      await written.catch(() => {});
      await writer.close?.();
    },
  };
}

async function writeBatch<I extends Inputs>(writing: Writing<I>, batch: readonly Tuple<I>[]): Promise<void> {
  const { writer, claim, collector } = writing;
  claim.check();
  try {
    await writer.write(batch);
    await writer.sync?.();
  } catch (error) {
    for (const row of batch) collector.fail(row, error);
    return;
  }
  claim.check();
  for (const row of batch) collector.ack(row);
}

function checkTaskCount({ component, taskCount }: TaskContext): void {
  if (taskCount === 1) return;
  throw new EngineError("SINGLE_WRITER_PARALLELISM", {
    problem: `"${component}" is the single writer of a resource, and has ${taskCount} tasks`,
    remedy: "give it a parallelism of 1; what feeds it may have as many tasks as it likes",
  });
}

interface CheckedOptions {
  readonly resource: string;
  readonly writer: unknown;
  readonly batchRows: number;
  readonly lingerMs: number;
}

function checkOptions({ resource, writer, batchRows, lingerMs }: CheckedOptions): void {
  const isCount = Number.isInteger(batchRows) && batchRows >= 1 && batchRows <= BATCH_ROWS_MAX;
  const isTime = Number.isInteger(lingerMs) && lingerMs >= 0 && lingerMs <= LINGER_MS_MAX;
  const problem =
    checkId("resource", resource) ??
    (typeof writer === "function" ? null : "the writer is no function that makes one") ??
    (isCount ? null : `batchRows is ${String(batchRows)}`) ??
    (isTime ? null : `lingerMs is ${String(lingerMs)}`);
  if (problem === null) return;
  throw new EngineError("SINGLE_WRITER_BAD_OPTION", {
    problem,
    facts: { batchRows: `1 to ${BATCH_ROWS_MAX}`, lingerMs: `0 to ${LINGER_MS_MAX}` },
    remedy: "see SingleWriterOptions for what each option takes",
  });
}
