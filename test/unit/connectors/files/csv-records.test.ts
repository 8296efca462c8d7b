/**
 * Goal:   CSV is read as RFC 4180 says, line ends in quotes included.
 * Method: random records written with random quotes and line ends, and a parser that goes sign by sign over the whole
 *         text. SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../../src/base/prng.ts";
import { CsvRecords } from "../../../../src/connectors/files/csv-records.ts";
import { SEED } from "./random-seed.ts";

const SIGNS = { separator: ",", quote: '"' };
const CHARS_MAX = 1_000_000;

function parse(text: string, charsMax = CHARS_MAX): (readonly string[] | string)[] {
  const records = new CsvRecords(SIGNS, charsMax);
  const found: (readonly string[] | string)[] = [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    const taken = records.take(line);
    if (taken !== null) found.push(typeof taken === "string" ? taken : taken.texts);
  }
  const problem = records.end();
  if (problem !== null) found.push(problem);
  return found;
}

/** A state per sign, and nothing clever. */
function oracle(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let isInQuotes = false;
  const endField = () => {
    record.push(field);
    field = "";
  };
  const endRecord = () => {
    endField();
    records.push(record);
    record = [];
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (isInQuotes) {
      if (sign !== '"') field += sign;
      else if (text[at + 1] === '"') {
        field += '"';
        at++;
      } else isInQuotes = false;
    } else if (sign === '"') isInQuotes = true;
    else if (sign === ",") endField();
    else if (sign === "\r" && text[at + 1] === "\n") {
      endRecord();
      at++;
    } else if (sign === "\n") endRecord();
    else field += sign;
  }
  if (field !== "" || record.length > 0) endRecord();
  return records;
}

const PIECES = ["a", "bc", ",", '"', "\n", "\r\n", "é", " ", "", "1"];

function randomField(prng: Prng): string {
  return Array.from({ length: prng.below(6) }, () => PIECES[prng.below(PIECES.length)]).join("");
}

test("random records come back as they were written, and as another parser reads them", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED);
  for (let round = 0; round < 2_000; round++) {
    const records = Array.from({ length: 1 + prng.below(6) }, () =>
      Array.from({ length: 1 + prng.below(4) }, () => randomField(prng)),
    );
    const text = records
      .map((record) => {
        const fields = record.map((field) =>
          /[",\r\n]/.test(field) || prng.below(3) === 0 ? `"${field.replaceAll('"', '""')}"` : field,
        );
        return fields.join(",") + (prng.below(2) === 0 ? "\n" : "\r\n");
      })
      .join("");
    assert.deepEqual(oracle(text), records, `the oracle, round ${round}: ${JSON.stringify(text)}`);
    assert.deepEqual(parse(text), records, `round ${round}: ${JSON.stringify(text)}`);
  }
});

test("what is no CSV is refused, and the next record is read", () => {
  assert.deepEqual(parse('a"b,c\nd,e\n'), ["a quote stands in a field that does not begin with one", ["d", "e"]]);
  assert.deepEqual(parse('"a"b,c\nd,e\n'), ["text follows the closing quote of a field", ["d", "e"]]);
  assert.deepEqual(parse('a,b\n"c,\nd'), [["a", "b"], "a field in quotes does not end"]);
});

test("a field in quotes that does not end is given up at the greatest length", () => {
  const found = parse(`"${"line\n".repeat(100)}`, 50);
  assert.ok(found.length > 1);
  assert.equal(found[0], "a record in quotes is too long");
});

test("which fields stood in quotes is told", () => {
  const records = new CsvRecords(SIGNS, CHARS_MAX);
  assert.deepEqual(records.take('"",,"x"\r'), { texts: ["", "", "x"], quoted: [true, false, true] });
  assert.deepEqual(records.take("a,\r"), { texts: ["a", ""], quoted: null });
});

test("a record in quotes may be as long as one without", () => {
  assert.deepEqual(parse('"345",789', 9), [["345", "789"]]);
  assert.deepEqual(parse('"3\n5",789', 9), [["3\n5", "789"]]);
  assert.deepEqual(parse('"3\n5",789', 8)[0], "a record in quotes is too long");
});
