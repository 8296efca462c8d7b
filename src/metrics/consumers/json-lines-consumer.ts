import { type Disk, realDisk } from "../../base/disk.ts";
import { EngineError } from "../../base/engine-error.ts";
import type { MetricsConsumer, MetricsReport } from "../metrics-consumer.ts";
import type { SnapshotOptions } from "../metrics-snapshot.ts";
import { RotatingFile } from "./rotating-file.ts";
import { timeStamp } from "./time-stamp.ts";

/** Where lines of numbers go, and when a new file begins. */
export interface JsonLinesOptions {
  readonly file: string;
  /** Default 64 MiB. */
  readonly maxBytes?: number;
  /** Full files that are kept; default 5. */
  readonly files?: number;
  /** What of the metrics is written; default: the last 10 s and all time, without single tasks. */
  readonly snapshot?: SnapshotOptions;
  /** For tests: default the real one. */
  readonly disk?: Disk;
}

const MAX_BYTES = 64 * 1024 * 1024;
const FILES = 5;
const SNAPSHOT: SnapshotOptions = { windows: ["10s", "all"], tasks: false };

/**
 * Appends one JSON object per interval to a file, which is put aside when it is full: `time_stamp` (the end of the
 * interval, UTC), `intervalMs`, and the snapshot.
 *
 * @throws EngineError CONSUMER_BAD_SETTING
 */
export function jsonLinesConsumer(options: JsonLinesOptions): MetricsConsumer {
  const { file, maxBytes = MAX_BYTES, files = FILES, snapshot = SNAPSHOT, disk = realDisk } = options;
  if (!(maxBytes >= 1) || !(Number.isInteger(files) && files >= 1)) {
    throw new EngineError("CONSUMER_BAD_SETTING", {
      problem: `the file of metrics "${file}" is to be rotated in a way that cannot be`,
      facts: { maxBytes, files },
      remedy: "give maxBytes above 0, and a whole number of files from 1",
    });
  }
  const lines = new RotatingFile(disk, { file, maxBytes, files });
  return {
    name: `JSON lines in ${file}`,
    report(report: MetricsReport) {
      const { endMs, intervalMs } = report;
      const stamp = timeStamp(endMs, "utc", intervalMs % 1_000 !== 0);
      lines.writeLine(JSON.stringify({ time_stamp: stamp, intervalMs, ...report.snapshot(snapshot) }));
    },
  };
}
