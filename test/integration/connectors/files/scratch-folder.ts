import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder that is gone at the end of its block. */
export class ScratchFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), "stormcell-files-"));

  at(...names: string[]): string {
    return path.join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
