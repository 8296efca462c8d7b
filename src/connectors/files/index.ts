export { BadMessage } from "../shared/bad-messages.ts";
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
export { FileLine } from "./row-formats.ts";
