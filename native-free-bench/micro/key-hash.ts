import { hashKey } from "../../src/grouping/key-hash.ts";
import type { ColumnType } from "../../src/tuple/field-spec.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";
import { BATCH_ROWS, valuesOf } from "./columns.ts";

/**
 * What a fields grouping pays per tuple to find its key group:
 *
 *     [values] -- hashKey --> 32 bits      threads: 1
 */
export const microKeyHash = benchmark({
  name: "micro-key-hash",
  question: "What does it cost to hash the key of a fields grouping?",
  unit: "ns/key",
  coresNeeded: 1,
  params: microParams,
  sides: {
    string: microSide("a string of 10 characters", () => hashKeys(["string"])),
    int32: microSide("an int32", () => hashKeys(["int32"])),
    float64: microSide("a float64", () => hashKeys(["float64"])),
    stringInt32: microSide("a string and an int32", () => hashKeys(["string", "int32"])),
  },
  bars: [],
});

function hashKeys(types: readonly ColumnType[]): MicroOperation {
  const columns = types.map((type) => valuesOf(type, BATCH_ROWS));
  const rows = Array.from({ length: BATCH_ROWS }, (_, row) => columns.map((column) => column[row]));
  const keyColumns = types.map((_, column) => column);
  const hashes = new Uint32Array(BATCH_ROWS);
  return {
    operations: BATCH_ROWS,
    run() {
      for (let row = 0; row < BATCH_ROWS; row++) hashes[row] = hashKey(rows[row]!, keyColumns, types);
    },
    verify() {
      const keys = new Set(rows.map((row) => row.join(" ")));
      // Fewer hashes than keys would be a collision among 256 of 2^32: once in a hundred thousand such sets.
      const distinct = new Set(hashes);
      if (distinct.size !== keys.size) throw new Error(`${distinct.size} hashes of ${keys.size} keys`);
    },
  };
}
