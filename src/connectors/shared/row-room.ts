import type { TaskContext } from "../../component/task-context.ts";

/** Of a ring's room, the part that a row may take: an id, or the text of an error, may join it on its way. */
const ROW_SHARE = 0.75;
/** What a frame and each of its columns take besides their values, at most. */
const FRAME_BYTES = 256;
const COLUMN_BYTES = 64;
const DEPTH_MAX = 64;

/**
 * Tells rows that no ring takes, before they are emitted: there they would fail their task, again and again, and
 * with it the run. As bad messages they fail nobody.
 */
export class RowRoom {
  readonly #bytesMax: number;

  constructor({ tupleBytesMax }: Pick<TaskContext, "tupleBytesMax">) {
    this.#bytesMax = Math.floor(tupleBytesMax * ROW_SHARE);
  }

  /** Why the row cannot be sent, or null. */
  problemOf(values: readonly unknown[]): string | null {
    const bytesMax = this.#bytesMax;
    if (bytesMax === Number.POSITIVE_INFINITY) return null;
    let bytes = FRAME_BYTES;
    for (const value of values) bytes += COLUMN_BYTES + mostBytesOf(value, 0);
    if (bytes <= bytesMax) return null;
    bytes = FRAME_BYTES;
    for (const value of values) {
      bytes += COLUMN_BYTES + (typeof value === "string" ? textBytes(value) : mostBytesOf(value, 0));
    }
    if (bytes <= bytesMax) return null;
    const remedy = "raise ringBytesMin and ringBytesMax";
    return `its row takes up to ${bytes} bytes of a ring, and ${bytesMax} are there for it: ${remedy}`;
  }
}

/** A text is sent as one byte for each character, or as two where one of them is not ASCII. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}

/** Quick, and not less than it takes. */
function mostBytesOf(value: unknown, depth: number): number {
  if (typeof value === "string") return 2 * value.length + 8;
  if (typeof value !== "object" || value === null) return 16;
  if (ArrayBuffer.isView(value)) return value.byteLength + 16;
  // So deep is none that the engine takes.
  if (depth === DEPTH_MAX) return Number.POSITIVE_INFINITY;
  let bytes = 16;
  if (Array.isArray(value)) for (const item of value) bytes += mostBytesOf(item, depth + 1);
  else {
    for (const [name, item] of Object.entries(value)) bytes += 2 * name.length + 8 + mostBytesOf(item, depth + 1);
  }
  return bytes;
}
