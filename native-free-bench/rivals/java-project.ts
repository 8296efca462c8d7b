import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { Size } from "../harness/benchmark.ts";
import { repositoryRoot } from "../harness/places.ts";
import { withLinesFile } from "../input/lines-file.ts";
import type { WindowParams } from "../topology/programs/window.ts";
import { runRival } from "./rival-process.ts";
import type { RivalReport } from "./rival-report.ts";

/** Sizes of a side in Java: compiling takes its time, so it warms up for longer than ours. */
export type RivalWindowParams = WindowParams & { readonly rivalWarmupMs: number; readonly rivalWindowMs: number };

/** What the program is asked to do, by the names that the README beside this file explains. */
export type ProgramArguments = Readonly<Record<string, string | number | boolean>>;

/** For starting the JVM and what runs in it, which takes ten seconds, and for draining. */
const AROUND_THE_WINDOW_MS = 60_000;
const MAVEN_TIMEOUT_MS = 10 * 60_000;
const JAVA_RELEASE_MIN = 17;

/** The projects stay where their sources are. */
export const rivalsDirectory = path.join(repositoryRoot, "native-free-bench", "rivals");

/** A Maven project beside this file, whose jar and libraries lie in its `target` once it was built. */
export class JavaProject {
  readonly #directory: string;
  readonly #jar: string;
  readonly #mainClass: string;

  constructor(name: string, mainClass: string) {
    this.#directory = path.join(rivalsDirectory, name);
    this.#jar = path.join(this.#directory, "target", `${name}-rival.jar`);
    this.#mainClass = mainClass;
  }

  /** Why it cannot run here, or null. At full size a jar that is missing or older than its sources is built. */
  async skipReason(size: Size): Promise<string | null> {
    const release = javaRelease();
    if (release === null) return "java not found";
    if (release < JAVA_RELEASE_MIN) return `java ${JAVA_RELEASE_MIN} or later not found`;
    if (this.#isBuilt()) return null;
    if (size === "smoke") return "not built yet: a full run does that";
    if (spawnSync("mvn", ["--version"]).status !== 0) return "mvn not found";
    return this.#build();
  }

  /** Runs the main class with the text of all word counts at hand; resolves with its report. */
  run(
    title: string,
    jvm: readonly string[],
    program: ProgramArguments,
    { rivalWarmupMs, rivalWindowMs }: RivalWindowParams,
  ): Promise<RivalReport> {
    const libraries = path.join(this.#directory, "target", "lib", "*");
    const classPath = [this.#jar, libraries].join(path.delimiter);
    const seconds = { warmupSeconds: rivalWarmupMs / 1_000, windowSeconds: rivalWindowMs / 1_000 };
    return withLinesFile(async (lines) => {
      const args = Object.entries({ ...program, ...seconds, lines }).map(([key, value]) => `${key}=${value}`);
      const line = await runRival({
        title,
        command: "java",
        args: [...jvm, "-cp", classPath, this.#mainClass, ...args],
        timeoutMs: rivalWarmupMs + rivalWindowMs + AROUND_THE_WINDOW_MS,
      });
      return JSON.parse(line) as RivalReport;
    });
  }

  /** Maven fetches the libraries once; a machine that cannot reach its repository skips the rival and says so. */
  async #build(): Promise<string | null> {
    const args = ["-q", "-B", "-f", path.join(this.#directory, "pom.xml"), "package"];
    try {
      await runRival({ title: "mvn package", command: "mvn", args, timeoutMs: MAVEN_TIMEOUT_MS });
      return null;
    } catch (error) {
      return `could not be built: ${error instanceof Error ? error.message.split("\n")[0]! : String(error)}`;
    }
  }

  #isBuilt(): boolean {
    if (!existsSync(this.#jar)) return false;
    const builtMs = statSync(this.#jar).mtimeMs;
    const shared = path.join(rivalsDirectory, "java-shared");
    const sources = [path.join(this.#directory, "pom.xml")];
    for (const folder of [path.join(this.#directory, "src"), shared]) {
      for (const name of readdirSync(folder, { recursive: true })) sources.push(path.join(folder, String(name)));
    }
    return sources.every((file) => statSync(file).mtimeMs <= builtMs);
  }
}

/** The release of the `java` on the path, or null when there is none; one before 9 does not know the question. */
function javaRelease(): number | null {
  const { error, status, stdout } = spawnSync("java", ["--version"], { encoding: "utf8" });
  if (error !== undefined) return null;
  // The first line is such as "openjdk 17.0.15 2025-04-15".
  return status === 0 ? Number(/ (\d+)/.exec(stdout)?.[1] ?? 0) : 0;
}
