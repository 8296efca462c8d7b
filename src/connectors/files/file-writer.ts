import { EngineError } from "../../base/engine-error.ts";
import type { Claim } from "../../component/claim.ts";
import type { OutputCollector } from "../../component/output-collector.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import type { FileBoltPlan } from "./file-bolt-plan.ts";
import { fileFailed } from "./file-failed.ts";
import type { FileAccess } from "./local-files.ts";
import { partPrefix } from "./part-names.ts";
import { PartWriter } from "./part-writer.ts";

/** One task of a `fileBolt`: gathers rows, and acks them when they are on the disk. */
export class FileWriter {
  readonly #plan: FileBoltPlan;
  readonly #context: TaskContext;
  readonly #collector: Pick<OutputCollector<undefined>, "ack" | "fail" | "reportError">;
  readonly #parts: PartWriter;
  readonly #metrics: ConnectorMetrics;
  #claim: Claim | null = null;
  /** Rows that wait, with their records, in order. */
  #rows: AnyTuple[] = [];
  #records: string[] = [];
  #firstMs = 0;
  /** Of the rows that are being written. */
  #underWay = 0;
  /** Settles when nothing is under way; null while nothing is. */
  #running: Promise<void> | null = null;
  #isScheduled = false;
  #isClosed = false;
  #isHealthy = true;
  /** Lets calls go on that were held back. */
  #heldBack: (() => void)[] = [];

  constructor(
    plan: FileBoltPlan,
    context: TaskContext,
    collector: Pick<OutputCollector<undefined>, "ack" | "fail" | "reportError">,
    access: FileAccess,
  ) {
    this.#plan = plan;
    this.#context = context;
    this.#collector = collector;
    this.#metrics = new ConnectorMetrics(context);
    this.#parts = new PartWriter({
      folder: plan.folder,
      prefix: partPrefix(context.topology, context.component),
      taskIndex: context.taskIndex,
      extension: plan.extension,
      header: plan.header,
      quote: plan.quote,
      access,
      checkOwner: () => this.#claim?.check(),
    });
  }

  /** @throws EngineError CONNECTOR_FAILED, and what a claim throws */
  async start(): Promise<void> {
    this.#claim = await this.#context.claim("files");
    try {
      for (const { file, bytes, cutBytes } of await this.#parts.start()) {
        this.#context.logger.info({ file, bytes, cutBytes }, "a part that was left behind is finished");
      }
    } catch (error) {
      throw this.#failed("recover", error);
    }
    this.#metrics.inFlight(() => this.#rows.length + this.#underWay);
    this.#metrics.connected(() => this.#isHealthy);
  }

  /** A promise while there is no room for more. */
  take(row: AnyTuple): void | Promise<void> {
    let record: string;
    try {
      record = this.#plan.write(row);
    } catch (error) {
      this.#metrics.failed.increment();
      this.#collector.fail(row, error);
      return undefined;
    }
    if (this.#rows.length === 0) this.#firstMs = this.#context.nowMs();
    this.#rows.push(row);
    this.#records.push(record);
    if (this.#rows.length >= this.#plan.sync.rows) this.#schedule();
    if (this.#rows.length + this.#underWay < this.#plan.inFlightMax) return undefined;
    this.#begin();
    return new Promise((resolve) => this.#heldBack.push(resolve));
  }

  /** By time: syncs what has waited long enough, and completes a part that is old enough. */
  tick(): void {
    const { sync, rotate } = this.#plan;
    const nowMs = this.#context.nowMs();
    const isDue = this.#rows.length > 0 && nowMs - this.#firstMs >= sync.ms;
    const { startMs } = this.#parts;
    if (isDue || (startMs !== null && nowMs - startMs >= rotate.ms)) this.#begin();
  }

  /** Resolves when every row that was taken is acked or failed. */
  async settle(): Promise<void> {
    while (!this.#isClosed && (this.#rows.length > 0 || this.#running !== null)) {
      this.#begin();
      await this.#running;
    }
  }

  /** What was not written is nobody's; the part is complete as far as it goes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rows = [];
    this.#records = [];
    try {
      await this.#running;
      await this.#parts.finish();
    } catch (error) {
      this.#context.logger.warn({ err: this.#failed("finish", error) }, "a part is left for the next run to finish");
      this.#parts.abandon();
    } finally {
      this.#claim?.release();
      this.#claim = null;
    }
  }

  /** After this turn: what else comes in it is written in the same go. */
  #schedule(): void {
    if (this.#isScheduled || this.#running !== null) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#running !== null || this.#isClosed) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      for (const goOn of this.#heldBack.splice(0)) goOn();
      if (this.#rows.length >= this.#plan.sync.rows) this.#schedule();
    });
  }

  /** Part by part, until what was there at the beginning is acked or failed. */
  async #run(): Promise<void> {
    for (let left = this.#rows.length; left > 0 && this.#rows.length > 0; ) {
      const count = this.#countForPart(left);
      left -= count;
      await this.#writeRows(this.#rows.splice(0, count), this.#records.splice(0, count).join(""));
      await this.#rotate();
    }
    await this.#rotate();
  }

  /** So many of the rows that wait go into the part that is being written. */
  #countForPart(left: number): number {
    const { rotate } = this.#plan;
    const rowsMax = Math.min(left, Math.max(1, rotate.rows - this.#parts.rows));
    let bytes = this.#parts.bytes;
    let count = 0;
    while (count < rowsMax && (count === 0 || bytes < rotate.bytes)) {
      bytes += Buffer.byteLength(this.#records[count++]!);
    }
    return count;
  }

  async #writeRows(rows: readonly AnyTuple[], records: string): Promise<void> {
    const startMs = this.#context.nowMs();
    this.#underWay = rows.length;
    try {
      await this.#parts.write(records, rows.length, startMs);
      await this.#parts.sync();
    } catch (error) {
      await this.#refuse(rows, this.#failed("write", error));
      return;
    }
    this.#isHealthy = true;
    this.#underWay = 0;
    for (const row of rows) this.#collector.ack(row);
    this.#metrics.written.mark(rows.length);
    this.#metrics.operationMs.record(Math.max(0, this.#context.nowMs() - startMs));
  }

  /** First the file, so that what is failed is not in it; then the tuples. */
  async #refuse(rows: readonly AnyTuple[], error: EngineError): Promise<void> {
    this.#isHealthy = false;
    try {
      await this.#parts.giveUp();
    } catch (cause) {
      this.#context.logger.warn({ err: this.#failed("cut", cause) }, "a part is left for the next run to finish");
      this.#parts.abandon();
    }
    this.#underWay = 0;
    for (const row of rows) this.#collector.fail(row, error);
    this.#metrics.failed.increment(rows.length);
  }

  /** Its rows are on the disk and acked: a part that cannot be completed is completed by the next run. */
  async #rotate(): Promise<void> {
    const { bytes, rows, startMs } = this.#parts;
    const { rotate } = this.#plan;
    if (startMs === null) return;
    if (bytes < rotate.bytes && rows < rotate.rows && this.#context.nowMs() - startMs < rotate.ms) return;
    try {
      await this.#parts.finish();
    } catch (cause) {
      this.#isHealthy = false;
      this.#collector.reportError(this.#failed("finish", cause));
      this.#parts.abandon();
    }
  }

  #failed(operation: string, error: unknown): EngineError {
    if (error instanceof EngineError) return error;
    return fileFailed("fileBolt", operation, this.#parts.path, error);
  }
}
