/**
 * Finds words fast. What a word is stands in `docs/WORDS.md`; `plain-count.ts` finds the same words in another way.
 *
 * A run is letters, marks and digits, joined by single apostrophes. A run of up to 256 UTF-16 units is a word,
 * lower-cased; a longer one is encoded data, which is counted but not kept.
 */
export const WORD_UNITS_MAX = 256;

/** Stands for the beginning of a run that is known to be too long: whatever follows, the run stays too long. */
export const TOO_LONG_RUN = "x".repeat(WORD_UNITS_MAX + 1);

// What a UTF-16 unit is to a word. Caseless units need no lower-casing; that spares most words the call.
const OUTSIDE = 0;
const CASELESS = 1;
const CASED = 2;
const APOSTROPHE = 3;

const INSIDE_WORD = /[\p{L}\p{M}\p{N}]/u;
const asciiKinds = Uint8Array.from({ length: 128 }, (_, unit) => kindOf(unit));

/** Kinds of the units beyond ASCII, 256 to a page; a page is filled when its first unit turns up. */
const kindPages = new Array<Uint8Array | undefined>(256);

/** Appends the words of `text` to `words`. Returns how many runs were too long to be words. */
export function collectWords(text: string, words: string[]): number {
  let tooLongRuns = 0;
  let start = -1;
  let cased = false;
  for (let at = 0; at <= text.length; at++) {
    const kind = kindAt(text, at);
    if (kind === CASELESS || kind === CASED) {
      if (start < 0) start = at;
      if (kind === CASED) cased = true;
    } else if (start >= 0) {
      if (kind === APOSTROPHE && isInsideWord(kindAt(text, at + 1))) continue;
      if (at - start > WORD_UNITS_MAX) {
        tooLongRuns++;
      } else {
        const word = text.slice(start, at);
        words.push(cased ? word.toLowerCase() : word);
      }
      start = -1;
      cased = false;
    }
  }
  return tooLongRuns;
}

/** The last place in `text`, from 1 to `end`, where it can be cut without cutting a run; 0 when there is none. */
export function lastBreakBefore(text: string, end: number): number {
  for (let at = end; at > 0; at--) {
    const kind = kindAt(text, at - 1);
    if (kind === OUTSIDE) return at;
    // One apostrophe might join what stands on its two sides; two never do.
    if (kind === APOSTROPHE && at > 1 && kindAt(text, at - 2) === APOSTROPHE) return at;
  }
  return 0;
}

export function isApostrophe(text: string, at: number): boolean {
  return kindAt(text, at) === APOSTROPHE;
}

function isInsideWord(kind: number): boolean {
  return kind === CASELESS || kind === CASED;
}

function kindAt(text: string, at: number): number {
  if (at >= text.length) return OUTSIDE;
  const unit = text.charCodeAt(at);
  return unit < 128 ? asciiKinds[unit]! : kindBeyondAscii(text, at, unit);
}

function kindBeyondAscii(text: string, at: number, unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdbff) return kindOf(text.codePointAt(at)!);
  if (unit >= 0xdc00 && unit <= 0xdfff) return kindOf(at === 0 ? unit : lowSurrogateOwner(text, at));
  let page = kindPages[unit >> 8];
  if (page === undefined) {
    const first = unit & 0xff00;
    page = Uint8Array.from({ length: 256 }, (_, index) => kindOf(first + index));
    kindPages[unit >> 8] = page;
  }
  return page[unit & 0xff]!;
}

/** The code point that the low surrogate at `at` ends, or the surrogate itself when it stands alone. */
function lowSurrogateOwner(text: string, at: number): number {
  const pair = text.codePointAt(at - 1)!;
  return pair > 0xffff ? pair : text.charCodeAt(at);
}

function kindOf(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  if (character === "'" || character === "\u2019") return APOSTROPHE;
  if (!INSIDE_WORD.test(character)) return OUTSIDE;
  // Case by case is enough: the one letter whose lower case depends on its neighbours (Σ) is cased by itself.
  return character === character.toLowerCase() ? CASELESS : CASED;
}
