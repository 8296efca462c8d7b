import type { BoltClass } from "../../component/component-schema.ts";
import { richBolt } from "../../component/rich-bolt.ts";
import type { Fields } from "../../tuple/field-types.ts";
import type { Tuple } from "../../tuple/tuple.ts";
import { fileBoltPlanOf, tickMsOf } from "./file-bolt-plan.ts";
import { FileWriter } from "./file-writer.ts";
import { localFiles } from "./local-files.ts";

/** When a part is completed, and the next one begun: at the first of these. */
export interface RotateOptions {
  /** Default: 128 MiB. */
  readonly bytes?: number;
  /** Default: no bound. */
  readonly rows?: number;
  /** Since its first row. Default: no bound. */
  readonly ms?: number;
}

/** When what was written is synced to the disk: at the first of these. */
export interface SyncOptions {
  readonly rows?: number;
  /** Since the first row that waits. Default: 100. */
  readonly ms?: number;
}

/** Where a `fileBolt` writes, and how. */
export interface FileBoltOptions<I extends Fields> {
  readonly input: I;
  /** Made if there is none. */
  readonly folder: string;
  /** An object of JSON per line (default), CSV, or what the function makes of a row: a line without its end. */
  readonly format?: "json" | "csv" | ((row: Tuple<I>) => string);
  /** With format "csv". A header is written unless it says false. */
  readonly csv?: { readonly header?: boolean; readonly separator?: string; readonly quote?: string };
  /** Default: ".jsonl", ".csv" or ".txt". */
  readonly extension?: string;
  readonly rotate?: RotateOptions;
  /** "batch", the default: one sync follows the other, each for all that came during the last one. */
  readonly sync?: "batch" | SyncOptions;
  /** Rows that may wait for their sync: at this many the bolt takes no more. Default: 10,000. */
  readonly inFlightMax?: number;
}

/**
 * Writes rows to files: `fileBolt({ input: Order, folder: "out", rotate: { rows: 100_000 } })`. A tuple is acked when
 * its record is on the disk, and failed when it could not be written. Each task writes parts of its own, one after
 * the other, called `topology~component-task.A.jsonl`, `.B.jsonl` and so on; a part that is not complete has `.tmp`
 * behind its name. docs/CONNECTORS.md says what is promised; `readParts` reads them while they are written.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 */
export function fileBolt<I extends Fields>(options: FileBoltOptions<I>): BoltClass<I, undefined, []> {
  const plan = fileBoltPlanOf(options);
  const tickMs = tickMsOf(plan);
  return richBolt<I>({
    input: options.input,
    ...(tickMs === null ? {} : { tickMs }),
    create(context, collector) {
      const writer = new FileWriter(plan, context, collector, localFiles);
      return {
        prepare: () => writer.start(),
        execute: (row) => writer.take(row),
        onTick: () => writer.tick(),
        onFlush: () => writer.settle(),
        onEnd: () => writer.settle(),
        cleanup: () => writer.close(),
      };
    },
  });
}
