import { isConnectorFace } from "./connector-imports.ts";
import { importsOf, resolveImport, type SourceFile } from "./source-tree.ts";

/**
 * Files of src that are started or imported from outside: everything else must be reached from them, or from the
 * `index.ts` of a connector.
 */
export const entryFiles: readonly string[] = [
  "src/index.ts",
  "src/cli/main.ts",
  "src/testing/index.ts",
  // Threads start with these; their urls are put together when it is known whether sources or built files run.
  "src/engine/acker/acker-main.ts",
  "src/engine/worker/worker-main.ts",
  "src/engine/worker/offload-main.ts",
];

/**
 * Files of src that nobody reaches from an entry file; a test that imports a file does not keep it alive.
 * Files that are there for tests alone are named with a reason by the caller.
 */
export function deadFiles(files: readonly SourceFile[], kept: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const faces = files.map(({ path }) => path).filter(isConnectorFace);
  const waiting = [...entryFiles, ...faces, ...kept];
  while (waiting.length > 0) {
    const current = waiting.pop()!;
    const file = byPath.get(current);
    if (file === undefined || reached.has(current)) continue;
    reached.add(current);
    for (const { specifier } of importsOf(file)) {
      const target = resolveImport(current, specifier);
      if (target !== null) waiting.push(target);
    }
  }
  return files.map((file) => file.path).filter((path) => !reached.has(path));
}
