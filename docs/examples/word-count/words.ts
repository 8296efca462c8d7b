/**
 * Finds words fast. What a word is stands in `docs/WORDS.md`; `plain-count.ts` finds the same words in another way.
 *
 * A run is letters, marks and digits, joined by single apostrophes. A run of up to 256 UTF-16 units is a word, a
 * longer one is encoded data: counted, but not kept.
 */
export const WORD_UNITS_MAX = 256;

/** Stands for the beginning of a run that is known to be too long: whatever follows, the run stays too long. */
export const TOO_LONG_RUN = "x".repeat(WORD_UNITS_MAX + 1);

const RUN = /[\p{L}\p{M}\p{N}]+(?:['\u2019][\p{L}\p{M}\p{N}]+)*/gu;
const LOWER_CASE_ASCII_RUN = /[a-z0-9]+(?:'[a-z0-9]+)*/g;
const BEYOND_ASCII = /[^\0-\x7f]/;
const INSIDE_RUN = /[\p{L}\p{M}\p{N}]/u;
const NO_RUNS: readonly string[] = [];

/**
 * The runs of `text`, lower-cased, in order.
 *
 * Twice as fast as a loop over the characters. Most lines are plain ASCII, where lower-casing the whole line gives
 * what lower-casing each run would; elsewhere a letter's neighbours can decide about its lower case (Σ).
 */
export function runsOf(text: string): readonly string[] {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase().match(LOWER_CASE_ASCII_RUN) ?? NO_RUNS;
  return text.match(RUN)?.map((run) => run.toLowerCase()) ?? NO_RUNS;
}

/** The last place in `text`, from 1 to `end`, where it can be cut without cutting a run; 0 when there is none. */
export function lastBreakBefore(text: string, end: number): number {
  for (let at = end; at > 0; at--) {
    // One apostrophe might join what stands on its two sides; two never do.
    const isBreak = isApostrophe(text, at - 1) ? isApostrophe(text, at - 2) : !isInsideRun(text, at - 1);
    if (isBreak) return at;
  }
  return 0;
}

export function isApostrophe(text: string, at: number): boolean {
  const character = text.charAt(at);
  return character === "'" || character === "\u2019";
}

function isInsideRun(text: string, at: number): boolean {
  // The second unit of a pair belongs to the character that the first one begins.
  const before = at > 0 ? text.codePointAt(at - 1)! : 0;
  const character = before > 0xffff ? before : text.codePointAt(at)!;
  return INSIDE_RUN.test(String.fromCodePoint(character));
}
