import type * as Kafka from "@platformatic/kafka";

type RecordsBatch = Kafka.RecordsBatch;

/** A transaction that was given up, as a broker names it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

const IS_TRANSACTIONAL = 1 << 4;
const IS_CONTROL = 1 << 5;
/** The type of a marker is the second of two 16-bit numbers in its key: 0 ends a transaction that was given up. */
const MARKER_TYPE_AT = 2;
const MARKER_ABORT = 0;

/**
 * The batches that hold messages for the user: without markers, and without what belongs to a transaction that was
 * given up. A producer may have given up several transactions in one answer, and the marker that ends one may lie
 * behind it: so the list of them is followed in the order of offsets.
 */
export function readableBatches(
  batches: readonly RecordsBatch[],
  aborted: readonly AbortedTransaction[],
): readonly RecordsBatch[] {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  return batches.filter((batch) => {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (waiting.length > 0 && waiting[0]!.firstOffset <= last) open.add(waiting.shift()!.producerId);
    if ((batch.attributes & IS_CONTROL) !== 0) {
      if (endsAborted(batch)) open.delete(batch.producerId);
      return false;
    }
    return (batch.attributes & IS_TRANSACTIONAL) === 0 || !open.has(batch.producerId);
  });
}

function endsAborted(marker: RecordsBatch): boolean {
  const key = marker.records[0]?.key ?? null;
  return key !== null && key.length >= MARKER_TYPE_AT + 2 && key.readInt16BE(MARKER_TYPE_AT) === MARKER_ABORT;
}
