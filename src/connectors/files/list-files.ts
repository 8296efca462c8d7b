import * as path from "node:path";
import { EngineError } from "../../base/engine-error.ts";
import { connectorFailed } from "../shared/connector-failed.ts";
import { fileFailed } from "./file-failed.ts";
import { type FileAccess, type FileFacts, localFiles } from "./local-files.ts";
import { type GlobPart, isGlob, matchesPart, parseGlob } from "./match-glob.ts";

/** A file as it was when it was found: plain data, which can be handed to a topology in its options. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly device: number;
  readonly inode: number;
  readonly modifiedMs: number;
}

/** What `fileBolt` has not finished yet. */
export const UNFINISHED = ".tmp";

/**
 * The files that paths stand for, each once, in the order of their names: files, folders with all that is below them,
 * and patterns such as "logs/*.gz" or "logs/**\/{a,b}-*.csv". Below a folder names that begin with a full stop or end
 * with ".tmp" are left out. Symbolic links are followed where they are named, not where they are met.
 *
 * @throws EngineError INPUT_NOT_FOUND for what does not exist, and for a pattern that nothing matches;
 * CONNECTOR_FAILED for what cannot be read
 */
export function listFiles(paths: string | readonly string[], access: FileAccess = localFiles): ListedFile[] {
  const found = new Map<string, ListedFile>();
  for (const named of typeof paths === "string" ? [paths] : paths) {
    try {
      listNamed(named, access, found);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw fileFailed("listFiles", "list", (error as NodeJS.ErrnoException).path ?? named, error);
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function listNamed(named: string, access: FileAccess, found: Map<string, ListedFile>): void {
  const facts = access.facts(named);
  // A name is what it says, before it is a pattern: "draft[1].txt" may exist.
  if (facts !== null) takeEntry(named, facts, access, found);
  else if (isGlob(named)) listGlob(named, access, found);
  else throw notFound(named, "there is no file or folder");
}

function takeEntry(named: string, facts: FileFacts, access: FileAccess, found: Map<string, ListedFile>): void {
  if (facts.kind === "file") takeFile(named, facts, access, found);
  else if (facts.kind === "folder") takeFolder(named, access, found);
  else {
    throw connectorFailed({
      connector: "listFiles",
      operation: "list",
      path: named,
      problem: "it is neither a file nor a folder",
      remedy: "name files and folders only: pipes and devices have no positions to go on at",
    });
  }
}

/** Two names of one file are one file; the first that comes is what it is called. */
function takeFile(file: string, facts: FileFacts, access: FileAccess, found: Map<string, ListedFile>): void {
  const key = access.realPath(file);
  if (found.has(key)) return;
  const { bytes, device, inode, modifiedMs } = facts;
  found.set(key, { path: file, bytes, device, inode, modifiedMs });
}

function takeFolder(folder: string, access: FileAccess, found: Map<string, ListedFile>): void {
  const waiting = [folder];
  while (waiting.length > 0) {
    const current = waiting.pop()!;
    for (const { name, kind } of access.entries(current)) {
      if (name.startsWith(".") || name.endsWith(UNFINISHED)) continue;
      const entry = path.join(current, name);
      if (kind !== "other") checkName(entry, access);
      if (kind === "folder") waiting.push(entry);
      else if (kind === "file") takeMet(entry, access, found);
    }
  }
}

/** What a folder shows of a name that is no UTF-8 names nothing: such a file would be left out without a word. */
function checkName(entry: string, access: FileAccess): void {
  if (!entry.includes("\ufffd") || access.facts(entry) !== null) return;
  throw connectorFailed({
    connector: "listFiles",
    operation: "list",
    path: entry,
    problem: "a name that is no UTF-8 cannot be opened",
    remedy: "rename that file or folder, or move it away",
  });
}

/** It may be gone between being met and being looked at. */
function takeMet(file: string, access: FileAccess, found: Map<string, ListedFile>): void {
  const facts = access.facts(file);
  if (facts?.kind === "file") takeFile(file, facts, access, found);
}

function listGlob(pattern: string, access: FileAccess, found: Map<string, ListedFile>): void {
  const alternatives = parseGlob(pattern);
  if (alternatives === null) throw notFound(pattern, "this pattern cannot be read:");
  const matched = new Set<string>();
  for (const parts of alternatives) {
    const isAbsolute =
      parts.length > 1 && typeof parts[0] === "object" && "literal" in parts[0] && parts[0].literal === "";
    const walk: Walk = { access, parts, matched, seen: new Set() };
    if (isAbsolute) walkGlob(walk, "/", 1);
    else walkGlob(walk, "", 0);
  }
  if (matched.size === 0) throw notFound(pattern, "no file matches the pattern");
  for (const file of matched) takeMet(file, access, found);
}

interface Walk {
  readonly access: FileAccess;
  readonly parts: readonly GlobPart[];
  readonly matched: Set<string>;
  /** Folder and part: two `**` would come to the same place in many ways. */
  readonly seen: Set<string>;
}

function walkGlob(walk: Walk, folder: string, index: number): void {
  const key = `${index}:${folder}`;
  if (walk.seen.has(key)) return;
  walk.seen.add(key);
  const { access, parts } = walk;
  const part = parts[index]!;
  const isLast = index === parts.length - 1;
  if (part !== "folders" && "literal" in part) {
    const next = path.join(folder, part.literal);
    const kind = access.facts(next)?.kind;
    if (isLast && kind === "file") walk.matched.add(next);
    else if (!isLast && kind === "folder") walkGlob(walk, next, index + 1);
    return;
  }
  if (part === "folders" && !isLast) walkGlob(walk, folder, index + 1);
  for (const { name, kind } of access.entries(folder === "" ? "." : folder)) {
    const entry = path.join(folder, name);
    if (part === "folders") {
      if (name.startsWith(".")) continue;
      if (kind !== "other") checkName(entry, access);
      if (kind === "folder") walkGlob(walk, entry, index);
      else if (kind === "file" && isLast) walk.matched.add(entry);
    } else if (matchesPart(part, name)) {
      if (kind !== "other") checkName(entry, access);
      if (isLast && kind === "file") walk.matched.add(entry);
      else if (!isLast && kind === "folder") walkGlob(walk, entry, index + 1);
    }
  }
}

function notFound(named: string, what: string): EngineError {
  return new EngineError("INPUT_NOT_FOUND", {
    problem: `${what} "${named}"`,
    facts: { "looked at": path.resolve(named) },
    remedy: "name files and folders that exist, or a pattern that some file matches",
  });
}
