import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Where and of what a result was taken: a figure without it is worth nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  /** Abbreviated, with "-dirty" and a hash of the changes if there are any; "unknown" outside a repository. */
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

/** What has to be the same for a figure to be comparable: the commit is what one compares. */
export function settingOf(machine: Machine): string {
  const { cpu, cores, memoryGb, kernel, node } = machine;
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${kernel}, Node ${node}`;
}

/** The whole of it on one line. */
export function machineLine(machine: Machine): string {
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}, ` +
    `commit ${machine.commit}, ${machine.date}, load ${machine.loadBefore}`
  );
}

/** What a benchmark is made of; results and pages that it writes are not. */
const MEASURED_PATHS = ["src", "native-free-bench", "package.json", "package-lock.json", "tsconfig.json"];

function commitOf(directory: string): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const paths = ["--", ...MEASURED_PATHS, ":!native-free-bench/results"];
    const changes = git("diff", "HEAD", ...paths);
    const added = git("ls-files", "--others", "--exclude-standard", ...paths);
    const commit = git("rev-parse", "--short=12", "HEAD");
    return changes + added === "" ? commit : `${commit}-dirty-${hashOf(directory, changes, added)}`;
  } catch {
    return "unknown";
  }
}

/** Tells one state of a changed tree from another. */
function hashOf(directory: string, changes: string, added: string): string {
  const hash = createHash("sha256").update(changes).update(added);
  for (const file of added.split("\n")) if (file !== "") hash.update(readFileSync(path.join(directory, file)));
  return hash.digest("hex").slice(0, 8);
}
