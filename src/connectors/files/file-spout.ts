import type { SpoutClass } from "../../component/component-schema.ts";
import { isFields, type Outputs } from "../../component/outputs.ts";
import type { DeadLetter, ReplayOptions } from "../../component/replay-options.ts";
import { replaying } from "../../component/replaying.ts";
import { spout } from "../../component/spout.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { type BadMessage, outputWithBadMessages, readBadMessages } from "../shared/bad-messages.ts";
import { OptionReader } from "../shared/option-reader.ts";
import { csvSignsOf } from "./csv-records.ts";
import { FileReader } from "./file-reader.ts";
import type { FileSpoutPlan } from "./file-spout-plan.ts";
import type { ListedFile } from "./list-files.ts";
import { FileLine } from "./row-formats.ts";

/** A text that is longer cannot be one. */
const LINE_BYTES_MAX = 256 * 1024 * 1024;

/** How CSV is written. */
export interface CsvOptions {
  /** The first record of each file names its columns; fields are found by their names. Default: true. */
  readonly header?: boolean;
  /** One sign. Default: a comma. */
  readonly separator?: string;
  /** One sign. Default: a double quote. */
  readonly quote?: string;
  /**
   * Fields in quotes may hold line ends, so that each file is read by one task. Default: true. False: a record ends
   * with its line, and large files are read by several tasks.
   */
  readonly multiline?: boolean;
}

/** How files are read, whatever stands in them. */
export interface FileReading<F extends Fields, B extends string | undefined, D extends string | undefined> {
  /** Default: "auto", a file whose name ends with ".gz", or which begins as gzip files do. */
  readonly gzip?: "auto" | boolean;
  /** Larger files are read by several tasks, in ranges of so many bytes. Default: 4 MiB. */
  readonly rangeBytes?: number;
  /** A longer line is a bad message. Default: 32 KiB. So is a row that no ring takes, see `ringBytesMin`. */
  readonly lineBytesMax?: number;
  /** The name of a stream for what cannot be read, with the fields `BadMessage`. Without it that is logged. */
  readonly badMessages?: B;
  /**
   * "at-least-once", the default: rows are tracked, and emitted again when they fail. "none": they are emitted once,
   * without ids.
   */
  readonly delivery?: "at-least-once" | "none";
  /** How rows that failed are emitted again: the options of `replaying`. */
  readonly replay?: ReplayOptions<F, D>;
}

/** Where a `fileSpout` finds what it reads. */
export type FileSources =
  /** Files, folders and patterns. Each task looks for itself, when it is opened. */
  | { readonly paths: string | readonly string[]; readonly files?: never }
  /** What `listFiles` found, passed to all tasks by the topology's options: work is divided by size then. */
  | { readonly files: readonly ListedFile[]; readonly paths?: never };

/** What stands in the files: lines, with the fields `FileLine`. */
export interface LinesFormat {
  readonly format?: "lines";
}

/** What stands in the files: records, with fields of the user's own. */
export type RecordFormat<F extends Fields> =
  /** An object of JSON in each line: its properties are the fields. */
  | { readonly format: "json"; readonly fields: F }
  | { readonly format: "csv"; readonly fields: F; readonly csv?: CsvOptions };

/** What a `fileSpout` reads, and how. */
export type FileSpoutOptions<
  F extends Fields = Fields,
  B extends string | undefined = undefined,
  D extends string | undefined = undefined,
> = FileSources & (LinesFormat | RecordFormat<F>) & FileReading<F, B, D>;

type NameIn<S> = S extends string ? S : never;

/** The streams of a `fileSpout`: rows, and by their names what cannot be read and what was given up. */
export type FileSpoutOutputs<F extends Fields, B, D> = [NameIn<B> | NameIn<D>] extends [never]
  ? F
  : {
      readonly [S in "default" | NameIn<B> | NameIn<D>]: S extends "default"
        ? F
        : S extends NameIn<D>
          ? typeof DeadLetter
          : typeof BadMessage;
    };

const OPTIONS = [
  "paths",
  "files",
  "format",
  "fields",
  "csv",
  "gzip",
  "rangeBytes",
  "lineBytesMax",
  "badMessages",
  "delivery",
  "replay",
];

/**
 * Reads files: lines, lines of JSON or CSV, packed or not, with any number of tasks, of which each reads a part.
 * `fileSpout({ paths: "logs/*.gz" })`, `fileSpout({ paths: "orders", format: "json", fields: fields("id:int64") })`.
 * docs/CONNECTORS.md says what it promises. Files are read as far as they reach when they are found; a file that is
 * changed, cut or replaced before it was read fails the run.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION, REPLAY_BAD_OPTION
 */
export function fileSpout<
  const B extends string | undefined = undefined,
  const D extends string | undefined = undefined,
>(
  options: FileSources & LinesFormat & FileReading<typeof FileLine, B, D>,
): SpoutClass<FileSpoutOutputs<typeof FileLine, B, D>, []>;
export function fileSpout<
  F extends Fields,
  const B extends string | undefined = undefined,
  const D extends string | undefined = undefined,
>(options: FileSources & RecordFormat<F> & FileReading<F, B, D>): SpoutClass<FileSpoutOutputs<F, B, D>, []>;
export function fileSpout(options: FileSpoutOptions<Fields, string, string>): SpoutClass<Outputs, []> {
  const reader = new OptionReader("fileSpout", options, OPTIONS);
  const delivery = reader.word("delivery", ["at-least-once", "none"], "at-least-once");
  if (delivery === "none" && reader.has("replay")) throw reader.bad("replay", 'nothing with delivery: "none"');
  const plan = planOf(reader, delivery === "at-least-once");
  const source = spout<Outputs>({
    output: outputWithBadMessages(plan.fields, plan.badMessages),
    // A file that is gone or was changed is not there again after a pause.
    onError: "fail-run",
    create(context, collector, start) {
      const files = new FileReader(plan, context, collector);
      return {
        open: () => files.open(start),
        nextTuple: () => files.nextTuple(),
        close: () => files.close(),
      };
    },
  });
  if (delivery === "none") return source;
  // Both of its forms take it: which one the options do not tell the compiler.
  return replaying(
    source as SpoutClass<Fields, []>,
    reader.objectOf("replay", "the options of replaying") as ReplayOptions<Fields> | undefined,
  );
}

function planOf(reader: OptionReader, isTracked: boolean): FileSpoutPlan {
  const format = reader.word("format", ["lines", "json", "csv"], "lines");
  if (format === "lines" && reader.has("fields"))
    throw reader.bad("fields", 'nothing: lines have the fields FileLine; say format: "json" or "csv"');
  if (format !== "lines" && !isFields(reader.given("fields"))) throw reader.bad("fields", "what fields(...) makes");
  if (format !== "csv" && reader.has("csv")) throw reader.bad("csv", 'nothing, unless with format: "csv"');
  return {
    ...sourcesOf(reader),
    format,
    fields: format === "lines" ? FileLine : (reader.given("fields") as Fields),
    gzip: gzipOf(reader),
    csv: csvOf(reader.group("csv", ["header", "separator", "quote", "multiline"])),
    rangeBytes: reader.whole("rangeBytes", { min: 4096, byDefault: 4 * 1024 * 1024 }),
    lineBytesMax: reader.whole("lineBytesMax", { min: 1, max: LINE_BYTES_MAX, byDefault: 32 * 1024 }),
    badMessages: readBadMessages(reader),
    isTracked,
  };
}

function sourcesOf(reader: OptionReader): Pick<FileSpoutPlan, "paths" | "files"> {
  const paths = reader.given("paths");
  const files = reader.given("files");
  if (files !== undefined) {
    if (paths !== undefined) throw reader.bad("paths", "nothing, if files are given");
    if (!Array.isArray(files) || !files.every(isListed)) throw reader.bad("files", "what listFiles returned");
    return { paths: [], files };
  }
  const named: unknown[] = Array.isArray(paths) ? paths : [paths];
  const isText = (path: unknown) => typeof path === "string" && path !== "";
  if (named.length === 0 || !named.every(isText)) throw reader.bad("paths", "a path, or a list of paths");
  return { paths: named as string[], files: null };
}

function gzipOf(reader: OptionReader): "auto" | boolean {
  const gzip = reader.has("gzip") ? reader.given("gzip") : "auto";
  if (gzip !== "auto" && typeof gzip !== "boolean") throw reader.bad("gzip", '"auto", true or false');
  return gzip;
}

function csvOf(reader: OptionReader): FileSpoutPlan["csv"] {
  return { ...csvSignsOf(reader), header: reader.flag("header", true), multiline: reader.flag("multiline", true) };
}

function isListed(file: unknown): file is ListedFile {
  const { path, bytes, inode, device, modifiedMs } = (file ?? {}) as Partial<ListedFile>;
  const isFact = (fact: unknown) => typeof fact === "number" && fact >= 0 && fact < Number.POSITIVE_INFINITY;
  return typeof path === "string" && path !== "" && [bytes, inode, device, modifiedMs].every(isFact);
}
