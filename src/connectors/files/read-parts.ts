import * as path from "node:path";
import { OptionReader } from "../shared/option-reader.ts";
import { pauseMs } from "../shared/within-ms.ts";
import { fileFailed } from "./file-failed.ts";
import { UNFINISHED } from "./list-files.ts";
import { type FileAccess, localFiles } from "./local-files.ts";
import { type PartName, parsePart } from "./part-names.ts";
import { PartReader, type PartRecord } from "./part-reader.ts";

/** Which parts are read, and for how long. */
export interface ReadPartsOptions {
  readonly folder: string;
  /** Default: of all topologies that wrote there. */
  readonly topology?: string;
  /** Default: of all components. */
  readonly component?: string;
  /**
   * "lines", the default, for lines and lines of JSON. "csv": a record may hold line ends in quotes; the header of
   * each part is left out.
   */
  readonly format?: "lines" | "csv";
  readonly csv?: { readonly header?: boolean; readonly quote?: string };
  /**
   * Goes on as parts grow and new ones come, until `signal` is aborted; a folder that is not there yet is waited for.
   * Default: false, what is there.
   */
  readonly follow?: boolean;
  /** How often it is looked for more. Default: 100. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

interface PartsPlan {
  readonly folder: string;
  readonly topology: string | null;
  readonly component: string | null;
  readonly quote: string | null;
  readonly hasHeader: boolean;
  readonly follow: boolean;
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

const OPTIONS = ["folder", "topology", "component", "format", "csv", "follow", "pollMs", "signal"];

/**
 * Reads what `fileBolt` writes, also while it writes: whole records of complete and of growing parts, of each task in
 * the order in which they were written. A record may be seen before it is acked, and one that could not be brought to
 * the disk may be seen and come again.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION; CONNECTOR_FAILED while it is read
 * @example for await (const { text } of readParts({ folder: "out" })) console.log(JSON.parse(text));
 */
export function readParts(options: ReadPartsOptions): AsyncGenerator<PartRecord, void, undefined> {
  return recordsOf(planOf(options), localFiles);
}

async function* recordsOf(plan: PartsPlan, access: FileAccess): AsyncGenerator<PartRecord, void, undefined> {
  const readers = new Map<string, PartReader>();
  const { follow, pollMs, signal } = plan;
  try {
    for (;;) {
      let isNews = false;
      for (const part of partsIn(plan, access)) {
        const { finishedName } = part;
        const reader = readers.get(finishedName) ?? openReader(plan, finishedName, access);
        readers.set(finishedName, reader);
        for (const record of reader.records()) {
          isNews = true;
          yield record;
          if (signal.aborted) return;
        }
      }
      if (!follow || signal.aborted) return;
      if (!isNews && !(await pauseMs(pollMs, signal))) return;
    }
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}

/** By task, in the order in which they were begun. Both names of a part that is renamed just now count as one. */
function partsIn({ folder, topology, component, follow }: PartsPlan, access: FileAccess): PartName[] {
  const found = new Map<string, PartName>();
  for (const { name, kind } of entriesOf(folder, follow, access)) {
    const part = kind === "file" ? parsePart(name) : null;
    if (part === null) continue;
    if (topology !== null && part.topology !== topology) continue;
    if (component !== null && part.component !== component) continue;
    found.set(part.finishedName, part);
  }
  const writerOf = (part: PartName) => `${part.topology}~${part.component}`;
  const order = (a: PartName, b: PartName) => a.taskIndex - b.taskIndex || a.index - b.index;
  return [...found.values()].sort((a, b) =>
    writerOf(a) === writerOf(b) ? order(a, b) : writerOf(a) < writerOf(b) ? -1 : 1,
  );
}

/** Whoever follows may have come before the writer, which makes the folder. */
function entriesOf(folder: string, follow: boolean, access: FileAccess): ReturnType<FileAccess["entries"]> {
  try {
    return access.entries(folder);
  } catch (error) {
    if (follow && (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileFailed("readParts", "list", folder, error);
  }
}

function openReader({ folder, quote, hasHeader }: PartsPlan, finishedName: string, access: FileAccess): PartReader {
  const finishedPath = path.join(folder, finishedName);
  return new PartReader({ finishedPath, growingPath: finishedPath + UNFINISHED, quote, hasHeader, access });
}

function planOf(options: ReadPartsOptions): PartsPlan {
  const reader = new OptionReader("readParts", options, OPTIONS);
  const isCsv = reader.word("format", ["lines", "csv"], "lines") === "csv";
  if (!isCsv && reader.has("csv")) throw reader.bad("csv", 'nothing, unless with format: "csv"');
  const csv = reader.group("csv", ["header", "quote"]);
  const signal = reader.has("signal") ? reader.given("signal") : new AbortController().signal;
  if (!(signal instanceof AbortSignal)) throw reader.bad("signal", "an AbortSignal");
  return {
    folder: reader.text("folder"),
    topology: reader.textOrNull("topology"),
    component: reader.textOrNull("component"),
    quote: isCsv ? csv.text("quote", '"') : null,
    hasHeader: isCsv && csv.flag("header", true),
    follow: reader.flag("follow", false),
    pollMs: reader.number("pollMs", { min: 1, max: 3_600_000, byDefault: 100 }),
    signal,
  };
}
