import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { stopWhenInterrupted } from "./interruption.ts";
import { endOfGroup } from "./process-group.ts";

const STEP_TIMEOUT_MS = 10 * 60_000;

/** A tree of the project that is built: this one, or another commit beside it. */
export interface Tree {
  readonly root: string;
  readonly commit: string;
}

/**
 * Checks `revision` out into a clone under the temporary directory, builds it there, and calls `use` with it. The
 * clone borrows the objects of the repository, which learns nothing of it. It is removed when `use` has ended,
 * however it ended, and when this process is interrupted.
 */
export async function withOtherTree<T>(
  repository: string,
  revision: string,
  use: (other: Tree) => Promise<T>,
): Promise<T> {
  const commit = commitNamed(repository, revision);
  const parent = mkdtempSync(path.join(os.tmpdir(), "stormcell-compare-"));
  const root = path.join(parent, "tree");
  // A link among what is removed is removed itself, never what it leads to.
  const remove = () => rmSync(parent, { recursive: true, force: true });
  const forget = stopWhenInterrupted(remove);
  try {
    await run("git", ["clone", "--quiet", "--shared", "--no-checkout", repository, root], repository);
    await run("git", ["checkout", "--quiet", "--detach", commit], root);
    await installPackages(repository, root);
    await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], root);
    return await use({ root, commit: commit.slice(0, 12) });
  } finally {
    forget();
    remove();
  }
}

/** The whole name of a commit; throws when there is none. */
export function commitNamed(repository: string, revision: string): string {
  try {
    return git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`).trim();
  } catch {
    throw new Error(`there is no commit "${revision}"`);
  }
}

/** The same packages if the lock files are the same; else those of the other tree. */
async function installPackages(repository: string, root: string): Promise<void> {
  const ours = path.join(repository, "node_modules");
  if (existsSync(ours) && lockOf(repository) === lockOf(root)) {
    symlinkSync(realpathSync(ours), path.join(root, "node_modules"), "dir");
    return;
  }
  await run("npm", ["ci", "--no-audit", "--no-fund", "--silent"], root);
}

function lockOf(root: string): string | null {
  const file = path.join(root, "package-lock.json");
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

function git(repository: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2_000);
    });
  const what = `${command} ${args.join(" ")}`;
  const lateProblem = `${what}: not done within ${STEP_TIMEOUT_MS / 1_000} s`;
  const { code, signal } = await endOfGroup(child, { timeoutMs: STEP_TIMEOUT_MS, lateProblem });
  if (code !== 0) throw new Error(`${what}: ended with code ${code}, signal ${signal}: ${said.trim()}`);
}
