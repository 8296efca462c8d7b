import assert from "node:assert/strict";
import { test } from "node:test";
import { INTERNED_CHARS_MAX, TextIntern } from "../../../src/tuple/codec/text-intern.ts";

const bytes = Buffer.alloc(INTERNED_CHARS_MAX + 8, 0xff); // Garbage around the text, which must not count.
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function lookUp(intern: TextIntern, text: string): string {
  bytes.write(text, 1, "latin1");
  const known = intern.find(view, 1, text.length);
  if (known !== null) return known;
  intern.remember(text);
  return text;
}

test("texts that differ in any one word, or in nothing but their length, are never taken for each other", () => {
  const intern = new TextIntern();
  for (let n = 0; n < 20_000; n++) {
    const varied = n.toString(12).padStart(4, "0");
    for (const text of [
      `${varied}bbbbcccc`,
      `aaaa${varied}cccc`,
      `aaaabbbb${varied}`,
      varied,
      `${varied}\0`,
      `${varied}\0\0`,
    ]) {
      assert.equal(lookUp(intern, text), text);
    }
  }
});

test("a text that comes again is the same string, without a new one", () => {
  const intern = new TextIntern();
  for (let length = 1; length <= INTERNED_CHARS_MAX; length++) {
    const text = "abcdefghijkl".slice(0, length);
    assert.equal(lookUp(intern, text), text);
    bytes.fill(0x20);
    bytes.write(text, 1, "latin1");
    assert.equal(intern.find(view, 1, length), text);
  }
});

test("looking up is given up for texts that never repeat, tried again later, and kept for those that do", () => {
  const different = new TextIntern();
  const worthwhile: number[] = [];
  for (let n = 0; n < 200_000; n++) {
    if (!different.isWorthwhile(1)) continue;
    worthwhile.push(n);
    lookUp(different, String(n));
  }
  assert.ok(worthwhile.length < 20_000, `looked up ${worthwhile.length}`);
  assert.ok(worthwhile.at(-1)! > 20_000, "never tried again");
  const same = new TextIntern();
  for (let n = 0; n < 20_000; n++) {
    assert.ok(same.isWorthwhile(1));
    lookUp(same, String(n % 100));
  }
});
