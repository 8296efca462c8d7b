/** Rules for every text file, whatever its language: they see lines, not syntax. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.types|\.d)?\.[a-z0-9]+$/;
const KEBAB_CASE_FOLDER = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Java wants a file named after its class. */
const JAVA_CLASS = /^[A-Z][A-Za-z]*\.java$/;

/** Files of code are named in kebab-case, after their main export; so are their folders. */
export function nameViolation(file: string): string | null {
  const parts = file.split("/");
  const name = parts.pop()!;
  const isNamed = KEBAB_CASE.test(name) || name === "README.md" || JAVA_CLASS.test(name);
  if (!isNamed) return `${file}: the name is not in kebab-case`;
  const folder = parts.find((part) => !KEBAB_CASE_FOLDER.test(part));
  return folder === undefined ? null : `${file}: the folder "${folder}" is not in kebab-case`;
}

/** Written in pieces, so that this list does not find itself. */
const FOREIGN: readonly (readonly [pattern: RegExp, what: string])[] = [
  [new RegExp(`(^|["'\`\\s(=:])/(work|tmp|root|home|Users)${"/"}`), "a path of one machine"],
  [/\b[A-Z]:\\\\/, "a path of one machine"],
  [new RegExp(`https?:/${"/"}[^\\s/"]*(registry|artifactory|proxy)[^\\s/"]*`), "a package registry"],
  [new RegExp(`\\b(issue|ticket|session|task force)${" "}#?\\d+\\b`, "i"), "the number of an issue or a session"],
  [new RegExp(`\\b(work)${"tree"}s?\\b`, "i"), "a word of the workplace"],
  [new RegExp(`\\bsub-?${"agents?"}\\b`, "i"), "a word of the workplace"],
];

/** The repository speaks of the project alone. */
export function foreignWords(file: TextFile): string[] {
  return file.text.split("\n").flatMap((line, index) => {
    const found = FOREIGN.find(([pattern]) => pattern.test(line));
    return found === undefined ? [] : [`${file.path}:${index + 1}: ${found[1]}: ${line.trim().slice(0, 100)}`];
  });
}

export const ROOM_README_LINES_MAX = 15;

/** A room of more than three files says what it is for, what it promises, and what it leaves to others. */
export function roomReadmeViolations(files: readonly TextFile[]): string[] {
  const rooms = new Map<string, TextFile[]>();
  for (const file of files) {
    const [top, room, ...rest] = file.path.split("/");
    if (top === "src" && rest.length > 0) rooms.set(room!, [...(rooms.get(room!) ?? []), file]);
  }
  return [...rooms].flatMap(([room, members]) => {
    if (members.filter(({ path }) => path.endsWith(".ts")).length <= 3) return [];
    const readme = members.find(({ path }) => path === `src/${room}/README.md`);
    if (readme === undefined) return [`src/${room} has more than three files and no README.md`];
    const lines = readme.text.trimEnd().split("\n").length;
    return lines <= ROOM_README_LINES_MAX
      ? []
      : [`${readme.path}: ${lines} lines, more than ${ROOM_README_LINES_MAX}`];
  });
}
