import assert from "node:assert/strict";
import { test } from "node:test";
import { runToEnd } from "../../simulation/run-to-end.ts";
import { lineOf, wordCount } from "./word-count-topology.ts";

const LINES = 6_000;
const seed = Number(process.env.SEED ?? 7);

/** The same count by a plain loop over the same lines, each word found letter by letter. */
function countPlainly(): Map<string, number> {
  const counts = new Map<string, number>();
  for (let n = 0; n < LINES; n++) {
    let word = "";
    for (const letter of `${lineOf(seed, n)} `) {
      if (letter !== " ") {
        word += letter;
        continue;
      }
      if (word !== "") counts.set(word, (counts.get(word) ?? 0) + 1);
      word = "";
    }
  }
  return new Map([...counts].sort());
}

const expected = countPlainly();

for (const parallelism of [
  [2, 8, 12],
  [1, 10, 20],
] as const) {
  for (const workers of [1, 2, 4]) {
    test(`word count ${parallelism.join("/")} on ${workers} workers is the plain count (SEED=${seed})`, async () => {
      const options = { seed, lines: LINES, parallelism };
      const { rows } = await runToEnd(wordCount, { options, cluster: { workers } });
      // Each word once: two tasks that both counted it would be a broken grouping.
      assert.equal(rows.counts?.length, expected.size);
      assert.deepEqual(new Map((rows.counts as [string, number][]).sort()), expected);
    });
  }
}
