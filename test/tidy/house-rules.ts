import ts from "typescript";
import { nodesOf, placeOf, type SourceFile } from "./source-tree.ts";

/** A rule finds what is against it in one file: one line per place, beginning with where it is. */
export type HouseRule = (file: SourceFile) => string[];

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 60;
export const LINE_COLUMNS_MAX = 118;

export const shortFiles: HouseRule = (file) => {
  const lines = file.text.trimEnd().split("\n").length;
  return lines <= FILE_LINES_MAX ? [] : [`${file.path}: ${lines} lines, more than ${FILE_LINES_MAX}`];
};

export const shortFunctions: HouseRule = (file) =>
  [...nodesOf(file)].flatMap((node) => {
    if (!isFunctionWithBody(node)) return [];
    const first = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line;
    const lines = file.tree.getLineAndCharacterOfPosition(node.end).line - first + 1;
    return lines <= FUNCTION_LINES_MAX
      ? []
      : [`${placeOf(file, node)}: a function of ${lines} lines, more than ${FUNCTION_LINES_MAX}`];
  });

export const shortLines: HouseRule = (file) =>
  file.text.split("\n").flatMap((line, index) => {
    const columns = [...line].length;
    return columns <= LINE_COLUMNS_MAX
      ? []
      : [`${file.path}:${index + 1}: ${columns} columns, more than ${LINE_COLUMNS_MAX}`];
  });

/** Only the memory room touches memory that threads share. */
export const sharedMemoryInItsRoom: HouseRule = (file) => {
  if (!file.path.startsWith("src/") || file.path.startsWith("src/memory/")) return [];
  return identifiers(file, ["Atomics", "SharedArrayBuffer"], (node) => `names ${node.text} outside of src/memory`);
};

/** The interleaving tests step through `Atomics.load` and the like by replacing them there. */
export const atomicsQualified: HouseRule = (file) => {
  if (!file.path.startsWith("src/")) return [];
  const found: string[] = [];
  for (const node of nodesOf(file)) {
    if (!ts.isIdentifier(node) || node.text !== "Atomics" || isPartOfType(node)) continue;
    const { parent } = node;
    const isCall =
      ts.isPropertyAccessExpression(parent) &&
      ts.isCallExpression(parent.parent) &&
      parent.parent.expression === parent;
    if (!isCall)
      found.push(`${placeOf(file, node)}: Atomics is used without a call: write Atomics.load(...) in place`);
  }
  return found;
};

/** A class that threads share says who owns which word, what always holds, and what makes writes visible. */
export const sharedClassHeader: HouseRule = (file) => {
  if (!file.path.startsWith("src/memory/")) return [];
  return [...nodesOf(file)].flatMap((node) => {
    if (!ts.isClassDeclaration(node) || !/\bAtomics\./.test(node.getText(file.tree))) return [];
    const comment = docCommentOf(file, node);
    const missing = ["Ownership:", "Invariant:", "Visibility:"].filter((word) => !comment.includes(word));
    return missing.length === 0
      ? []
      : [`${placeOf(file, node)}: class ${node.name?.text} does not say ${missing.join(" ")}`];
  });
};

/** Names alone say what is exported, and types vanish when they are stripped. */
export const plainModules: HouseRule = (file) =>
  [...nodesOf(file)].flatMap((node) => {
    const problem = plainModuleProblem(node);
    return problem === null ? [] : [`${placeOf(file, node)}: ${problem}`];
  });

function plainModuleProblem(node: ts.Node): string | null {
  if (ts.isExportAssignment(node)) return "a default export";
  if (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some((it) => it.kind === ts.SyntaxKind.DefaultKeyword) === true
  ) {
    return "a default export";
  }
  if (ts.isExportSpecifier(node) && node.name.text === "default") return "a default export";
  if (ts.isEnumDeclaration(node)) return "an enum: use a union of words, or constants";
  const isNamespace =
    ts.isModuleDeclaration(node) &&
    !ts.isStringLiteral(node.name) &&
    (node.flags & ts.NodeFlags.GlobalAugmentation) === 0;
  return isNamespace ? "a namespace: use a module" : null;
}

/** Time, chance and files come from base, so that a test can put its own in their place. */
export const worldThroughBase: HouseRule = (file) => {
  if (!file.path.startsWith("src/")) return [];
  const found: string[] = [];
  for (const node of nodesOf(file)) {
    const use = worldUse(node);
    if (use !== null && !worldRooms[use]!.includes(file.path)) {
      found.push(`${placeOf(file, node)}: uses ${use}, which only ${worldRooms[use]!.join(" and ")} may`);
    }
  }
  return found;
};

const worldRooms: Readonly<Record<string, readonly string[]>> = {
  "Math.random": ["src/base/prng.ts"],
  "Date.now": ["src/base/clock.ts"],
  "new Date()": ["src/base/clock.ts"],
  "performance.now": ["src/base/clock.ts"],
  "process.hrtime": ["src/base/clock.ts"],
  // A connector has no more than its users: files of its own, which tests can make fail.
  "the file system": ["src/base/disk.ts", "src/connectors/files/local-files.ts"],
};

function worldUse(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) {
    const text = `${node.expression.getText()}.${node.name.text}`.replace(/^globalThis\./, "");
    return Object.hasOwn(worldRooms, text) ? text : null;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments ?? []).length === 0)
    return "new Date()";
  const isFileSystem = ts.isStringLiteral(node) && /^(node:)?fs(\/promises)?$/.test(node.text);
  return isFileSystem && !ts.isPropertySignature(node.parent) ? "the file system" : null;
}

/** `unknown` makes the reader check; `any` spreads without being seen. */
export const noAny: HouseRule = (file) =>
  file.path.startsWith("src/tuple/codec/")
    ? []
    : [...nodesOf(file)]
        .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
        .map((node) => `${placeOf(file, node)}: the type any: use unknown`);

const TEST_FUNCTIONS = new Set(["test", "it", "describe", "suite"]);

/** A test that does not run says why, and none runs alone. */
export const everyTestRuns: HouseRule = (file) =>
  [...nodesOf(file)].flatMap((node) => {
    const problem = testProblem(node);
    return problem === null ? [] : [`${placeOf(file, node)}: ${problem}`];
  });

function testProblem(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node) && TEST_FUNCTIONS.has(node.expression.getText())) {
    if (node.name.text === "only") return "only this test would run";
    if (node.name.text === "skip" || node.name.text === "todo")
      return `${node.name.text} without a reason: use { skip: "why" }`;
  }
  if (ts.isPropertyAssignment(node) && isTestOption(node)) {
    const name = node.name.getText();
    if (name === "only") return "only this test would run";
    if (name === "skip" && !hasReason(node.initializer))
      return `skipped without a reason: write skip: condition && "why"`;
  }
  const isContextSkip = ts.isCallExpression(node) && node.expression.getText() === "t.skip";
  return isContextSkip && !node.arguments.some(hasReason) ? `skipped without a reason: write t.skip("why")` : null;
}

/** True for a property of the options object that a call of `test` and the like is given. */
function isTestOption(node: ts.PropertyAssignment): boolean {
  const call = node.parent.parent;
  return ts.isCallExpression(call) && TEST_FUNCTIONS.has(call.expression.getText());
}

/** A text, or something that may hold one: a name cannot be judged here. */
function hasReason(node: ts.Expression): boolean {
  if (ts.isStringLiteralLike(node)) return node.text.trim() !== "";
  if (ts.isTemplateExpression(node) || ts.isIdentifier(node) || ts.isCallExpression(node)) return true;
  if (ts.isPropertyAccessExpression(node) || node.kind === ts.SyntaxKind.FalseKeyword) return true;
  if (ts.isParenthesizedExpression(node)) return hasReason(node.expression);
  if (ts.isConditionalExpression(node)) return hasReason(node.whenTrue) && hasReason(node.whenFalse);
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken &&
    hasReason(node.right)
  );
}

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;

/** What is missing is said in the documents, where users look, not left in the code. */
export const noUnfinishedNotes: HouseRule = (file) =>
  commentsOf(file).flatMap(({ text, position }) => {
    const note = UNFINISHED.exec(text);
    return note === null ? [] : [`${placeOf(file, position)}: a comment with ${note[0]}`];
  });

/** Comments lie between tokens, also between those that `nodesOf` leaves out, such as commas. */
function commentsOf(file: SourceFile): { text: string; position: number }[] {
  const comments = new Map<number, string>();
  const waiting: ts.Node[] = [file.tree];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    waiting.push(...node.getChildren(file.tree));
    const ranges = [
      ...(ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(file.text, node.end) ?? []),
    ];
    for (const { pos, end } of ranges) comments.set(pos, file.text.slice(pos, end));
  }
  return [...comments].map(([position, text]) => ({ text, position }));
}

/** The comment directly above a declaration. */
export function docCommentOf(file: SourceFile, node: ts.Node): string {
  const ranges = ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? [];
  const last = ranges.filter(({ pos }) => file.text.startsWith("/**", pos)).at(-1);
  return last === undefined ? "" : file.text.slice(last.pos, last.end);
}

function identifiers(file: SourceFile, names: readonly string[], problem: (node: ts.Identifier) => string): string[] {
  return [...nodesOf(file)]
    .filter((node): node is ts.Identifier => ts.isIdentifier(node) && names.includes(node.text))
    .map((node) => `${placeOf(file, node)}: ${problem(node)}`);
}

/** A mention in a type, such as `typeof Atomics.wait`: nothing is called. */
function isPartOfType(node: ts.Node): boolean {
  return ts.isQualifiedName(node.parent) || ts.isTypeQueryNode(node.parent) || ts.isTypeReferenceNode(node.parent);
}

function isFunctionWithBody(node: ts.Node): boolean {
  const isFunction =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isGetAccessorDeclaration(node) ||
    ts.isSetAccessorDeclaration(node);
  return isFunction && node.body !== undefined;
}
