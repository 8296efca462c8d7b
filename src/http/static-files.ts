import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Disk, realDisk } from "../base/disk.ts";

export interface StaticFile {
  readonly contentType: string;
  readonly content: Buffer;
}

/** Path of a request to the file in `src/ui/`: all there is, so nothing that a request names is joined to a path. */
const PAGES: readonly (readonly [url: string, file: string])[] = [
  ["/", "index.html"],
  ...["style.css", "app.js", "api.js", "bottleneck.js", "chart.js", "dom.js", "format.js"].map(ownFile),
  ...["graph-layout.js", "graph-view.js", "history.js", "live.js"].map(ownFile),
  ...["component-view.js", "inspector-view.js", "tables-view.js", "topology-view.js", "icon.svg"].map(ownFile),
];

/** Path of a request to a package's file, which lies beside the module that the package's name leads to. */
const PACKAGES: readonly (readonly [url: string, packageName: string, file: string])[] = [
  ["/vendor/uplot.js", "uplot", "uPlot.esm.js"],
  ["/vendor/uplot.css", "uplot", "uPlot.min.css"],
  ["/vendor/dagre.js", "@dagrejs/dagre", "dagre.esm.js"],
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

function ownFile(file: string): readonly [string, string] {
  return [`/${file}`, file];
}

/**
 * The pages' files by the path of a request. Read once, at the start of a server: they are small, and a request can
 * then do nothing to a disk. A package that is not installed is left out, and the pages do without it.
 */
export function readStaticFiles(disk: Disk = realDisk): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  const folder = path.join(packageFolder(disk), "src", "ui");
  for (const [url, file] of PAGES) files.set(url, readStatic(disk, path.join(folder, file)));
  for (const [url, packageName, file] of PACKAGES) {
    const main = tryResolve(packageName);
    if (main !== null) files.set(url, readStatic(disk, path.join(path.dirname(main), file)));
  }
  return files;
}

function readStatic(disk: Disk, file: string): StaticFile {
  return { contentType: CONTENT_TYPES[path.extname(file)]!, content: disk.readFile(file) };
}

const require = createRequire(import.meta.url);

function tryResolve(packageName: string): string | null {
  try {
    return require.resolve(packageName);
  } catch {
    return null;
  }
}

/** The package's own folder, whether sources run or what was compiled of them. */
function packageFolder(disk: Disk): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (disk.stat(path.join(folder, "package.json")) !== null) return folder;
  }
  return start;
}
