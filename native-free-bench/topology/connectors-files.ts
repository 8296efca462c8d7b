import { benchmark, type Side } from "../harness/benchmark.ts";
import { type LinkedFiles, withLinkedFiles } from "../input/linked-files.ts";
import { runBareLines, runNodeLines } from "../reference/bare-lines.ts";
import { runFileLines } from "./programs/file-lines.ts";

type Sizes = { readonly lines: number; readonly files: number; readonly warmupFiles: number };

/**
 * Lines of 100 bytes, out of files that the system has in memory:
 *
 *     worker 0: [lines: fileSpout] -> [sink: bolt]          the same on worker 1
 */
export const connectorsFiles = benchmark({
  name: "connectors-files",
  question: "What does a spout of file lines cost beside a loop that only reads them?",
  unit: "lines/s",
  coresNeeded: 2,
  params: {
    smoke: { lines: 2_000, files: 3, warmupFiles: 1 },
    full: { lines: 400_000, files: 40, warmupFiles: 12 },
  },
  sides: {
    oneCore: spoutSide("one task, not tracked", 1, false),
    oneCoreAcked: spoutSide("one task, every line tracked", 1, true),
    twoCores: spoutSide("two tasks, not tracked", 2, false),
    twoCoresAcked: spoutSide("two tasks, every line tracked", 2, true),
    bare: readSide("a loop over chunks, cut at line feeds", runBareLines),
    readline: readSide("Node's own: for await (const line of file.readLines())", runNodeLines),
  },
  bars: [
    { kind: "ratio", of: "oneCore", over: "bare", limit: { atLeast: 0.7 } },
    { kind: "ratio", of: "oneCoreAcked", over: "bare", limit: { atLeast: 0.7 } },
    { kind: "ratio", of: "twoCores", over: "bare", limit: { atLeast: 1.3 } },
    { kind: "ratio", of: "twoCoresAcked", over: "bare", limit: { atLeast: 1.3 } },
  ],
});

function spoutSide(title: string, tasks: number, acked: boolean): Side<Sizes> {
  return {
    title,
    run: ({ lines, files, warmupFiles }) =>
      withLinkedFiles(lines, files, (linked) => runFileLines(linked, { tasks, acked, warmupFiles })),
  };
}

function readSide(
  title: string,
  read: (linked: LinkedFiles, warmupFiles: number) => ReturnType<typeof runBareLines>,
): Side<Sizes> {
  return {
    title,
    whose: "reference",
    run: ({ lines, files, warmupFiles }) => withLinkedFiles(lines, files, (linked) => read(linked, warmupFiles)),
  };
}
