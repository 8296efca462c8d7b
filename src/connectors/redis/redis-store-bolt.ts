import type { BoltClass } from "../../component/component-schema.ts";
import { isFields } from "../../component/outputs.ts";
import { richBolt } from "../../component/rich-bolt.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields } from "../../tuple/field-types.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { OptionReader } from "../shared/option-reader.ts";
import { CommandBatch } from "./command-batch.ts";
import { type RedisCommand, RedisLink, type RedisOperation, type RedisReply } from "./redis-link.ts";
import type { AnyRow } from "./redis-values.ts";
import { type RedisWrite, readWrite, type WriteMapper } from "./redis-write.ts";
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

/** Options of `redisStoreBolt`. */
export interface RedisStoreOptions<F extends Fields> extends RedisServerOptions, RowBatchOptions {
  /** Of the rows that are stored. */
  readonly input: F;
  readonly write: RedisWrite<F>;
}

interface StorePlan {
  readonly server: RedisServerPlan;
  readonly batches: RowBatchPlan;
  readonly write: WriteMapper;
}

/** What of its collector the bolt uses. */
interface StoreCollector {
  ack(tuple: AnyTuple): void;
  fail(tuple: AnyTuple, error: unknown): void;
}

/**
 * Makes a bolt that stores each row in Redis, many in one go. A tuple is acked when the server has answered; what it
 * refuses, or what is not answered in time, is failed.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 * @example
 * redisStoreBolt({ input: Price, write: { kind: "hash", key: () => "prices", field: "sku", value: "cents" } })
 */
export function redisStoreBolt<F extends Fields>(options: RedisStoreOptions<F>): BoltClass<F, undefined, []> {
  const name = "redisStoreBolt";
  const read = new OptionReader(name, options, ["input", "write", ...SERVER_OPTIONS, ...BATCH_OPTIONS]);
  const rows = read.given("input");
  if (!isFields(rows)) throw read.bad("input", "what fields(...) made");
  const plan: StorePlan = {
    server: readServer(name, read),
    batches: readRowBatches(read),
    write: readWrite(read, rows),
  };
  return richBolt<F, undefined>({
    input: rows as F,
    create: async (context, collector) => {
      const link = await RedisLink.open(plan.server, context);
      const store = new Store(plan, link, context, collector as unknown as StoreCollector);
      return {
        execute: (tuple) => store.batches.add(tuple as AnyTuple),
        ...endingHooks(store.batches, link),
      };
    },
  });
}

/** One task of a store bolt. */
class Store {
  readonly batches: RowBatches<AnyTuple>;
  readonly #write: WriteMapper;
  readonly #link: RedisLink;
  readonly #collector: StoreCollector;
  readonly #written: { mark(by?: number): void };
  readonly #failed: { increment(by?: number): void };

  constructor(plan: StorePlan, link: RedisLink, context: TaskContext, collector: StoreCollector) {
    const metrics = new ConnectorMetrics(context);
    this.#write = plan.write;
    this.#link = link;
    this.#collector = collector;
    this.#written = metrics.written;
    this.#failed = metrics.failed;
    this.batches = new RowBatches(plan.batches, (tuples) => this.#store(tuples));
    metrics.inFlight(() => this.batches.rowsInFlight);
  }

  async #store(tuples: readonly AnyTuple[]): Promise<void> {
    const batch = new CommandBatch();
    const rows: AnyTuple[] = [];
    for (const tuple of tuples) {
      batch.beginRow();
      try {
        this.#write(tuple as unknown as AnyRow, batch);
      } catch (error) {
        this.#fail(tuple, error);
        continue;
      }
      batch.endRow();
      rows.push(tuple);
    }
    const { commands } = batch;
    let replies: readonly RedisReply[];
    try {
      replies = await this.#link.run(operationOf(commands[0], rows.length), commands);
    } catch (error) {
      for (const tuple of rows) this.#fail(tuple, error);
      return;
    }
    let written = 0;
    for (const [row, tuple] of rows.entries()) {
      const refusal = batch.refusalOf(row, replies);
      if (refusal === null) {
        this.#collector.ack(tuple);
        written++;
      } else {
        this.#fail(tuple, this.#link.failure(operationOf(refusal.command, 1), refusal.error));
      }
    }
    if (written > 0) this.#written.mark(written);
  }

  #fail(tuple: AnyTuple, error: unknown): void {
    this.#failed.increment();
    this.#collector.fail(tuple, error);
  }
}

/** For errors: the first command of a batch, and how many rows there are. */
function operationOf([name, key]: RedisCommand = ["nothing"], rows: number): RedisOperation {
  return { name, key: keyOfBatch(String(key), rows) };
}
