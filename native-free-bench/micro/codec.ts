import type { ColumnType } from "../../src/tuple/field-spec.ts";
import { benchmark, type Side } from "../harness/benchmark.ts";
import { type MicroParams, microParams, microSide } from "../harness/micro.ts";
import { codecOf } from "./codec-of.ts";
import { BATCH_ROWS, valuesOf } from "./columns.ts";

/**
 * A batch of 256 rows with one column, into memory that threads could share and out of it again:
 *
 *     batch -- BatchWriter.prepare, write --> [frame] -- BatchReader.read --> batch      threads: 1
 */
export const microCodec = benchmark({
  name: "micro-codec",
  question: "What does a value of each column type cost to write into a frame, and to read out of one?",
  unit: "ns/value",
  coresNeeded: 1,
  rounds: 3,
  params: microParams,
  sides: {
    ...writeAndRead("string"),
    ...writeAndRead("int32"),
    ...writeAndRead("float64"),
    ...writeAndRead("int64"),
    ...writeAndRead("bool"),
    ...writeAndRead("bytes"),
    ...writeAndRead("any"),
  },
  bars: [],
});

function writeAndRead(type: ColumnType): Record<string, Side<MicroParams>> {
  return {
    [`${type}Write`]: microSide(`write ${type}`, () => codecOf(type, valuesOf(type, BATCH_ROWS)).write),
    [`${type}Read`]: microSide(`read ${type}`, () => codecOf(type, valuesOf(type, BATCH_ROWS)).read),
  };
}
