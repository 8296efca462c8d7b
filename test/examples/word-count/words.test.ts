import assert from "node:assert/strict";
import test from "node:test";
import { lastBreakBefore, runsOf, TOO_LONG_RUN, WORD_UNITS_MAX } from "../../../docs/examples/word-count/words.ts";
import { Prng } from "../../../src/base/prng.ts";
import { awkwardText, chosenSeed } from "./awkward-text.ts";
import { definedWordsOf } from "./defined-words.ts";

test("words of hand-made lines are those that docs/WORDS.md promises", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["The quick  brown-fox, 3 times.", ["the", "quick", "brown", "fox", "3", "times"]],
    ["don't 'quote' rock''n''roll o’clock dogs'", ["don't", "quote", "rock", "n", "roll", "o’clock", "dogs"]],
    ["snake_case camelCase a.b", ["snake", "case", "camelcase", "a", "b"]],
    ["ÉTÉ Straße ΟΔΟΣ İ", ["été", "straße", "οδος", "i\u0307"]],
    ["漢字、かな", ["漢字", "かな"]],
    ["e\u0301te\u0301 𝒜b𐐀 😀x", ["e\u0301te\u0301", "𝒜b𐐨", "x"]],
    ["x\ud800y\udc00z", ["x", "y", "z"]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(wordsOf(text).words, expected, text);
});

test("a run of 256 units is a word, a longer one is counted but not kept", () => {
  const longest = "a".repeat(WORD_UNITS_MAX);
  assert.deepEqual(wordsOf(`${longest} b`), { words: [longest, "b"], tooLongRuns: 0 });
  assert.deepEqual(wordsOf(`${longest}a b ${longest}'s`), { words: ["b"], tooLongRuns: 2 });
  assert.deepEqual(wordsOf(TOO_LONG_RUN), { words: [], tooLongRuns: 1 });
});

test("words of random text are those of the definition, character by character", (t) => {
  const seed = chosenSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  for (let round = 0; round < 3_000; round++) {
    const text = awkwardText(random, 60);
    assert.deepEqual(wordsOf(text), definedWordsOf(text), JSON.stringify(text));
  }
});

test("cutting a text at a break changes none of its words", (t) => {
  const seed = chosenSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  let cuts = 0;
  for (let round = 0; round < 3_000; round++) {
    const text = awkwardText(random, 30);
    const cut = lastBreakBefore(text, random.below(text.length + 1));
    if (cut > 0 && cut < text.length) cuts++;
    const halves = [...definedWordsOf(text.slice(0, cut)).words, ...definedWordsOf(text.slice(cut)).words];
    assert.deepEqual(halves, definedWordsOf(text).words, JSON.stringify({ text, cut }));
  }
  assert.ok(cuts > 1_000, `only ${cuts} texts were cut`);
});

function wordsOf(text: string): { words: string[]; tooLongRuns: number } {
  const runs = runsOf(text);
  const words = runs.filter((run) => run.length <= WORD_UNITS_MAX);
  return { words, tooLongRuns: runs.length - words.length };
}
