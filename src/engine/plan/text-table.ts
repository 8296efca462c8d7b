/** A column of a table: its header, and whether its cells are figures, which line up on the right. */
export interface TextColumn {
  readonly header: string;
  readonly align?: "left" | "right";
}

const GAP = "   ";

/** Rows as aligned lines below a line of headers, without trailing blanks. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ header }) => header), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => (cells[index] ?? "").length)));
  return lines.map((cells) =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? "";
        return align === "right" ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** The table cut into blocks of columns no wider than `widthMax`, each repeating the first `fixed` columns. */
export function textTableBlocks(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  { fixed, widthMax }: { fixed: number; widthMax: number },
): string[][] {
  const widths = columns.map(({ header }, index) =>
    Math.max(header.length, ...rows.map((row) => row[index]!.length)),
  );
  const widthOf = (indices: readonly number[]): number =>
    indices.reduce((sum, index) => sum + widths[index]! + GAP.length, -GAP.length);
  const fixedIndices = columns.map((_, index) => index).slice(0, fixed);
  const blocks: number[][] = [[...fixedIndices]];
  for (let index = fixed; index < columns.length; index++) {
    const block = blocks.at(-1)!;
    if (block.length > fixed && widthOf([...block, index]) > widthMax) blocks.push([...fixedIndices, index]);
    else block.push(index);
  }
  return blocks.map((block) =>
    textTable(
      block.map((index) => columns[index]!),
      rows.map((row) => block.map((index) => row[index]!)),
    ),
  );
}

/** A count of bytes in the unit that keeps it short: exact for powers of two. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}
