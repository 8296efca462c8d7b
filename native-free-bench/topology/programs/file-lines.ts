import { BasicBolt, type BasicCollector, defineTopology, fields, LocalCluster, type Tuple } from "stormcell";
import { FileLine, fileSpout, type ListedFile, listFiles } from "stormcell/connectors/files";
import type { Measurement } from "../../harness/benchmark.ts";
import type { LinkedFiles } from "../../input/linked-files.ts";

export interface FileLinesOptions {
  readonly files: readonly ListedFile[];
  readonly tasks: number;
  readonly acked: boolean;
  /** Of each sink. */
  readonly warmupLines: number;
}

const Report = fields("lines:float64", "chars:float64", "timedLines:float64", "seconds:float64");

class LineSink extends BasicBolt({ input: FileLine, output: Report }) {
  readonly #warmupLines: number;
  #lines = 0;
  #chars = 0;
  #startMs = 0;

  constructor(options: FileLinesOptions) {
    super();
    this.#warmupLines = options.warmupLines;
  }

  execute({ line }: Tuple<typeof FileLine>): void {
    this.#chars += line.length;
    if (++this.#lines === this.#warmupLines) this.#startMs = performance.now();
  }

  override onEnd(collector: BasicCollector<typeof Report>): void {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    collector.emit([this.#lines, this.#chars, this.#lines - this.#warmupLines, seconds]);
  }
}

/** A sink beside each reader, on its worker. */
export const fileLines = defineTopology(import.meta.url, (builder, options: FileLinesOptions) => {
  const { files, tasks, acked } = options;
  const source = fileSpout({ files, delivery: acked ? "at-least-once" : "none" });
  const lines = builder.setSpout("lines", source, { parallelism: tasks });
  const sink = builder
    .setBolt("sink", LineSink, { parallelism: tasks, create: () => new LineSink(options) })
    .localOrShuffleGrouping(lines);
  return { report: builder.output(sink) };
});

/** Reads all lines of the files with as many workers as tasks; lines per second at the sinks. */
export async function runFileLines(
  linked: LinkedFiles,
  { tasks, acked, warmupFiles }: { readonly tasks: number; readonly acked: boolean; readonly warmupFiles: number },
): Promise<Measurement> {
  const { paths, linesPerFile, charsPerFile } = linked;
  await using cluster = new LocalCluster({ workers: tasks });
  const warmupLines = Math.floor((linesPerFile * warmupFiles) / tasks);
  const options = { files: listFiles(paths), tasks, acked, warmupLines };
  const run = await cluster.submitTopology("file-lines", fileLines, { options });
  const total = { lines: 0, chars: 0, rate: 0 };
  for await (const { lines, chars, timedLines, seconds } of run.outputs.report) {
    total.lines += lines;
    total.chars += chars;
    total.rate += timedLines / seconds;
  }
  await run.completed();
  if (total.lines !== paths.length * linesPerFile || total.chars !== paths.length * charsPerFile)
    throw new Error(`file lines: ${total.lines} lines of ${total.chars} signs arrived`);
  return { value: total.rate };
}
