import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";

/** A source file as the rules see it: its path from the root of the repository, with slashes, and its syntax tree. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Tests run from `dist/`: the root is the nearest folder above that has a package.json and is not in `dist`. */
export function repositoryRoot(start: string = import.meta.dirname): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "package.json")) && !folder.split(path.sep).includes("dist")) return folder;
    if (folder === path.dirname(folder)) throw new Error(`no package.json above ${start}`);
  }
}

/** Code that other programs wrote is not ours to style. */
const GENERATED = /\/generated\//;

/** All TypeScript below some folders of the repository. */
export function sourceFilesBelow(root: string, folders: readonly string[]): SourceFile[] {
  return filesBelow(root, folders)
    .filter((file) => /\.[cm]?ts$/.test(file) && !GENERATED.test(file))
    .map((file) => sampleFile(file, readFileSync(path.join(root, file), "utf8")));
}

/** Folders of what others made: installed packages, and what Maven builds. */
const MADE_FOLDERS = ["node_modules", "target"];

/** Paths of all files below some folders, from the root, sorted. */
export function filesBelow(root: string, folders: readonly string[]): string[] {
  const files: string[] = [];
  for (const folder of folders) {
    const absolute = path.join(root, folder);
    if (!existsSync(absolute)) continue;
    for (const entry of readdirSync(absolute, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/");
      if (!file.split("/").some((part) => MADE_FOLDERS.includes(part))) files.push(file);
    }
  }
  return files.sort();
}

/** A file that is only a text: what a rule's own test gives it. */
export function sampleFile(file: string, text: string): SourceFile {
  return { path: file, text, tree: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true) };
}

/** Where a node or a position is, as people and editors write it. */
export function placeOf(file: SourceFile, at: ts.Node | number): string {
  const position = typeof at === "number" ? at : at.getStart(file.tree);
  return `${file.path}:${file.tree.getLineAndCharacterOfPosition(position).line + 1}`;
}

/** Every node of a file, in the order of the text. */
export function* nodesOf(file: SourceFile): Generator<ts.Node> {
  const waiting: ts.Node[] = [file.tree];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    yield node;
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => {
      children.push(child);
    });
    waiting.push(...children.reverse());
  }
}

export interface ImportOf {
  /** As written: "./engine-error.ts", "node:fs", "pino". */
  readonly specifier: string;
  readonly node: ts.Node;
}

/** All ways to depend on a module: import, export from, import(), import types, require(), a url of this module. */
export function importsOf(file: SourceFile): ImportOf[] {
  const imports: ImportOf[] = [];
  for (const node of nodesOf(file)) {
    const specifier = specifierOf(node);
    if (specifier !== null) imports.push({ specifier, node });
  }
  return imports;
}

function specifierOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : null;
  if (ts.isCallExpression(node)) {
    const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === "require";
    return isImport ? textOf(node.arguments[0]) : null;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "URL") {
    const [target, base] = node.arguments ?? [];
    return base?.getText() === "import.meta.url" ? textOf(target) : null;
  }
  return null;
}

function textOf(node: ts.Node | undefined): string | null {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : null;
}

/** The path of the source file that a relative specifier means; null for packages and built-ins. */
export function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  return path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

/** Fails with one line per violation, and nothing else. */
export function assertNone(violations: readonly string[]): void {
  if (violations.length > 0) assert.fail(`\n${violations.join("\n")}`);
}
