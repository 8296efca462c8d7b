import type { Clock } from "../base/clock.ts";
import type { EngineFace } from "./engine-face.ts";
import type { RemoteProcess } from "./remote-process.ts";
import type { SupervisedChild } from "./supervisor.ts";

/** The world as the commands see it: everything that a test wants to watch or to script. */
export interface CommandContext {
  readonly engine: EngineFace;
  readonly clock: Clock;
  /** Results. */
  readonly writeOut: (text: string) => void;
  /** Progress, messages and errors. */
  readonly writeErr: (text: string) => void;
  /** Width of the terminal behind stderr; null when it is none. */
  readonly terminalColumns: () => number | null;
  /** Height of that terminal; null when it is none. */
  readonly terminalRows: () => number | null;
  /** Whether results go to a terminal, where they can be rewritten. */
  readonly isOutTerminal: () => boolean;
  /** Processes of this user whose dashboard is on, the newest first. */
  readonly findProcesses: () => Promise<readonly RemoteProcess[]>;
  /** Writes a file, relative to `folder`; resolves with its length in bytes. */
  readonly saveFile: (file: string, content: AsyncIterable<Uint8Array>) => Promise<number>;
  /** Folder that paths on the command line are relative to. */
  readonly folder: string;
  /** Calls `listener` on each SIGINT and SIGTERM until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Calls `action` every `intervalMs` until the returned function is called. */
  readonly every: (intervalMs: number, action: () => void) => () => void;
  /** Runs a command line, without the program's name, in a child process. */
  readonly startChild: (args: readonly string[]) => SupervisedChild;
  /** Resolves after that time, or as soon as `cut` is aborted. */
  readonly pause: (ms: number, cut: AbortSignal) => Promise<void>;
  /** Ends the process at once. */
  readonly exitNow: (exitCode: number) => void;
}
