import { ROW_ACKED, ROW_FAILED, ROW_FRESH, type TupleBatch } from "../../tuple/tuple-batch.ts";

/** True for a row that its bolt has settled itself. */
export function isEnded(state: number): boolean {
  return state === ROW_ACKED || state === ROW_FAILED;
}

/** Without making states for a batch that has none. */
export function stateOf(batch: TupleBatch, row: number): number {
  return batch.rowStates === null ? ROW_FRESH : batch.rowStates[row]!;
}

export function statesOf(batch: TupleBatch): Uint8Array {
  batch.rowStates ??= new Uint8Array(batch.count);
  return batch.rowStates;
}
