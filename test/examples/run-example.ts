import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";

const examples = path.resolve(import.meta.dirname, "../../docs/examples");
const TIMEOUT_MS = 60_000;

export interface ProgramRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a compiled example as a program of its own. One that does not end by itself is killed: status null. */
export async function runExample(name: string, args: readonly string[] = []): Promise<ProgramRun> {
  const child = spawn(process.execPath, [path.join(examples, `${name}.js`), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // Else an example that is itself a test would speak to the runner of this one, in its own tongue.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const [[status], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}
