/** Words as docs/WORDS.md defines them, character by character: slow, and written apart from both ways of the job. */
export interface DefinedWords {
  readonly words: string[];
  readonly tooLongRuns: number;
}

const isInside = new Map<string, boolean>();

export function definedWordsOf(text: string): DefinedWords {
  const runs: string[] = [];
  let run = "";
  for (const character of text) {
    if (isInsideRun(character) || (isApostrophe(character) && run !== "" && !endsInApostrophe(run))) {
      run += character;
    } else if (run !== "") {
      runs.push(run);
      run = "";
    }
  }
  if (run !== "") runs.push(run);
  const lowered = runs.map((each) => (endsInApostrophe(each) ? each.slice(0, -1) : each).toLowerCase());
  const words = lowered.filter((each) => each.length <= 256);
  return { words, tooLongRuns: lowered.length - words.length };
}

function isInsideRun(character: string): boolean {
  let inside = isInside.get(character);
  if (inside === undefined) {
    inside = [/\p{L}/u, /\p{M}/u, /\p{N}/u].some((category) => category.test(character));
    isInside.set(character, inside);
  }
  return inside;
}

function endsInApostrophe(run: string): boolean {
  return isApostrophe(run.charAt(run.length - 1));
}

function isApostrophe(character: string): boolean {
  return character === "\u0027" || character === "\u2019";
}
