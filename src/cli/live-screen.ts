import type { CommandContext } from "./command-context.ts";

/** Where lines are shown, and how much room there is. */
export interface ScreenParts {
  readonly write: (text: string) => void;
  /** Null where lines are not to be rewritten. */
  readonly columns: () => number | null;
  readonly rows: () => number | null;
}

/** On stderr, where progress is told. */
export function messageScreen({ writeErr, terminalColumns, terminalRows }: CommandContext): ScreenParts {
  return { write: writeErr, columns: terminalColumns, rows: terminalRows };
}

/** Up by that many lines, to the first column, and clear everything below. */
function rewind(lines: number): string {
  return `\u001b[${lines}A\r\u001b[J`;
}

/** Lines that are rewritten in place on a terminal, and follow each other elsewhere. */
export class LiveScreen {
  readonly #parts: ScreenParts;
  #shown = 0;

  constructor(parts: ScreenParts) {
    this.#parts = parts;
  }

  get isTerminal(): boolean {
    return this.#parts.columns() !== null;
  }

  show(lines: readonly string[]): void {
    const columns = this.#parts.columns();
    if (columns === null) {
      this.#parts.write(`${lines.join("\n")}\n\n`);
      return;
    }
    // Neither a line that wraps nor one that was scrolled away could be rewritten.
    const rows = Math.max(2, (this.#parts.rows() ?? 24) - 1);
    const cut = lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `... ${lines.length - rows + 1} more`];
    const text = cut.map((line) => `${line.slice(0, Math.max(0, columns - 1))}\n`).join("");
    this.#parts.write(`${this.#shown > 0 ? rewind(this.#shown) : ""}${text}`);
    this.#shown = cut.length;
  }

  /** Takes away what is shown, so that something else can be written. */
  clear(): void {
    if (this.#shown > 0) this.#parts.write(rewind(this.#shown));
    this.#shown = 0;
  }
}
