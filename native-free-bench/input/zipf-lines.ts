import { nextRandom } from "./random-steps.ts";

export const LINE_COUNT = 10_000;
export const WORDS_PER_LINE = 10;
const WORD_COUNT = 5_000;
/** Words in one pass over the lines. */
export const WORDS_PER_PASS = LINE_COUNT * WORDS_PER_LINE;

/** 10,000 lines of 10 words, Zipf (exponent 1) over 5,000 words of 2 to 9 letters; always the same. */
export function zipfLines(): string[] {
  const random = new UnitRandom(7);
  const words = distinctWords(random);
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= WORD_COUNT; rank++) {
    total += 1 / rank;
    cumulative.push(total);
  }
  const pick = () => words[firstAtLeast(cumulative, random.next() * total)]!;
  return Array.from({ length: LINE_COUNT }, () => Array.from({ length: WORDS_PER_LINE }, pick).join(" "));
}

/** Counts of one pass, by the most obvious program there is. */
export function countOnePass(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of lines.flatMap((line) => line.split(" "))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Throws unless `counts` are those of `passes` passes, word by word. */
export function verifyWordCounts(what: string, counts: ReadonlyMap<string, number>, passes: number): void {
  verifySharedWordCounts(what, counts, [passes]);
}

/** Lines `taskIndex`, `taskIndex + taskCount` and so on: what one of several tasks reads. */
export function shareOfLines(lines: readonly string[], taskIndex: number, taskCount: number): readonly string[] {
  return lines.filter((_, index) => index % taskCount === taskIndex);
}

/** How often every word was sent when each of several tasks made its own number of passes over its share. */
export function sharedWordCounts(passesOfTask: readonly number[]): Map<string, number> {
  const lines = zipfLines();
  const sent = new Map<string, number>();
  for (const [task, passes] of passesOfTask.entries()) {
    for (const [word, count] of countOnePass(shareOfLines(lines, task, passesOfTask.length))) {
      if (passes > 0) sent.set(word, (sent.get(word) ?? 0) + count * passes);
    }
  }
  return sent;
}

/** Throws unless `counts` are those of such tasks, word by word. */
export function verifySharedWordCounts(
  what: string,
  counts: ReadonlyMap<string, number>,
  passesOfTask: readonly number[],
): void {
  const expected = sharedWordCounts(passesOfTask);
  if (counts.size !== expected.size) throw new Error(`${what}: ${counts.size} different words, not ${expected.size}`);
  for (const [word, count] of expected) {
    if (counts.get(word) !== count)
      throw new Error(`${what}: "${word}" counted ${counts.get(word)} times, not ${count}`);
  }
}

class UnitRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = nextRandom(this.#state);
    return (this.#state >>> 0) / 2 ** 32;
  }
}

function distinctWords(random: UnitRandom): string[] {
  const words = new Set<string>();
  while (words.size < WORD_COUNT) {
    const letters = Array.from(
      { length: 2 + Math.floor(random.next() * 8) },
      () => 97 + Math.floor(random.next() * 26),
    );
    words.add(String.fromCharCode(...letters));
  }
  return [...words];
}

function firstAtLeast(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
