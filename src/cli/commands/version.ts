import { fileURLToPath } from "node:url";
import { readSystemText } from "../../engine/plan/read-system-text.ts";

/** The package's version, as its package.json says. */
export function packageVersion(): string {
  const manifest = readSystemText(fileURLToPath(new URL("../../../../package.json", import.meta.url)));
  return manifest === null ? "unknown" : (JSON.parse(manifest) as { version: string }).version;
}

/** One line with all that a bug report needs. */
export function versionLine(): string {
  return `stormcell ${packageVersion()} (Node ${process.versions.node}, ${process.platform} ${process.arch})`;
}
