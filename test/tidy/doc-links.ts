import * as path from "node:path";

/** A page of prose: its path from the root of the repository, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Relative links that lead nowhere, and links to headings that do not exist: one line each. */
export function brokenLinks(pages: readonly Page[], exists: (file: string) => boolean): string[] {
  const anchorsOf = new Map(pages.map((page) => [page.path, anchors(page.text)]));
  return pages.flatMap((page) =>
    [...withoutCode(page.text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
      if (/^[a-z]+:/i.test(target!)) return [];
      const [file = "", anchor] = target!.split("#");
      const found = file === "" ? page.path : path.posix.normalize(`${path.posix.dirname(page.path)}/${file}`);
      if (!exists(found)) return [`${page.path} links to ${target}, and there is no ${found}`];
      if (anchor === undefined || anchorsOf.get(found)?.has(anchor) !== false) return [];
      return [`${page.path} links to ${target}, and ${found} has no such heading`];
    }),
  );
}

/**
 * Paths of this repository that pages name and that do not exist: from the root (`src/base/log.ts`), or the end of a
 * path (`executor/outlet.ts`). Names with placeholders are left alone.
 */
export function missingPaths(pages: readonly Page[], files: readonly string[]): string[] {
  const known = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
  return pages.flatMap((page) => {
    const named = [...withoutFences(page.text).matchAll(/`([^`\s]+)`/g)].map(([, name]) => name!);
    return named
      .filter((name) => !/[<>*{}(]/.test(name) && !isKnown(name.replace(/\/$/, ""), known))
      .map((name) => `${page.path} names ${name}, which does not exist`);
  });
}

function isKnown(name: string, known: ReadonlySet<string>): boolean {
  if (/^(src|test|docs|native-free-bench)\//.test(name)) return known.has(name);
  const isTail = /^[\w-]+(\/[\w.-]+)*\/[\w.-]+\.(ts|mjs|fbs)$/.test(name);
  return !isTail || [...known].some((file) => file.endsWith(`/${name}`));
}

function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Code may look like links and names. */
function withoutCode(text: string): string {
  return withoutFences(text).replaceAll(/`[^`\n]*`/g, "");
}

function withoutFences(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, "");
}

/** The names under which headings can be linked to: small letters, blanks as hyphens, other signs left out. */
function anchors(text: string): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
