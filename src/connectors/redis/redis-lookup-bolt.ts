import type { BoltClass } from "../../component/component-schema.ts";
import { isFields } from "../../component/outputs.ts";
import { richBolt } from "../../component/rich-bolt.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields, Row, Values } from "../../tuple/field-types.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { OptionReader } from "../shared/option-reader.ts";
import { RowRoom } from "../shared/row-room.ts";
import { RedisLink, type RedisReply } from "./redis-link.ts";
import { type FoundByKind, type ReadMapper, type RedisRead, type RowLookup, readRead } from "./redis-read.ts";
import type { AnyRow } from "./redis-values.ts";
import {
  BATCH_OPTIONS,
  endingHooks,
  keyOfBatch,
  RowBatches,
  type RowBatchOptions,
  type RowBatchPlan,
  readRowBatches,
} from "./row-batches.ts";
import { type RedisServerOptions, type RedisServerPlan, readServer, SERVER_OPTIONS } from "./server-options.ts";

/** Options of `redisLookupBolt`. */
export interface RedisLookupOptions<F extends Fields, O extends Fields, R extends RedisRead<F>>
  extends RedisServerOptions,
    RowBatchOptions {
  /** Of the rows that come in. */
  readonly input: F;
  /** Of the rows that go out. */
  readonly output: O;
  readonly read: R;
  /** The rows that a row becomes with what was found for it: none, one or several. */
  readonly rows: (row: Row<F>, found: FoundByKind[R["kind"]]) => readonly Readonly<Values<O>>[];
}

type MakeRows = (row: AnyRow, found: unknown) => readonly (readonly unknown[])[];

interface LookupPlan {
  readonly server: RedisServerPlan;
  readonly batches: RowBatchPlan;
  readonly read: ReadMapper;
  readonly rows: MakeRows;
}

/** What of its collector the bolt uses. */
interface LookupCollector {
  emit(anchor: AnyTuple, values: readonly unknown[]): void;
  ack(tuple: AnyTuple): void;
  fail(tuple: AnyTuple, error: unknown): void;
}

/**
 * Makes a bolt that looks something up in Redis for each row, for many in one go, and emits what becomes of both.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 * @example
 * redisLookupBolt({
 *   input: Order,
 *   output: Priced,
 *   read: { kind: "hashField", key: () => "prices", field: "sku" },
 *   rows: (order, cents) => (cents === null ? [] : [[order.id, order.sku, Number(cents)]]),
 * })
 */
export function redisLookupBolt<F extends Fields, O extends Fields, const R extends RedisRead<F>>(
  options: RedisLookupOptions<F, O, R>,
): BoltClass<F, O, []> {
  const name = "redisLookupBolt";
  const allowed = ["input", "output", "read", "rows", ...SERVER_OPTIONS, ...BATCH_OPTIONS];
  const read = new OptionReader(name, options, allowed);
  const [input, output] = ["input", "output"].map((side) => {
    const given = read.given(side);
    if (!isFields(given)) throw read.bad(side, "what fields(...) made");
    return given;
  }) as [F, O];
  const rows = read.callback<MakeRows>("rows");
  if (rows === null) throw read.bad("rows", "a function of the row and what was found");
  const server = readServer(name, read);
  const plan: LookupPlan = { server, batches: readRowBatches(read), read: readRead(read, input), rows };
  return richBolt<F, O>({
    input,
    output,
    create: async (context, collector) => {
      const link = await RedisLink.open(plan.server, context);
      const lookup = new Lookup(plan, link, context, collector as unknown as LookupCollector);
      return {
        execute: (tuple) => lookup.take(tuple as AnyTuple),
        ...endingHooks(lookup.batches, link),
      };
    },
  });
}

interface LookedUpRow extends RowLookup {
  readonly tuple: AnyTuple;
}

/** One task of a lookup bolt. */
class Lookup {
  readonly batches: RowBatches<LookedUpRow>;
  readonly #plan: LookupPlan;
  readonly #link: RedisLink;
  readonly #collector: LookupCollector;
  readonly #read: { mark(by?: number): void };
  readonly #failed: { increment(by?: number): void };
  readonly #room: RowRoom;

  constructor(plan: LookupPlan, link: RedisLink, context: TaskContext, collector: LookupCollector) {
    const metrics = new ConnectorMetrics(context);
    this.#plan = plan;
    this.#link = link;
    this.#collector = collector;
    this.#read = metrics.read;
    this.#failed = metrics.failed;
    this.#room = new RowRoom(context);
    this.batches = new RowBatches(plan.batches, (rows) => this.#lookUp(rows));
    metrics.inFlight(() => this.batches.rowsInFlight);
  }

  take(tuple: AnyTuple): void | Promise<void> {
    let lookup: RowLookup;
    try {
      lookup = this.#plan.read.commandFor(tuple as unknown as AnyRow);
    } catch (error) {
      this.#fail(tuple, error);
      return undefined;
    }
    return this.batches.add({ tuple, key: lookup.key, command: lookup.command });
  }

  async #lookUp(rows: readonly LookedUpRow[]): Promise<void> {
    const first = rows[0]!;
    let replies: readonly RedisReply[];
    try {
      const key = keyOfBatch(first.key, rows.length);
      const commands = rows.map(({ command }) => command);
      replies = await this.#link.run({ name: first.command[0], key }, commands);
    } catch (error) {
      for (const { tuple } of rows) this.#fail(tuple, error);
      return;
    }
    this.#read.mark(rows.length);
    for (const [k, row] of rows.entries()) this.#answer(row, replies[k]!);
  }

  #answer({ tuple, key, command }: LookedUpRow, [error, value]: RedisReply): void {
    if (error !== null) {
      this.#fail(tuple, this.#link.failure({ name: command[0], key }, error));
      return;
    }
    const { read, rows } = this.#plan;
    try {
      const made = rows(tuple as unknown as AnyRow, read.found(value));
      for (const values of made) {
        const problem = this.#room.problemOf(values);
        if (problem !== null) throw this.#link.failure({ name: command[0], key }, new Error(problem));
      }
      for (const values of made) this.#collector.emit(tuple, values);
    } catch (thrown) {
      this.#fail(tuple, thrown);
      return;
    }
    this.#collector.ack(tuple);
  }

  #fail(tuple: AnyTuple, error: unknown): void {
    this.#failed.increment();
    this.#collector.fail(tuple, error);
  }
}
