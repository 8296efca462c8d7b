import type { Fields } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import { jsonReaderOf, textReaderOf, Unfit } from "./column-readers.ts";
import { type CsvRecord, CsvRecords, type CsvSigns } from "./csv-records.ts";

/** The fields of a file's lines. `offset` is where the line begins, in bytes; in a gzip file, in what it holds. */
export const FileLine = fields("path:string", "offset:float64", "line:string");

/** What a format makes of lines, for one range of a file. */
export interface RowReader {
  /** Values for the fields, nothing yet or nothing at all (null), or what is wrong with the record that ends here. */
  take(line: string): readonly unknown[] | string | null;
  /** True when the lines so far are the beginning of a record. */
  readonly isOpen: boolean;
  /** Forgets the beginning of a record. */
  clear(): void;
  /** What is wrong with the end of the file, or null. */
  end(): string | null;
}

/** One record of JSON per line. Empty lines are left out. */
export class JsonRows implements RowReader {
  readonly isOpen = false;
  readonly #names: readonly string[];
  readonly #readers: readonly ReturnType<typeof jsonReaderOf>[];

  constructor({ columns }: Fields) {
    this.#names = columns.map(({ name }) => name);
    this.#readers = columns.map(jsonReaderOf);
  }

  take(line: string): readonly unknown[] | string | null {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return line.trim() === "" ? null : `not JSON: ${(error as Error).message}`;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "not an object of JSON";
    const names = this.#names;
    const values = new Array<unknown>(names.length);
    for (let k = 0; k < names.length; k++) {
      const name = names[k]!;
      const own = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
      const read = this.#readers[k]!(own);
      if (read instanceof Unfit) return read.reason;
      values[k] = read;
    }
    return values;
  }

  clear(): void {}

  end(): null {
    return null;
  }
}

/** Where each column stands in a record, and how many fields a record has. */
export interface CsvColumns {
  readonly places: readonly number[];
  readonly fieldCount: number;
}

/** The columns of a file without a header: in the order of the fields. */
export function columnsInOrder({ columns }: Fields): CsvColumns {
  return { places: columns.map((_, index) => index), fieldCount: columns.length };
}

/** The columns by a file's header. @throws MissingColumns */
export function columnsByHeader({ columns }: Fields, header: readonly string[]): CsvColumns {
  const places = columns.map(({ name }) => header.indexOf(name));
  const missing = columns.filter((_, index) => places[index] === -1).map(({ name }) => `"${name}"`);
  if (missing.length > 0) throw new MissingColumns(`its header lacks ${missing.join(", ")}`);
  return { places, fieldCount: header.length };
}

export interface CsvShape extends CsvSigns {
  /** Records that are longer are refused. */
  readonly charsMax: number;
  /** False: a record ends with its line, so that a file can be cut anywhere. */
  readonly isMultiline: boolean;
}

/** Records of CSV. Empty lines are left out. */
export class CsvRows implements RowReader {
  readonly #records: CsvRecords;
  readonly #readers: readonly ReturnType<typeof textReaderOf>[];
  readonly #fields: Fields;
  readonly #isMultiline: boolean;
  #columns: CsvColumns | null;

  /** @param columns null when the first record is the header that tells them */
  constructor(fields: Fields, shape: CsvShape, columns: CsvColumns | null) {
    this.#records = new CsvRecords(shape, shape.charsMax);
    this.#isMultiline = shape.isMultiline;
    this.#readers = fields.columns.map(textReaderOf);
    this.#fields = fields;
    this.#columns = columns;
  }

  get isOpen(): boolean {
    return this.#records.isOpen;
  }

  take(line: string): readonly unknown[] | string | null {
    if (!this.#records.isOpen && (line === "" || line === "\r")) return null;
    const record = this.#records.take(line);
    if (record === null) {
      if (this.#isMultiline) return null;
      this.#records.clear();
      return "a field in quotes does not end in its line";
    }
    if (typeof record === "string") return record;
    if (this.#columns !== null) return this.#valuesOf(record, this.#columns);
    this.#columns = columnsByHeader(this.#fields, record.texts);
    return null;
  }

  clear(): void {
    this.#records.clear();
  }

  end(): string | null {
    return this.#records.end();
  }

  #valuesOf({ texts, quoted }: CsvRecord, { places, fieldCount }: CsvColumns): readonly unknown[] | string {
    if (texts.length !== fieldCount) return `${texts.length} fields instead of ${fieldCount}`;
    const values = new Array<unknown>(places.length);
    for (let k = 0; k < places.length; k++) {
      const place = places[k]!;
      const value = this.#readers[k]!(texts[place]!, quoted?.[place] === true);
      if (value instanceof Unfit) return value.reason;
      values[k] = value;
    }
    return values;
  }
}

/** A file whose header does not have what is asked for: not a bad record, but the wrong file. */
export class MissingColumns extends Error {}
