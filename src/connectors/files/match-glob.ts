/** A pattern with more alternatives in braces than this is not expanded. */
const ALTERNATIVES_MAX = 1024;

/** One part of a pattern, between slashes: any number of folders, or names that match. */
export type GlobPart =
  | "folders"
  | { readonly literal: string }
  | { readonly names: RegExp; readonly seesHidden: boolean };

export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/**
 * The parts of a pattern: `*` and `?` stand for any signs and for one sign of a name, `[a-z]` and `[!a-z]` for one of
 * some signs, `{a,b}` for one of several texts, a part `**` for any number of folders. A name that begins with a full
 * stop is met only by a part that does so too. Null for a pattern that cannot be read.
 *
 * @returns one list of parts for each way in which the braces can be read
 */
export function parseGlob(pattern: string): GlobPart[][] | null {
  const texts = expandBraces(pattern);
  if (texts === null) return null;
  const parsed = texts.map((text) => text.split("/").map(parsePart));
  return parsed.every((parts): parts is GlobPart[] => parts.every((part) => part !== null)) ? parsed : null;
}

export function matchesPart(part: Exclude<GlobPart, "folders">, name: string): boolean {
  if ("literal" in part) return part.literal === name;
  return part.names.test(name) && (part.seesHidden || !name.startsWith("."));
}

function parsePart(text: string): GlobPart | null {
  if (text === "**") return "folders";
  if (!isGlob(text)) return { literal: text };
  let source = "";
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === "*") source += ".*";
    else if (sign === "?") source += ".";
    else if (sign === "[") {
      // The first sign of a class may be its own end, also behind a "not".
      const end = text.indexOf("]", /^\[[!^]/.test(text.slice(at)) ? at + 3 : at + 2);
      if (end < 0) return null;
      source += signClass(text.slice(at + 1, end));
      at = end;
    } else source += sign.replace(/[\\^$.|+(){}\]]/, "\\$&");
  }
  try {
    return { names: new RegExp(`^${source}$`, "su"), seesHidden: text.startsWith(".") };
  } catch {
    return null; // Such as a range from z to a.
  }
}

function signClass(text: string): string {
  const isNot = text.startsWith("!") || text.startsWith("^");
  const signs = (isNot ? text.slice(1) : text).replace(/[\\\]^[]/g, "\\$&");
  return `[${isNot ? "^" : ""}${signs}]`;
}

/** All texts that a pattern with braces stands for; null when there are too many of them, or a brace is alone. */
function expandBraces(pattern: string): string[] | null {
  const done: string[] = [];
  const waiting = [pattern];
  while (waiting.length > 0) {
    const text = waiting.pop()!;
    const close = text.indexOf("}");
    const open = close < 0 ? text.indexOf("{") : text.lastIndexOf("{", close);
    if (open < 0 && close < 0) {
      done.push(text);
      continue;
    }
    // The innermost braces come first, so that nothing between them is a brace.
    if (open < 0 || close < 0) return null;
    for (const choice of text
      .slice(open + 1, close)
      .split(",")
      .reverse()) {
      waiting.push(text.slice(0, open) + choice + text.slice(close + 1));
    }
    if (waiting.length + done.length > ALTERNATIVES_MAX) return null;
  }
  return done;
}
