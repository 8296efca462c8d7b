import { isFields } from "../../component/outputs.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import { csvSignsOf } from "./csv-records.ts";
import { csvHeader, csvWriter, jsonWriter, lineWriter, type RecordWriter } from "./record-writers.ts";

/** The options of a `fileBolt`, checked and complete. */
export interface FileBoltPlan {
  readonly input: Fields;
  readonly folder: string;
  readonly extension: string;
  readonly write: RecordWriter;
  readonly header: string;
  /** The sign between a pair of which a line end does not end a record. */
  readonly quote: string | null;
  readonly rotate: { readonly bytes: number; readonly rows: number; readonly ms: number };
  /** A sync begins when so many rows wait for one, or the first of them has waited so long. */
  readonly sync: { readonly rows: number; readonly ms: number };
  readonly inFlightMax: number;
}

const OPTIONS = ["input", "folder", "format", "csv", "extension", "rotate", "sync", "inFlightMax"];
const EXTENSIONS = { json: ".jsonl", csv: ".csv", lines: ".txt" } as const;
const ENDLESS = Number.POSITIVE_INFINITY;

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function fileBoltPlanOf(options: unknown): FileBoltPlan {
  const reader = new OptionReader("fileBolt", options, OPTIONS);
  const input = reader.given("input") as Fields;
  if (!isFields(input)) throw reader.bad("input", "what fields(...) makes");
  const inFlightMax = reader.whole("inFlightMax", { min: 1, max: 1_000_000, byDefault: 10_000 });
  const rotate = reader.group("rotate", ["bytes", "rows", "ms"]);
  return {
    input,
    folder: reader.text("folder"),
    ...formatOf(reader, input),
    rotate: {
      bytes: rotate.whole("bytes", { min: 1, max: ENDLESS, byDefault: 128 * 1024 * 1024 }),
      rows: rotate.whole("rows", { min: 1, max: ENDLESS, byDefault: ENDLESS }),
      ms: rotate.whole("ms", { min: 1, max: ENDLESS, byDefault: ENDLESS }),
    },
    sync: syncOf(reader),
    inFlightMax,
  };
}

/** How often time is looked at; null when no option depends on it. */
export function tickMsOf({ rotate, sync }: FileBoltPlan): number | null {
  const ms = Math.min(rotate.ms, sync.ms > 0 ? sync.ms : ENDLESS);
  return ms === ENDLESS ? null : Math.min(TIMER_MS_MAX, Math.max(1, Math.ceil(ms / 2)));
}

function syncOf(reader: OptionReader): FileBoltPlan["sync"] {
  const sync = reader.has("sync") ? reader.given("sync") : "batch";
  // All that comes while one sync is under way waits for the next one.
  if (sync === "batch") return { rows: 1, ms: 0 };
  if (typeof sync !== "object") throw reader.bad("sync", '"batch", or an object with rows, ms or both');
  const every = reader.group("sync", ["rows", "ms"]);
  const rows = every.whole("rows", { min: 1, max: ENDLESS, byDefault: ENDLESS });
  // Rows alone could wait for rows that do not come before these are acked.
  return { rows, ms: every.whole("ms", { min: 1, max: TIMER_MS_MAX, byDefault: 100 }) };
}

function formatOf(
  reader: OptionReader,
  input: Fields,
): Pick<FileBoltPlan, "extension" | "write" | "header" | "quote"> {
  const format = reader.has("format") ? reader.given("format") : "json";
  if (typeof format !== "function" && format !== "json" && format !== "csv")
    throw reader.bad("format", ["json", "csv", "a function that makes a line of a row"]);
  if (format !== "csv" && reader.has("csv")) throw reader.bad("csv", 'nothing, unless with format: "csv"');
  const extension = reader.text("extension", EXTENSIONS[typeof format === "function" ? "lines" : format]);
  if (!/^(\.[A-Za-z0-9_-]+)+$/.test(extension) || extension.endsWith(".tmp"))
    throw reader.bad("extension", 'such as ".jsonl": a full stop, letters and digits, and not ".tmp"');
  if (format === "csv") {
    const csv = reader.group("csv", ["header", "separator", "quote"]);
    const signs = csvSignsOf(csv);
    const header = csv.flag("header", true) ? csvHeader(input, signs) : "";
    return { extension, write: csvWriter(input, signs), header, quote: signs.quote };
  }
  const write = format === "json" ? jsonWriter(input) : lineWriter(format as Parameters<typeof lineWriter>[0]);
  return { extension, write, header: "", quote: null };
}
