import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

export const repository = path.resolve(import.meta.dirname, "../../../..");

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export async function runProgram(program: string, args: readonly string[], folder: string): Promise<Finished> {
  const settings = { cwd: folder, timeout: 240_000, maxBuffer: 64 * 1024 * 1024 };
  try {
    return { status: 0, ...(await execute(program, args, settings)) };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { status: code, stdout, stderr };
  }
}

/** Packs what would be published. The tests are compiled from the same tree, so it is built already. */
export async function packPackage(folder: string): Promise<string> {
  const packed = await runProgram("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], repository);
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stderr}`);
  const [tarball] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  return path.join(folder, tarball!);
}

/** An empty project with nothing but the package installed, as npm would do it for anyone. */
export async function installInto(folder: string, tarball: string): Promise<void> {
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  const installed = await runProgram("npm", ["install", ...flags, tarball], folder);
  if (installed.status !== 0) throw new Error(`npm install failed: ${installed.stderr}`);
}

/** Compiles the project's TypeScript with this repository's compiler, checking the package's declarations too. */
export function compileProject(folder: string): Promise<Finished> {
  const config = {
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023", "ESNext.Disposable"],
      module: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      types: ["node"],
      typeRoots: [path.join(repository, "node_modules/@types")],
    },
  };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(config));
  return runProgram(process.execPath, [path.join(repository, "node_modules/typescript/bin/tsc")], folder);
}
