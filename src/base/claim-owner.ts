import { hostname } from "node:os";
import { realSystemFiles, type SystemFiles } from "./disk.ts";

/** Who holds a claim: a thread of a process, told apart from any other that ever had the same numbers. */
export interface ClaimOwner {
  readonly pid: number;
  /** When the process started, in ticks since the machine did; null where the system does not tell. */
  readonly processStart: string | null;
  /** The system's number of the thread; null where it does not tell. */
  readonly thread: number | null;
  readonly threadStart: string | null;
  /** Differs after each start of the machine; null where the system does not tell. */
  readonly boot: string | null;
  /** Which machine it is. */
  readonly machine: string;
  /** In which space of process ids, and of time, the numbers above hold. */
  readonly namespaces: string;
}

/** What the system tells about processes and threads. */
export interface ProcessView {
  readonly files: SystemFiles;
  /** Whether there is a process of that number, also one that this user must not look at. */
  exists(pid: number): boolean;
}

export const realProcesses: ProcessView = {
  files: realSystemFiles,
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
  },
};

/** The calling thread. Must be asked on the thread itself. */
export function currentOwner({ files }: ProcessView = realProcesses): ClaimOwner {
  const ownProcess = statOf(files, "/proc/self/stat");
  const ownThread = statOf(files, "/proc/thread-self/stat");
  // A /proc of another space of process ids tells nothing that others could use.
  const isOurs = isStat(ownProcess) && ownProcess.id === process.pid && isStat(ownThread);
  return {
    pid: process.pid,
    processStart: isOurs ? ownProcess.start : null,
    thread: isOurs ? ownThread.id : null,
    threadStart: isOurs ? ownThread.start : null,
    boot: lineOf(files, "/proc/sys/kernel/random/boot_id"),
    machine: [lineOf(files, "/etc/machine-id") ?? "", hostname()].join(" "),
    namespaces: ["pid", "time"].map((kind) => files.readLink(`/proc/self/ns/${kind}`) ?? "").join(" "),
  };
}

/**
 * How it is known that an owner can do nothing any more, in words; null while that is not proven. Once proven it
 * stays so. What cannot be looked at counts as alive: so does a stopped process.
 */
export function endOf(owner: ClaimOwner, own: ClaimOwner, view: ProcessView = realProcesses): string | null {
  if (owner.machine !== own.machine) return null;
  if (owner.boot !== own.boot) {
    return owner.boot === null || own.boot === null ? null : "the machine was started again since";
  }
  if (owner.namespaces !== own.namespaces) return null;
  if (!view.exists(owner.pid)) return "its process is gone";
  const stat = statOf(view.files, `/proc/${owner.pid}/stat`);
  if (!isStat(stat) || owner.processStart === null) return null;
  if (stat.start !== owner.processStart) return "its process is gone, and another one has its number";
  if (hasEnded(stat) && areThreadsOver(owner.pid, view)) return "its process has ended, and nobody has waited for it";
  return endOfThread(owner, view);
}

function endOfThread({ pid, thread, threadStart }: ClaimOwner, { files }: ProcessView): string | null {
  if (thread === null || threadStart === null) return null;
  const stat = statOf(files, `/proc/${pid}/task/${thread}/stat`);
  if (stat === null) return null;
  if (stat === "absent") return "its thread is gone";
  if (stat.start !== threadStart) return "its thread is gone, and another one has its number";
  return hasEnded(stat) ? "its thread has ended" : null;
}

/** The first thread of a process may end before the others, which may still write. */
function areThreadsOver(pid: number, { files }: ProcessView): boolean {
  const threads = files.list(`/proc/${pid}/task`);
  return (
    threads?.every((thread) => {
      const stat = statOf(files, `/proc/${pid}/task/${thread}/stat`);
      return stat === "absent" || (stat !== null && hasEnded(stat));
    }) ?? false
  );
}

interface Stat {
  readonly id: number;
  readonly state: string;
  readonly start: string;
}

/** Fields are counted behind the name, which may hold blanks and brackets itself. */
const STATE_FIELD = 0;
const START_FIELD = 19;

function statOf(files: SystemFiles, file: string): Stat | "absent" | null {
  const read = files.readText(file);
  if (read === null || read === "absent") return read;
  const nameEnd = read.text.lastIndexOf(")");
  const rest = read.text
    .slice(nameEnd + 1)
    .trim()
    .split(" ");
  const id = Number.parseInt(read.text, 10);
  const state = rest[STATE_FIELD] ?? "";
  const start = rest[START_FIELD] ?? "";
  return nameEnd > 0 && id > 0 && /^[A-Za-z]$/.test(state) && /^\d+$/.test(start) ? { id, state, start } : null;
}

function isStat(stat: Stat | "absent" | null): stat is Stat {
  return stat !== null && stat !== "absent";
}

/** A zombie, or on its way out of the table of processes: it runs nothing any more. */
function hasEnded({ state }: Stat): boolean {
  return state === "Z" || state === "X" || state === "x";
}

function lineOf(files: SystemFiles, file: string): string | null {
  const read = files.readText(file);
  if (read === null || read === "absent") return null;
  return read.text.trim() === "" ? null : read.text.trim();
}

/** An owner as it was written by another process; null when it is none. */
export function parseOwner(value: unknown): ClaimOwner | null {
  if (typeof value !== "object" || value === null) return null;
  const given = value as Partial<Record<keyof ClaimOwner, unknown>>;
  const isNumber = (id: unknown) => Number.isSafeInteger(id) && (id as number) > 0;
  const isText = (text: unknown) => typeof text === "string";
  const isWhole =
    isNumber(given.pid) &&
    (given.thread === null || isNumber(given.thread)) &&
    [given.processStart, given.threadStart, given.boot].every((text) => text === null || isText(text)) &&
    [given.machine, given.namespaces].every(isText);
  return isWhole ? (given as ClaimOwner) : null;
}
