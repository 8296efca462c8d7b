import type { EngineError } from "../../base/engine-error.ts";
import type { Unreadable } from "../shared/bad-messages.ts";
import { connectorFailed } from "../shared/connector-failed.ts";
import { CsvRecords } from "./csv-records.ts";
import type { FileRange } from "./divide-files.ts";
import { type FileBytes, GzipBytes, PlainBytes } from "./file-bytes.ts";
import type { FileSpoutPlan } from "./file-spout-plan.ts";
import { LineScanner } from "./line-scanner.ts";
import type { ListedFile } from "./list-files.ts";
import { localFiles } from "./local-files.ts";
import {
  type CsvColumns,
  CsvRows,
  columnsByHeader,
  columnsInOrder,
  JsonRows,
  MissingColumns,
  type RowReader,
} from "./row-formats.ts";

/** A range of a file that is being read. */
export interface OpenRange {
  readonly range: FileRange;
  readonly bytes: FileBytes;
  readonly scanner: LineScanner;
  /** Null for plain lines. */
  readonly rows: RowReader | null;
  /** What ends up to there was emitted before the task was made again. */
  readonly doneTo: number;
}

export interface OpenSettings {
  readonly plan: FileSpoutPlan;
  /** Where an instance before this one has come to; null at the beginning. */
  readonly resumeAt: number | null;
  readonly buffer: Buffer;
  readonly onBad: (bad: Unreadable) => void;
}

/** @throws EngineError CONNECTOR_FAILED */
export function openRange(range: FileRange, { plan, resumeAt, buffer, onBad }: OpenSettings): OpenRange {
  const isPacked = range.to === Number.POSITIVE_INFINITY;
  const doneTo = isPacked ? (resumeAt ?? 0) : 0;
  const isMidLine = resumeAt === null && range.from > 0;
  // One byte early: when that byte ends a line, the line that begins at `from` is ours.
  const offset = isPacked ? 0 : (resumeAt ?? (isMidLine ? range.from - 1 : 0));
  const rows = rowsFor(range.file, plan, offset > 0);
  const { lineBytesMax } = plan;
  const scanner = new LineScanner({
    offset,
    to: range.to,
    isMidLine,
    lineBytesMax,
    keepsReturns: plan.format === "csv",
    buffer,
    onLongLine(at, beginning) {
      rows?.clear();
      const reason = `a line of more than ${lineBytesMax} bytes`;
      if (at >= doneTo) onBad({ origin: range.file.path, position: String(at), reason, bytes: beginning });
    },
  });
  const bytes = isPacked ? new GzipBytes(range.file, localFiles) : new PlainBytes(range, offset, localFiles);
  return { range, bytes, scanner, rows, doneTo };
}

function rowsFor(file: ListedFile, plan: FileSpoutPlan, isPastHeader: boolean): RowReader | null {
  const { format, fields, csv, lineBytesMax } = plan;
  if (format === "lines") return null;
  if (format === "json") return new JsonRows(fields);
  const shape = { ...csv, charsMax: lineBytesMax, isMultiline: csv.multiline };
  if (!csv.header) return new CsvRows(fields, shape, columnsInOrder(fields));
  return new CsvRows(fields, shape, isPastHeader ? columnsOf(file, plan) : null);
}

/** The columns of a file that is not read from its beginning. */
function columnsOf(file: ListedFile, { fields, csv, lineBytesMax }: FileSpoutPlan): CsvColumns {
  const bytes = new PlainBytes({ file, from: 0, to: file.bytes }, 0, localFiles);
  try {
    const scanner = new LineScanner({
      offset: 0,
      to: file.bytes,
      isMidLine: false,
      lineBytesMax,
      keepsReturns: true,
      onLongLine: () => {},
    });
    const records = new CsvRecords(csv, lineBytesMax);
    for (;;) {
      const line = scanner.next();
      const record = line === null || line === "" || line === "\r" ? null : records.take(line);
      if (record !== null && typeof record === "object") return columnsByHeader(fields, record.texts);
      if (line !== null) continue;
      if (scanner.isOver) return columnsInOrder(fields);
      const came = bytes.read(scanner.room());
      if (came === 0) scanner.end();
      else scanner.filled(came);
    }
  } catch (error) {
    throw error instanceof MissingColumns ? wrongHeader(file.path, error) : error;
  } finally {
    bytes.close();
  }
}

/** The error for a file of CSV that lacks columns. */
export function wrongHeader(path: string, { message }: MissingColumns): EngineError {
  return connectorFailed({
    connector: "fileSpout",
    operation: "read",
    path,
    problem: `this is not the CSV that its fields say: ${message}`,
    remedy:
      "name the fields as the header does, or say csv: { header: false } and give them in the order of the columns",
  });
}
