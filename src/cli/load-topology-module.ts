import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { realDisk } from "../base/disk.ts";
import { EngineError } from "../base/engine-error.ts";
import { checkId } from "../base/ids.ts";
import { nearestName } from "../base/nearest-name.ts";
import { enableTypeScript } from "../engine/worker/enable-typescript.ts";
import { resolvePackage } from "../engine/worker/resolve-package.ts";

export interface NamedTopology {
  /** For people, and for the run: the name of its export, or that of the file for a default export. */
  readonly name: string;
  /** All names that it is exported by. */
  readonly exports: readonly string[];
  readonly topology: object;
}

export interface LoadRequest {
  /** A path, a file URL, or the name of a package. */
  readonly module: string;
  /** Folder that paths are relative to, and from which packages are looked up. */
  readonly folder: string;
  readonly isTopology: (value: unknown) => boolean;
}

const EXTENSIONS = [".js", ".mjs", ".ts", ".mts"];

/**
 * Imports a module and finds the topologies among its exports. One that is exported under several names counts once.
 *
 * @throws EngineError MODULE_NOT_FOUND, MODULE_FAILED, MODULE_TYPESCRIPT, MODULE_NO_TOPOLOGY
 */
export async function loadTopologies(request: LoadRequest): Promise<NamedTopology[]> {
  const file = locateModule(request);
  await enableTypeScript(file);
  const exported = await importModule(file);
  const exportsOf = new Map<object, string[]>();
  for (const [name, value] of Object.entries(exported)) {
    if (!request.isTopology(value)) continue;
    exportsOf.set(value as object, [...(exportsOf.get(value as object) ?? []), name]);
  }
  const fileName = path.basename(file, path.extname(file));
  const topologies = [...exportsOf].map(([topology, exports]) => ({
    name: legalName(exports.find((name) => name !== "default") ?? fileName),
    exports,
    topology,
  }));
  if (topologies.length > 0) return topologies;
  throw new EngineError("MODULE_NO_TOPOLOGY", {
    problem: `module "${request.module}" exports no topology`,
    facts: { file, exports: Object.keys(exported) },
    remedy: "export what defineTopology returns: export const job = defineTopology(import.meta.url, ...)",
  });
}

/**
 * The topology of that name, or the only one there is.
 *
 * @throws EngineError MODULE_UNKNOWN_TOPOLOGY, MODULE_SEVERAL_TOPOLOGIES
 */
export function chooseTopology(topologies: readonly NamedTopology[], name: string | undefined): NamedTopology {
  const names = topologies.map(({ exports }) => exports.find((exported) => exported !== "default") ?? "default");
  if (name !== undefined) {
    const chosen = topologies.find(({ exports }) => exports.includes(name));
    if (chosen !== undefined) return chosen;
    throw new EngineError("MODULE_UNKNOWN_TOPOLOGY", {
      problem: `the module exports no topology "${name}"`,
      facts: { topologies: names },
      remedy: `choose one of them: --topology ${nearestName(name, names) ?? names[0]}`,
    });
  }
  if (topologies.length === 1) return topologies[0]!;
  throw new EngineError("MODULE_SEVERAL_TOPOLOGIES", {
    problem: `the module exports ${topologies.length} topologies`,
    facts: { topologies: names },
    remedy: `choose one of them: --topology ${names[0]}`,
  });
}

/** A name that a run may have; exports and files may have others. */
function legalName(name: string): string {
  const legal = name
    .replaceAll(/[^\w.-]/g, "-")
    .replaceAll(/\.{2,}/g, ".")
    .replace(/^(__|[.-])+/, "");
  return checkId("topology", legal) === null ? legal : "topology";
}

/** The module's file. What does not look like a path or script is a package, unless a file has that name. */
function locateModule({ module, folder }: LoadRequest): string {
  const looksLikePath = /^\.{0,2}\/|\.[mc]?[jt]s$/.test(module);
  const file = module.startsWith("file:") ? fileOfUrl(module) : path.resolve(folder, module);
  if (isFile(file)) return file;
  if (!looksLikePath && !module.startsWith("file:")) {
    const resolved = resolvePackage(module, folder);
    if (resolved !== null) return resolved;
  }
  const extension = EXTENSIONS.find((candidate) => isFile(file + candidate));
  throw new EngineError("MODULE_NOT_FOUND", {
    problem: `there is no module "${module}"`,
    facts: looksLikePath || module.startsWith("file:") ? { file } : { file, package: `${module}, from ${folder}` },
    remedy:
      extension === undefined
        ? `name a file, relative to ${folder}, or an installed package`
        : `write ${module}${extension}`,
  });
}

function isFile(file: string): boolean {
  return realDisk.stat(file)?.kind === "file";
}

function fileOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new EngineError("MODULE_NOT_FOUND", {
      problem: `"${url}" is not the URL of a file on this machine`,
      remedy: "write it as file:///folder/module.js, or as a path",
    });
  }
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("MODULE_FAILED", {
      problem: "the module could not be loaded",
      facts: { file, error: cause instanceof Error ? cause.message.split("\n")[0] : String(cause) },
      remedy: "make it load by itself first, with node",
      cause,
    });
  }
}
