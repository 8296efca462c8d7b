import type { OptionReader } from "../shared/option-reader.ts";

export interface CsvSigns {
  readonly separator: string;
  readonly quote: string;
}

/** The fields of a record, and which of them stood in quotes; null for those of a record without any quotes. */
export interface CsvRecord {
  readonly texts: readonly string[];
  readonly quoted: readonly boolean[] | null;
}

/**
 * Makes records of lines, by RFC 4180: a field may stand in quotes, and hold separators, line ends, and quotes
 * that are doubled. Lines keep their carriage returns, so that those in quotes are not lost.
 */
export class CsvRecords {
  readonly #separator: string;
  readonly #quote: string;
  readonly #charsMax: number;
  #texts: string[] = [];
  #quoted: boolean[] = [];
  /** The field in quotes that is not closed yet; null outside of one. */
  #open: string | null = null;
  #chars = 0;

  /** @param charsMax a record that is longer, and does not end, is given up */
  constructor({ separator, quote }: CsvSigns, charsMax: number) {
    this.#separator = separator;
    this.#quote = quote;
    this.#charsMax = charsMax;
  }

  /** True when a record has begun and needs another line. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** What the line completes: a record, nothing yet (null), or what is wrong, after which a new record begins. */
  take(line: string): CsvRecord | string | null {
    if (this.#open === null && !line.includes(this.#quote)) {
      return { texts: withoutReturn(line).split(this.#separator), quoted: null };
    }
    this.#chars += this.#open === null ? line.length : line.length + 1;
    const taken = this.#chars > this.#charsMax ? "a record in quotes is too long" : this.#takeQuoted(line);
    if (taken !== null) this.clear();
    return taken;
  }

  /** What is wrong with the end of the file, or null. */
  end(): string | null {
    const problem = this.#open === null ? null : "a field in quotes does not end";
    this.clear();
    return problem;
  }

  clear(): void {
    this.#texts = [];
    this.#quoted = [];
    this.#open = null;
    this.#chars = 0;
  }

  #takeQuoted(line: string): CsvRecord | string | null {
    let at = 0;
    if (this.#open !== null) {
      at = this.#closeQuotes(line, 0);
      if (at < 0) return null;
    }
    for (;;) {
      // Here a field in quotes has just been closed, or one begins.
      if (this.#open !== null) {
        const problem = this.#endQuoted(line, at);
        if (problem !== null) return problem;
        if (isEnd(line, at)) return this.#record();
        at++;
      }
      if (line.charAt(at) === this.#quote) {
        this.#open = "";
        at = this.#closeQuotes(line, at + 1);
        if (at < 0) return null;
      } else {
        const separator = line.indexOf(this.#separator, at);
        const text = separator < 0 ? withoutReturn(line.slice(at)) : line.slice(at, separator);
        if (text.includes(this.#quote)) return "a quote stands in a field that does not begin with one";
        this.#texts.push(text);
        this.#quoted.push(false);
        if (separator < 0) return this.#record();
        at = separator + 1;
      }
    }
  }

  /** Adds to the open field; returns the place behind its closing quote, or -1 when the line ends before. */
  #closeQuotes(line: string, from: number): number {
    let at = from;
    for (;;) {
      const quote = line.indexOf(this.#quote, at);
      if (quote < 0) {
        this.#open += `${line.slice(at)}\n`;
        return -1;
      }
      const isDoubled = line.charAt(quote + 1) === this.#quote;
      this.#open += line.slice(at, isDoubled ? quote + 1 : quote);
      if (!isDoubled) return quote + 1;
      at = quote + 2;
    }
  }

  #endQuoted(line: string, at: number): string | null {
    if (!isEnd(line, at) && line.charAt(at) !== this.#separator) return "text follows the closing quote of a field";
    this.#texts.push(this.#open!);
    this.#quoted.push(true);
    this.#open = null;
    return null;
  }

  #record(): CsvRecord {
    return { texts: this.#texts, quoted: this.#quoted };
  }
}

function isEnd(line: string, at: number): boolean {
  return at === line.length || (at === line.length - 1 && line.charAt(at) === "\r");
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** The signs of CSV, for those who read it and those who write it. */
export function csvSignsOf(csv: OptionReader): CsvSigns {
  const separator = csv.text("separator", ",");
  const quote = csv.text("quote", '"');
  const isSign = (text: string) => text.length === 1 && text !== "\n" && text !== "\r" && text <= "\x7f";
  if (!isSign(separator)) throw csv.bad("separator", "one sign of ASCII, and no line end");
  if (!isSign(quote) || quote === separator) throw csv.bad("quote", "one sign of ASCII other than the separator");
  return { separator, quote };
}
