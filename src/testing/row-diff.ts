import { inspect, isDeepStrictEqual } from "node:util";

export type Rows = readonly (readonly unknown[])[];

/** `exact`: in this order. `any`: each as often, in whatever order. */
export type RowOrder = "exact" | "any";

/** Longer lists are not aligned row by row: the cost grows with the product of their lengths. */
const ALIGNED_ROWS_MAX = 500;
const SHOWN_LINES_MAX = 40;
/** Equal rows shown around those that differ. */
const CONTEXT_ROWS = 2;

/** A row as it is written in code, on one line. */
export function rowText(row: readonly unknown[]): string {
  return inspect(row, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200 });
}

/**
 * What differs, for people: a line for each row, those that are missing with "-", those that are too many with "+".
 * Null when nothing does. `mayStop`: actual rows may end early, as those of a bolt whose input was cut off.
 */
export function rowDiff(
  expected: Rows,
  actual: Rows,
  settings: { order: RowOrder; mayStop?: boolean },
): string | null {
  const { order, mayStop = false } = settings;
  if (order === "any") return unorderedDiff(expected, actual, mayStop);
  const wanted = mayStop ? expected.slice(0, actual.length) : expected;
  if (wanted.length === actual.length && wanted.every((row, index) => isDeepStrictEqual(row, actual[index]))) {
    return null;
  }
  if (wanted.length > ALIGNED_ROWS_MAX || actual.length > ALIGNED_ROWS_MAX) return firstDifference(wanted, actual);
  return clip(aligned(wanted, actual));
}

function unorderedDiff(expected: Rows, actual: Rows, mayStop: boolean): string | null {
  const missing = [...expected];
  const extra = actual.filter((row) => {
    const index = missing.findIndex((wanted) => isDeepStrictEqual(wanted, row));
    if (index >= 0) missing.splice(index, 1);
    return index < 0;
  });
  if (extra.length === 0 && (missing.length === 0 || mayStop)) return null;
  const lines = [...missing.map((row) => `- ${rowText(row)}`), ...extra.map((row) => `+ ${rowText(row)}`)];
  return cut(lines).join("\n");
}

function firstDifference(expected: Rows, actual: Rows): string {
  let index = 0;
  while (index < actual.length && isDeepStrictEqual(expected[index], actual[index])) index++;
  const shown = (rows: Rows) => (index < rows.length ? rowText(rows[index]!) : "(the end)");
  return [`  ... ${index} equal rows`, `- ${shown(expected)}`, `+ ${shown(actual)}`].join("\n");
}

/** The longest common subsequence, as lines. */
function aligned(expected: Rows, actual: Rows): string[] {
  const width = actual.length + 1;
  const common = new Uint16Array((expected.length + 1) * width);
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let k = actual.length - 1; k >= 0; k--) {
      const isEqual = isDeepStrictEqual(expected[i], actual[k]);
      common[i * width + k] = isEqual
        ? common[(i + 1) * width + k + 1]! + 1
        : Math.max(common[(i + 1) * width + k]!, common[i * width + k + 1]!);
    }
  }
  const lines: string[] = [];
  let i = 0;
  let k = 0;
  while (i < expected.length || k < actual.length) {
    const isEqual = i < expected.length && k < actual.length && isDeepStrictEqual(expected[i], actual[k]);
    if (isEqual) {
      lines.push(`  ${rowText(expected[i++]!)}`);
      k++;
    } else if (
      i < expected.length &&
      (k === actual.length || common[(i + 1) * width + k]! >= common[i * width + k + 1]!)
    )
      lines.push(`- ${rowText(expected[i++]!)}`);
    else lines.push(`+ ${rowText(actual[k++]!)}`);
  }
  return lines;
}

/** Only what differs, with a little around it. */
function clip(lines: readonly string[]): string {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - CONTEXT_ROWS), index + CONTEXT_ROWS + 1).some((line) => !line.startsWith("  "));
  const shown: string[] = [];
  let hidden = 0;
  const tellHidden = () => {
    if (hidden > 0) shown.push(`  ... ${hidden} equal rows`);
    hidden = 0;
  };
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) {
      tellHidden();
      shown.push(line);
    } else hidden++;
  }
  tellHidden();
  return cut(shown).join("\n");
}

function cut(lines: readonly string[]): readonly string[] {
  if (lines.length <= SHOWN_LINES_MAX) return lines;
  return [...lines.slice(0, SHOWN_LINES_MAX), `  ... ${lines.length - SHOWN_LINES_MAX} more lines`];
}
