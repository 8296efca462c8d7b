/**
 * Longer texts are not remembered: three words hold a text that V8 copies; a longer one would keep its whole batch
 * alive.
 */
export const INTERNED_CHARS_MAX = 12;
const ENTRIES = 4096;
const ENTRY_WORDS = 4; // Twelve characters, and the length.

/** After so many texts it is judged whether looking them up pays. */
const WINDOW_TEXTS = 2048;
const FIRST_PAUSE_TEXTS = 16_384;
const PAUSE_TEXTS_MAX = 1 << 20;

/** By number of characters in a word: the bits that count. */
const MASKS = new Int32Array([0, 0xff, 0xffff, 0xffffff, -1]);

/**
 * Short texts seen before, by their bytes. A text that comes again is the same JS string again: no allocation, and
 * its hash is known, so that a consumer's Map finds it in half the time. It costs more than cutting out a new string,
 * and all of it is waste when texts do not repeat: it then pauses, each time for longer.
 *
 * An entry is replaced by the next text that falls on it; so the memory is bounded, and what is frequent stays.
 */
export class TextIntern {
  readonly #words = new Int32Array(ENTRIES * ENTRY_WORDS);
  readonly #texts: string[] = new Array<string>(ENTRIES).fill("");
  #entry = 0;
  #word0 = 0;
  #word1 = 0;
  #word2 = 0;
  #length = 0;
  #hits = 0;
  #windowLeft = WINDOW_TEXTS;
  #pauseTexts = FIRST_PAUSE_TEXTS;
  #pauseLeft = 0;

  /** Whether to look up the next `count` texts. */
  isWorthwhile(count: number): boolean {
    if (this.#pauseLeft > 0) {
      this.#pauseLeft -= count;
      return false;
    }
    this.#windowLeft -= count;
    if (this.#windowLeft < 0) this.#judge();
    return this.#pauseLeft <= 0;
  }

  #judge(): void {
    if (this.#hits * 2 < WINDOW_TEXTS) {
      this.#pauseLeft = this.#pauseTexts;
      this.#pauseTexts = Math.min(this.#pauseTexts * 2, PAUSE_TEXTS_MAX);
    } else {
      this.#pauseTexts = FIRST_PAUSE_TEXTS;
    }
    this.#hits = 0;
    this.#windowLeft = WINDOW_TEXTS;
  }

  /**
   * The text of `length` bytes (1 to INTERNED_CHARS_MAX) at `at`, or null when it is not known; `remember` may then
   * be told. Reads up to three bytes behind the text.
   */
  find(view: DataView, at: number, length: number): string | null {
    const word0 = view.getInt32(at, true) & MASKS[Math.min(length, 4)]!;
    let word1 = 0;
    let word2 = 0;
    if (length > 4) {
      word1 = view.getInt32(at + 4, true) & MASKS[Math.min(length - 4, 4)]!;
      if (length > 8) word2 = view.getInt32(at + 8, true) & MASKS[length - 8]!;
    }
    let hash = Math.imul(word0, 0x9e3779b1) ^ Math.imul(word1, 0x85ebca6b) ^ Math.imul(word2, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + length;
    const entry = (hash ^ (hash >>> 13)) & (ENTRIES - 1);
    const words = this.#words;
    const first = entry * ENTRY_WORDS;
    if (
      words[first] === word0 &&
      words[first + 1] === word1 &&
      words[first + 2] === word2 &&
      words[first + 3] === length
    ) {
      this.#hits++;
      return this.#texts[entry]!;
    }
    this.#entry = entry;
    this.#word0 = word0;
    this.#word1 = word1;
    this.#word2 = word2;
    this.#length = length;
    return null;
  }

  /** Keeps the text that `find` just did not find. */
  remember(text: string): void {
    const first = this.#entry * ENTRY_WORDS;
    this.#words[first] = this.#word0;
    this.#words[first + 1] = this.#word1;
    this.#words[first + 2] = this.#word2;
    this.#words[first + 3] = this.#length;
    this.#texts[this.#entry] = text;
  }
}
