import { createRequire } from "node:module";
import path from "node:path";
import { readSystemText } from "../plan/read-system-text.ts";

/** Conditions of an `exports` map that hold for an import by Node. */
const CONDITIONS = new Set(["node", "import", "module-sync", "default"]);

/**
 * The file that `import` of a package name would load from a folder; null when there is none. Node 20 cannot tell:
 * its own resolver answers for the importing file, which is ours, or for `require`, which sees other exports.
 */
export function resolvePackage(specifier: string, folder: string): string | null {
  const [, name, subpath] = /^((?:@[^/]+\/)?[^/@][^/]*)(\/.+)?$/.exec(specifier) ?? [];
  if (name === undefined) return null;
  const root = findPackage(name, folder);
  if (root === null) return null;
  const manifest = parseManifest(readSystemText(path.join(root, "package.json")));
  if (manifest?.exports === undefined || manifest.exports === null) return requireFrom(specifier, folder);
  const target = targetOf(manifest.exports, `.${subpath ?? ""}`);
  return target === null ? null : path.join(root, target);
}

function findPackage(name: string, folder: string): string | null {
  for (let current = folder; ; current = path.dirname(current)) {
    const root = path.join(current, "node_modules", name);
    if (readSystemText(path.join(root, "package.json")) !== null) return root;
    if (current === path.dirname(current)) return null;
  }
}

function parseManifest(text: string | null): { readonly exports?: unknown } | null {
  try {
    return text === null ? null : (JSON.parse(text) as { readonly exports?: unknown });
  } catch {
    return null;
  }
}

function requireFrom(specifier: string, folder: string): string | null {
  try {
    return createRequire(path.join(folder, "stormcell.js")).resolve(specifier);
  } catch {
    return null;
  }
}

/** Patterns with "*" are not followed: a topology is a package's own entry or a named one. */
function targetOf(exports: unknown, subpath: string): string | null {
  if (typeof exports !== "object" || exports === null || Array.isArray(exports)) {
    return subpath === "." ? fileOf(exports) : null;
  }
  const hasSubpaths = Object.keys(exports).some((key) => key.startsWith("."));
  if (!hasSubpaths) return subpath === "." ? fileOf(exports) : null;
  return fileOf((exports as Record<string, unknown>)[subpath]);
}

/** The first condition that holds decides, as in Node. */
function fileOf(target: unknown): string | null {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return null;
  for (const [condition, inner] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const file = fileOf(inner);
    if (file !== null) return file;
  }
  return null;
}
