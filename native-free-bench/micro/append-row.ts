import { appendRow } from "../../src/tuple/append-row.ts";
import { kindsOf } from "../../src/tuple/column-kind.ts";
import type { ColumnType } from "../../src/tuple/field-spec.ts";
import { TupleBatch } from "../../src/tuple/tuple-batch.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";
import { BATCH_ROWS, columnOf, valuesOf } from "./columns.ts";

/**
 * What every emit pays before anything is sent: each value is checked against its column and stored.
 *
 *     [values] -- appendRow --> batch of 256 rows      threads: 1
 */
export const microAppendRow = benchmark({
  name: "micro-append-row",
  question: "What does it cost to check one emitted row and add it to its batch?",
  unit: "ns/row",
  coresNeeded: 1,
  params: microParams,
  sides: {
    string: microSide("one string", () => appendRows(["string"])),
    fourFields: microSide("string, int32, float64, string", () =>
      appendRows(["string", "int32", "float64", "string"]),
    ),
    anyField: microSide("one any", () => appendRows(["any"])),
  },
  bars: [],
});

function appendRows(types: readonly ColumnType[]): MicroOperation {
  const kinds = kindsOf(types.map(columnOf));
  const columns = types.map((type) => valuesOf(type, BATCH_ROWS));
  const rows = Array.from({ length: BATCH_ROWS }, (_, row) => columns.map((column) => column[row]));
  const batch = new TupleBatch(
    0,
    1,
    0,
    types.map(() => []),
  );
  let refused = 0;
  return {
    operations: BATCH_ROWS,
    run() {
      batch.count = 0;
      for (const row of rows) if (!appendRow(kinds, batch, row)) refused++;
    },
    verify() {
      const last = batch.columns.map((column) => column[BATCH_ROWS - 1]);
      const same = last.every((value, column) => value === columns[column]![BATCH_ROWS - 1]);
      if (refused > 0 || batch.count !== BATCH_ROWS || !same) throw new Error(`${refused} rows were refused`);
    },
  };
}
