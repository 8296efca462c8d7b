import type { EngineError } from "../../base/engine-error.ts";
import { connectorFailed } from "../shared/connector-failed.ts";

/** What to look at, by what the system says. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: "give the user of this process the right to do that there",
  EEXIST: "choose another name: a file that is none of ours has this one",
  EDQUOT: "make room: the quota of this user is used up",
  EFBIG: "the system lets no file grow further: raise its limit, or let files be rotated at a smaller size",
  EIO: "look at the disk: it does not do what it should",
  EISDIR: "name a file: this is a folder",
  EMFILE: "raise the number of files that a process may have open",
  ENOENT: "see that it is there, and stays there while the topology runs",
  ENOSPC: "make room: the disk is full",
  ENOTDIR: "name a folder: this is a file, or a part of the path is one",
  EPERM: "give the user of this process the right to do that there",
  EROFS: "choose a folder on a file system that can be written",
};

/** The error for a call of the system that failed. */
export function fileFailed(connector: string, operation: string, path: string, cause: unknown): EngineError {
  const code = String((cause as NodeJS.ErrnoException | null)?.code);
  const remedy = REMEDIES[code] ?? "the cause says what the system did not like";
  return connectorFailed({ connector, operation, path, cause, remedy });
}

/** The error for a file that is not what it was when the spout looked for files. */
export function fileChanged(connector: string, path: string, how: string): EngineError {
  return connectorFailed({
    connector,
    operation: "read",
    path,
    problem: `the file ${how} while it was read`,
    remedy: "read files that are complete, or that are only written at their end; move others away before",
  });
}
