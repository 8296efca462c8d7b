import os from "node:os";
import path from "node:path";
import { type PrivateDisk, realPrivateDisk } from "../base/disk.ts";
import { EngineError } from "../base/engine-error.ts";

/** What the command line needs to talk to a process. */
export interface PortFile {
  readonly version: 1;
  readonly pid: number;
  /** Random: tells whether the server at that url still is the one that wrote the file. */
  readonly instance: string;
  readonly url: string;
  readonly token: string;
  /** ms since 1970. */
  readonly startedMs: number;
}

const FILES_MAX = 64;
const NAME_PATTERN = /^([1-9]\d{0,9})\.json$/;

/** Where processes of this user leave their files. */
export function portFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.STORMCELL_RUN_DIR) return path.resolve(env.STORMCELL_RUN_DIR);
  if (env.XDG_RUNTIME_DIR) return path.join(env.XDG_RUNTIME_DIR, "stormcell");
  return path.join(os.tmpdir(), `stormcell-${process.getuid?.() ?? os.userInfo().username}`);
}

/**
 * Writes the file of this process; the returned function removes it again.
 *
 * @throws EngineError UI_FOLDER_UNSAFE
 */
export function writePortFile(
  content: PortFile,
  { folder = portFolder(), disk = realPrivateDisk }: { readonly folder?: string; readonly disk?: PrivateDisk } = {},
): () => void {
  const file = path.join(folder, `${content.pid}.json`);
  let wrong: string | null;
  try {
    wrong = disk.openFolder(folder);
    if (wrong === null) disk.writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  if (wrong !== null) {
    throw new EngineError("UI_FOLDER_UNSAFE", {
      problem: "the folder for the command line's file is not fit for a secret",
      facts: { folder, reason: wrong },
      remedy: "set STORMCELL_RUN_DIR to a folder that only you can use (mode 0700)",
    });
  }
  return () => {
    // Another server of this process may have written it anew.
    if (tryRead(disk, file)?.instance === content.instance) disk.remove(file);
  };
}

export interface ReadPortFiles {
  readonly folder?: string;
  readonly disk?: PrivateDisk;
  /** Whether a process of that number exists. */
  readonly isAlive?: (pid: number) => boolean;
}

/**
 * The files of processes that exist, the newest first. Files of processes that are gone are removed. Whether a
 * server still is the one that wrote its file has to be asked of the server itself, before a token is sent to it.
 *
 * @throws EngineError UI_FOLDER_UNSAFE
 */
export function readPortFiles({
  folder = portFolder(),
  disk = realPrivateDisk,
  isAlive = processExists,
}: ReadPortFiles = {}): PortFile[] {
  const names = disk.list(folder).filter((name) => NAME_PATTERN.test(name));
  if (names.length === 0) return [];
  const wrong = disk.openFolder(folder);
  if (wrong !== null) {
    // What others may write there could send our token anywhere.
    throw new EngineError("UI_FOLDER_UNSAFE", {
      problem: "the folder with the files of running processes is not fit for secrets",
      facts: { folder, reason: wrong },
      remedy: "remove it, or set STORMCELL_RUN_DIR to a folder that only you can use (mode 0700)",
    });
  }
  const found: PortFile[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const pid = Number(NAME_PATTERN.exec(name)![1]);
    if (!isAlive(pid)) {
      disk.remove(file);
      continue;
    }
    const content = tryRead(disk, file);
    if (content?.pid === pid) found.push(content);
  }
  return found.sort((one, other) => other.startedMs - one.startedMs).slice(0, FILES_MAX);
}

/** Null for what is no such file, or one of another version. */
function tryRead(disk: PrivateDisk, file: string): PortFile | null {
  try {
    const content = JSON.parse(disk.readFile(file)) as Partial<PortFile> | null;
    const isOurs =
      content?.version === 1 &&
      Number.isInteger(content.pid) &&
      typeof content.startedMs === "number" &&
      typeof content.token === "string" &&
      typeof content.instance === "string" &&
      typeof content.url === "string" &&
      content.url.startsWith("http://");
    return isOurs ? (content as PortFile) : null;
  } catch {
    return null;
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // It exists, and is not ours.
  }
}
