import type { Fields } from "../../tuple/field-types.ts";
import type { CsvSigns } from "./csv-records.ts";
import type { ListedFile } from "./list-files.ts";

/** The options of a `fileSpout`, checked and complete. */
export interface FileSpoutPlan {
  readonly paths: readonly string[];
  /** What all tasks were given; null when each looks for itself. */
  readonly files: readonly ListedFile[] | null;
  readonly format: "lines" | "json" | "csv";
  readonly fields: Fields;
  readonly gzip: "auto" | boolean;
  readonly csv: CsvSigns & { readonly header: boolean; readonly multiline: boolean };
  readonly rangeBytes: number;
  readonly lineBytesMax: number;
  readonly badMessages: string | null;
  /** Each row is acked or fails: it needs a position of its own. */
  readonly isTracked: boolean;
}
