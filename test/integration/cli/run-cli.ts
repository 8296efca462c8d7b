import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.js", import.meta.url));

/** Folder of the compiled topology modules. */
export const topologies = fileURLToPath(new URL("./topologies/", import.meta.url));

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command in a process of its own, as a script would. */
export async function runCli(
  args: readonly string[],
  settings: { readonly folder?: string } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: settings.folder ?? topologies,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  return { exitCode, stdout, stderr };
}

/** The first word of the first line: an error's code. */
export function codeIn({ stderr }: CliResult): string {
  return stderr.split(":")[0] ?? "";
}
