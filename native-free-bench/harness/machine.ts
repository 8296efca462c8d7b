import { execFileSync } from "node:child_process";
import os from "node:os";

/** Where and of what a result was taken: a figure without it is worth nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  /** Abbreviated, with "-dirty" when the tree differed from it; "unknown" outside a repository. */
  readonly commit: string;
  readonly date: string;
  /** One-minute load average before the first run: other work on the machine shows here. */
  readonly loadBefore: number;
}

export function describeMachine(repositoryRoot: string): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    commit: commitOf(repositoryRoot),
    date: new Date().toISOString(),
    loadBefore: Number(os.loadavg()[0]!.toFixed(2)),
  };
}

function commitOf(directory: string): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const changes = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!native-free-bench/results");
    return git("rev-parse", "--short=12", "HEAD") + (changes === "" ? "" : "-dirty");
  } catch {
    return "unknown";
  }
}
