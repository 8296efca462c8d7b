import assert from "node:assert/strict";
import test from "node:test";
import { mostFrequent } from "../../../docs/examples/word-count/report.ts";
import { Prng } from "../../../src/base/prng.ts";
import { chosenSeed } from "./awkward-text.ts";

test("the most frequent words are the first of all words in order, ties by name", (t) => {
  const seed = chosenSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  for (let round = 0; round < 200; round++) {
    const counts = new Map<string, number>();
    for (let words = random.below(40); words > 0; words--) counts.set(`w${random.below(99)}`, 1 + random.below(5));
    const all = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const limit = random.below(45);
    assert.deepEqual(mostFrequent(counts, limit), all.slice(0, limit));
  }
});
