import { UNFINISHED } from "./list-files.ts";

/** What the parts of one writer are called: `shop~orders-0.A.jsonl`, `shop~orders-0.B.jsonl`. */
export interface PartNaming {
  /** See `partPrefix`. */
  readonly prefix: string;
  readonly taskIndex: number;
  /** With its full stop: ".jsonl". */
  readonly extension: string;
}

/** A file that is a part. */
export interface PartName {
  readonly topology: string;
  readonly component: string;
  readonly taskIndex: number;
  readonly extension: string;
  /** From 0. */
  readonly index: number;
  readonly isFinished: boolean;
  /** Without the sign of an unfinished part. */
  readonly finishedName: string;
}

const LETTERS = 26;
const FIRST_LETTER = "A".charCodeAt(0);

/** The sign between the two is in no id: two components never have the same one. */
export function partPrefix(topology: string, component: string): string {
  return `${topology}~${component}`;
}

/** The name that a part has when it is complete; `.tmp` is added to it until then. */
export function partName({ prefix, taskIndex, extension }: PartNaming, index: number): string {
  return `${prefix}-${taskIndex}.${lettersOf(index)}${extension}`;
}

const PART = /^([^~]+)~([^~]+)-(\d{1,6})\.([A-Z]{1,6})((?:\.[^.]+)*)$/;

/** What a file's name says, if it is that of a part; null for other files. */
export function parsePart(file: string): PartName | null {
  const isFinished = !file.endsWith(UNFINISHED);
  const finishedName = isFinished ? file : file.slice(0, -UNFINISHED.length);
  const found = PART.exec(finishedName);
  if (found === null) return null;
  const [, topology, component, task, letters, extension] = found as unknown as string[];
  return {
    topology: topology!,
    component: component!,
    taskIndex: Number(task),
    extension: extension!,
    index: indexOf(letters!),
    isFinished,
    finishedName,
  };
}

/** A, B, ... Z, AA, AB: as columns of a table are named. */
function lettersOf(index: number): string {
  let letters = "";
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / LETTERS)) {
    letters = String.fromCharCode(FIRST_LETTER + ((rest - 1) % LETTERS)) + letters;
  }
  return letters;
}

function indexOf(letters: string): number {
  let index = 0;
  for (const letter of letters) index = index * LETTERS + (letter.charCodeAt(0) - FIRST_LETTER + 1);
  return index - 1;
}
