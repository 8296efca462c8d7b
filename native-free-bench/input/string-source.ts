import { nextRandom } from "./random-steps.ts";

/** What kind of strings a hop carries; numbers, because they travel as benchmark parameters. */
export const STRINGS_REPEATED = 0;
export const STRINGS_UNIQUE = 1;
export const STRINGS_NON_ASCII = 2;

const DISTINCT_COUNT = 1_024;
const HALF_COUNT = 8_192;
const ASCII_LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz");
const MIXED_LETTERS = Array.from("abéößñçλπЖдяשم中文字日本語한글€™😀🚀");

/** An endless, repeatable sequence of strings: each program of a comparison draws the same one. */
export interface StringSource {
  next(): string;
}

export function stringSource(kind: number): StringSource {
  if (kind === STRINGS_UNIQUE) return new UniqueStrings();
  return new RepeatedStrings(
    distinctStrings(kind === STRINGS_NON_ASCII ? MIXED_LETTERS : ASCII_LETTERS, 10, DISTINCT_COUNT),
  );
}

/** 1,024 distinct strings of 10 UTF-16 units, drawn at random. */
class RepeatedStrings implements StringSource {
  readonly #strings: readonly string[];
  #state = 1;

  constructor(strings: readonly string[]) {
    this.#strings = strings;
  }

  next(): string {
    this.#state = nextRandom(this.#state);
    return this.#strings[this.#state >>> 22]!;
  }
}

/**
 * 2^26 different strings of 16 letters, each built anew from two halves, as a program that formats its keys would.
 */
class UniqueStrings implements StringSource {
  readonly #left = distinctStrings(ASCII_LETTERS, 8, HALF_COUNT);
  readonly #right = distinctStrings(ASCII_LETTERS, 8, HALF_COUNT).reverse();
  #index = 0;

  next(): string {
    const index = this.#index++;
    return this.#left[(index >>> 13) & (HALF_COUNT - 1)]! + this.#right[index & (HALF_COUNT - 1)]!;
  }
}

/** `count` different strings of exactly `units` UTF-16 units each. */
function distinctStrings(letters: readonly string[], units: number, count: number): string[] {
  const strings = new Set<string>();
  let state = 12_345;
  while (strings.size < count) {
    let text = "";
    while (text.length < units) {
      state = nextRandom(state);
      const letter = letters[(state >>> 16) % letters.length]!;
      // A letter outside the basic plane takes two units; where only one is left, another letter is drawn.
      if (text.length + letter.length <= units) text += letter;
    }
    strings.add(text);
  }
  return [...strings];
}
