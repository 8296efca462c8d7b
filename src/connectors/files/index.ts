export { BadMessage } from "../shared/bad-messages.ts";
export { type FileBoltOptions, fileBolt, type RotateOptions, type SyncOptions } from "./file-bolt.ts";
export {
  type CsvOptions,
  type FileReading,
  type FileSources,
  type FileSpoutOptions,
  type FileSpoutOutputs,
  fileSpout,
  type LinesFormat,
  type RecordFormat,
} from "./file-spout.ts";
export { type ListedFile, listFiles } from "./list-files.ts";
export type { PartRecord } from "./part-reader.ts";
export { type ReadPartsOptions, readParts } from "./read-parts.ts";
export { FileLine } from "./row-formats.ts";
