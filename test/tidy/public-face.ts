import ts from "typescript";
import { docCommentOf } from "./house-rules.ts";
import { placeOf, resolveImport, type SourceFile } from "./source-tree.ts";

/** Names that users can import and that have no doc comment where they are declared; exports that are not named. */
export function undocumentedExports(files: readonly SourceFile[], facePath: string): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const face = byPath.get(facePath);
  if (face === undefined) return [`there is no ${facePath}`];
  const found: string[] = [];
  for (const statement of face.tree.statements) {
    if (!ts.isExportDeclaration(statement)) {
      if (!ts.isImportDeclaration(statement))
        found.push(`${placeOf(face, statement)}: only named re-exports belong here`);
      continue;
    }
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) {
      found.push(`${placeOf(face, statement)}: name what is exported`);
      continue;
    }
    const from =
      statement.moduleSpecifier !== undefined && ts.isStringLiteral(statement.moduleSpecifier)
        ? statement.moduleSpecifier.text
        : "";
    for (const specifier of statement.exportClause.elements) {
      const name = (specifier.propertyName ?? specifier.name).text;
      const declaration = declarationOf(byPath, resolveImport(facePath, from), name);
      if (declaration === null) found.push(`${placeOf(face, specifier)}: ${name} is not declared in ${from}`);
      else if (!declaration.some(({ file, node }) => docCommentOf(file, node) !== "")) {
        found.push(
          `${placeOf(declaration[0]!.file, declaration[0]!.node)}: ${name} is public and has no doc comment`,
        );
      }
    }
  }
  return found;
}

type Declaration = { readonly file: SourceFile; readonly node: ts.Node };

/** All declarations of a name: a value and a type may share it, and one comment serves both. */
function declarationOf(
  byPath: ReadonlyMap<string, SourceFile>,
  path: string | null,
  name: string,
): Declaration[] | null {
  const file = path === null ? undefined : byPath.get(path);
  if (file === undefined) return null;
  const found: Declaration[] = [];
  for (const statement of file.tree.statements) {
    if (declaredNames(statement).includes(name)) found.push({ file, node: statement });
    const reexported = reexportOf(statement, name);
    const further =
      reexported === null ? null : declarationOf(byPath, resolveImport(file.path, reexported.from), reexported.name);
    if (further !== null) found.push(...further);
  }
  return found.length === 0 ? null : found;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((it) => it.name.getText());
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function reexportOf(statement: ts.Statement, name: string): { from: string; name: string } | null {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return null;
  const from = (statement.moduleSpecifier as ts.StringLiteral).text;
  if (statement.exportClause === undefined) return { from, name };
  if (!ts.isNamedExports(statement.exportClause)) return null;
  const element = statement.exportClause.elements.find((it) => it.name.text === name);
  return element === undefined ? null : { from, name: (element.propertyName ?? element.name).text };
}
