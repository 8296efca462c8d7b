import { setImmediate as nextTurn } from "node:timers/promises";
import type { EngineError } from "../../base/engine-error.ts";
import type { SpoutCollector } from "../../component/output-collector.ts";
import type { Outputs } from "../../component/outputs.ts";
import type { NextTuple, SpoutStart } from "../../component/spout.ts";
import type { TaskContext } from "../../component/task-context.ts";
import { BAD_MESSAGE_BYTES_MAX, BadMessageWay, refusalOf } from "../shared/bad-messages.ts";
import { connectorFailed } from "../shared/connector-failed.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { RowRoom } from "../shared/row-room.ts";
import { type FileRange, shareName, shareOf } from "./divide-files.ts";
import { beginsAsGzip } from "./file-bytes.ts";
import type { FileSpoutPlan } from "./file-spout-plan.ts";
import { BUFFER_BYTES } from "./line-scanner.ts";
import { listFiles } from "./list-files.ts";
import { localFiles } from "./local-files.ts";
import { type OpenRange, openRange, wrongHeader } from "./open-range.ts";
import { MissingColumns, type RowReader } from "./row-formats.ts";

/** Where a task is after a row: plain data that the engine keeps for the day on which the task is made again. */
interface FilePosition {
  /** What the task reads: a position means nothing in other files. */
  readonly share: string;
  /** Its place in the share. */
  readonly range: number;
  /** Where the next line begins; in a gzip file, in what it holds. */
  readonly at: number;
}

/**
 * A turn of a spout has 128 calls: the bolts behind it on its worker then get their turn before so much waits for
 * them that local-or-shuffle spreads it over all workers (`localMarkRows`).
 */
const ROWS_PER_CALL = 6;
/**
 * So much may be read without a row, such as empty lines, until others have a turn. A call that ended without a row
 * would be taken for a source that has nothing, and be followed by a pause.
 */
const SILENT_LINES_MAX = 1024;
/** A read counts as so many lines: they may all be too long. */
const LINES_PER_READ = 16;

/** One task of a `fileSpout`: reads its share of the files, row by row. */
export class FileReader {
  readonly #plan: FileSpoutPlan;
  readonly #context: TaskContext;
  readonly #emit: (values: readonly unknown[], id: undefined, position: FilePosition | undefined) => void;
  readonly #bad: BadMessageWay;
  readonly #room: RowRoom;
  readonly #metrics: ConnectorMetrics;
  readonly #read: { mark(by?: number): void };
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #share: readonly FileRange[] = [];
  #shareName = "";
  /** Of the range that is opened next. */
  #next = 0;
  /** Where that one goes on; null at its beginning. */
  #resumeAt: number | null = null;
  #open: OpenRange | null = null;
  /** Where the record begins that is not complete yet, its first line, and how many lines it has so far. */
  #recordOffset = 0;
  #recordLine = "";
  #recordLines = 0;
  /** Read in this call without a row. */
  #silentLines = 0;
  #isClosed = false;

  constructor(plan: FileSpoutPlan, context: TaskContext, collector: SpoutCollector<Outputs>) {
    this.#plan = plan;
    this.#context = context;
    this.#emit = (values, id, position) => collector.emit(values as never, id, position);
    this.#bad = new BadMessageWay(plan.badMessages, collector, context);
    this.#room = new RowRoom(context);
    this.#metrics = new ConnectorMetrics(context);
    this.#read = this.#metrics.read;
  }

  open({ position }: Pick<SpoutStart, "position">): void {
    const { taskIndex, taskCount, component } = this.#context;
    const { paths, files, rangeBytes, format, csv } = this.#plan;
    const isSplit = format !== "csv" || !csv.multiline;
    this.#share = shareOf({
      // Once per worker: tasks that are made again there find what they found before.
      files: files ?? this.#context.shared(`stormcell.fileSpout ${component}`, () => listFiles(paths)),
      isAgreed: files !== null,
      rangeBytes,
      wayOf: ({ path }) => (this.#isPacked(path) ? "packed" : isSplit ? "split" : "whole"),
      taskIndex,
      taskCount,
    });
    this.#shareName = shareName(this.#share);
    if (position !== undefined) this.#resume(position as FilePosition);
    this.#metrics.connected(() => !this.#isClosed);
    this.#metrics.lag(() => this.#bytesLeft());
  }

  nextTuple(): NextTuple | Promise<NextTuple> {
    let rows = 0;
    this.#silentLines = 0;
    for (;;) {
      const open = this.#open ?? this.#openNext();
      if (open === null) break;
      const room = ROWS_PER_CALL - rows;
      rows += open.rows === null ? this.#emitLines(open, room) : this.#emitRows(open, open.rows, room);
      if (rows >= ROWS_PER_CALL) break;
      if (this.#silentLines >= SILENT_LINES_MAX) return rows > 0 ? this.#emitted(rows) : this.#goOnWith(nextTurn());
      if (open.scanner.isOver) {
        this.#finish(open);
        continue;
      }
      const came = open.bytes.read(open.scanner.room());
      if (typeof came !== "number") {
        this.#emitted(rows);
        return this.#goOnWith(came.then((bytes) => take(open, bytes)));
      }
      take(open, came);
      this.#silentLines += LINES_PER_READ;
    }
    return rows === 0 ? "exhausted" : this.#emitted(rows);
  }

  close(): void {
    this.#isClosed = true;
    this.#open?.bytes.close();
    this.#open = null;
  }

  #emitted(rows: number): undefined {
    this.#read.mark(rows);
  }

  /** The promise of a call ends when there are rows, however much has to be read for them. */
  async #goOnWith(pause: Promise<unknown>): Promise<NextTuple> {
    await pause;
    return this.#isClosed ? "idle" : this.nextTuple();
  }

  /** Returns how many rows there were; fewer than there is room for when bytes are missing. */
  #emitLines({ range, scanner, doneTo }: OpenRange, room: number): number {
    const { path } = range.file;
    const share = this.#shareName;
    const index = this.#next - 1;
    const { isTracked } = this.#plan;
    let rows = 0;
    let line = scanner.next();
    while (line !== null) {
      const at = scanner.nextOffset;
      if (at <= doneTo) {
        line = scanner.next();
        continue;
      }
      const values = [path, scanner.lineOffset, line];
      const problem = this.#room.problemOf(values);
      if (problem !== null) {
        this.#recordOffset = scanner.lineOffset;
        this.#refuse(range.file.path, problem, line);
        line = scanner.next();
        continue;
      }
      line = ++rows < room ? scanner.next() : null;
      // What is not tracked is done when it is emitted: the last position says it for all.
      this.#emit(values, undefined, isTracked || line === null ? { share, range: index, at } : undefined);
    }
    return rows;
  }

  #emitRows(open: OpenRange, reader: RowReader, room: number): number {
    const { scanner, doneTo } = open;
    let rows = 0;
    while (rows < room && this.#silentLines < SILENT_LINES_MAX) {
      const line = scanner.next();
      if (line === null) {
        const problem = scanner.isOver ? reader.end() : null;
        if (problem !== null) this.#refuseRecord(open, problem);
        break;
      }
      if (!reader.isOpen) {
        this.#recordOffset = scanner.lineOffset;
        this.#recordLine = line;
        this.#recordLines = 0;
      }
      this.#recordLines++;
      const taken = takeLine(open, reader, line);
      const at = scanner.nextOffset;
      if (at <= doneTo) continue;
      if (Array.isArray(taken)) {
        this.#emitRow(open, taken, { share: this.#shareName, range: this.#next - 1, at });
        rows++;
      } else {
        this.#silentLines++;
        if (typeof taken === "string") this.#refuseRecord(open, taken);
      }
    }
    return rows;
  }

  /** A value that a format can carry and the engine cannot makes a bad message, not a failed task. */
  #emitRow(open: OpenRange, values: readonly unknown[], position: FilePosition): void {
    const problem = this.#room.problemOf(values);
    if (problem !== null) {
      this.#refuseRecord(open, problem);
      return;
    }
    try {
      this.#emit(values, undefined, position);
    } catch (error) {
      this.#refuseRecord(open, refusalOf(error));
    }
  }

  /** A quote that is never closed takes lines with it that are no part of its record: it is told how many. */
  #refuseRecord({ range }: OpenRange, problem: string): void {
    const lines = this.#recordLines;
    const reason = lines > 1 ? `${problem}: ${lines} lines from here on are left out` : problem;
    this.#refuse(range.file.path, reason, this.#recordLine);
  }

  #refuse(origin: string, reason: string, line: string): void {
    const bytes = Buffer.from(line.slice(0, BAD_MESSAGE_BYTES_MAX));
    this.#bad.take({ origin, position: String(this.#recordOffset), reason, bytes });
  }

  #resume({ share, range, at }: FilePosition): void {
    if (share !== this.#shareName) throw changedShare(this.#plan.paths);
    this.#next = range;
    this.#resumeAt = at;
  }

  /** Null when the share is done. */
  #openNext(): OpenRange | null {
    const range = this.#share[this.#next];
    if (range === undefined) return null;
    const resumeAt = this.#resumeAt;
    this.#next++;
    this.#resumeAt = null;
    const onBad = this.#bad.take.bind(this.#bad);
    this.#open = openRange(range, { plan: this.#plan, resumeAt, buffer: this.#buffer, onBad });
    return this.#open;
  }

  #finish({ bytes }: OpenRange): void {
    this.#open = null;
    try {
      bytes.checkUnchanged();
    } finally {
      bytes.close();
    }
  }

  #isPacked(path: string): boolean {
    const { gzip } = this.#plan;
    return gzip === "auto" ? path.endsWith(".gz") || beginsAsGzip(path, localFiles) : gzip;
  }

  /** Of the files as they lie on the disk. */
  #bytesLeft(): number {
    let bytes = 0;
    for (let index = this.#next; index < this.#share.length; index++) {
      const { file, from, to } = this.#share[index]!;
      bytes += Math.min(to, file.bytes) - from;
    }
    const { range, scanner } = this.#open ?? { range: null, scanner: null };
    return range === null ? bytes : bytes + Math.max(0, Math.min(range.to, range.file.bytes) - scanner.nextOffset);
  }
}

function take({ scanner }: OpenRange, bytes: number): void {
  if (bytes === 0) scanner.end();
  else scanner.filled(bytes);
}

function takeLine({ range }: OpenRange, rows: RowReader, line: string): readonly unknown[] | string | null {
  try {
    return rows.take(line);
  } catch (error) {
    throw error instanceof MissingColumns ? wrongHeader(range.file.path, error) : error;
  }
}

/** Rows that are done are told by their number: it says nothing about other files. */
function changedShare(paths: readonly string[]): EngineError {
  return connectorFailed({
    connector: "fileSpout",
    operation: "go on",
    path: paths.join(", "),
    problem: "the files are others, or have other sizes, than when this task began: it cannot tell what was read",
    remedy:
      "find them once, outside of the topology, and pass them in its options: fileSpout({ files: listFiles(paths) })",
  });
}
