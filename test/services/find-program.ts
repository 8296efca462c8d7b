import { accessSync, constants } from "node:fs";
import path from "node:path";

/** Where a program is, by the folders of PATH and those in which servers are installed; null when it is nowhere. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/bin", "/usr/sbin", "/usr/local/bin"];
  for (const folder of folders) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next one may have it.
    }
  }
  return null;
}
