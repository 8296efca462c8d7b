import ts from "typescript";
import { placeOf, resolveImport, type SourceFile } from "./source-tree.ts";

/** The name of every sub-path's own file: `src/connectors/redis/index.ts`. */
export function isConnectorFace(file: string): boolean {
  return /^src\/connectors\/[a-z0-9-]+\/index\.ts$/.test(file);
}

/**
 * Names that connectors import from other rooms although `src/index.ts` does not export them: what a connector can
 * do, a user's own component could not. One line each.
 */
export function namesNotPublic(files: readonly SourceFile[]): string[] {
  const face = files.find(({ path }) => path === "src/index.ts");
  if (face === undefined) return ["there is no src/index.ts"];
  const exported = new Set(face.tree.statements.flatMap((statement) => exportsOf(face, statement)));
  return files
    .filter(({ path }) => path.startsWith("src/connectors/"))
    .flatMap((file) =>
      file.tree.statements.flatMap((statement) =>
        importsFromRooms(file, statement)
          .filter(({ name, from }) => !exported.has(`${from} ${name}`))
          .map(({ name, from }) => `${placeOf(file, statement)}: ${name} of ${from} is not exported by src/index.ts`),
      ),
    );
}

function exportsOf(face: SourceFile, statement: ts.Statement): string[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return [];
  const from = resolveImport(face.path, (statement.moduleSpecifier as ts.StringLiteral).text);
  const clause = statement.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return [];
  return clause.elements.map((element) => `${from} ${(element.propertyName ?? element.name).text}`);
}

function importsFromRooms(file: SourceFile, statement: ts.Statement): { name: string; from: string }[] {
  if (!ts.isImportDeclaration(statement)) return [];
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
  const from = specifier.startsWith(".") ? resolveImport(file.path, specifier) : null;
  if (from === null || from.startsWith("src/connectors/")) return [];
  const bindings = statement.importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [{ name: "everything", from }];
  return bindings.elements.map((element) => ({ name: (element.propertyName ?? element.name).text, from }));
}
