import type { LogLevel } from "../../base/log.ts";

/** What main asks a worker while it runs, and what it gets: one answer for each question. */
export interface WorkerAnswers {
  readonly stats: WorkerStats;
  readonly startProfile: null;
  /** The profile as JSON, as developer tools read it; null when none was going on. */
  readonly stopProfile: string | null;
  /** Written to the file, which is of the same machine. */
  readonly heapSnapshot: null;
  readonly logLevel: null;
}

export type WorkerQuestion =
  | { readonly kind: "stats" }
  | { readonly kind: "startProfile" }
  | { readonly kind: "stopProfile" }
  | { readonly kind: "heapSnapshot"; readonly file: string }
  /** See LogLevels. */
  | { readonly kind: "logLevel"; readonly component: string | null; readonly level: LogLevel | null };

/** What a thread uses. Times are totals since its start: whoever asks twice knows the share. */
export interface WorkerStats {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly gcMs: number;
  /** Processor time of the thread; null where the system does not tell. */
  readonly cpuMs: number | null;
  /** When it was asked, on the machine's clock. */
  readonly atMs: number;
}
