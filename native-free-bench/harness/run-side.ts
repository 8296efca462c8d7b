import { fork } from "node:child_process";
import type { Measurement, Size } from "./benchmark.ts";
import { endOfGroup } from "./process-group.ts";
import { environmentOfFork } from "./side-clock.ts";
import type { SideReport } from "./side-process.ts";

export interface SideRun {
  readonly benchmark: string;
  readonly size: Size;
  /** More than one share the process, one after the other. */
  readonly sides: readonly string[];
  readonly timeoutMs: number;
  /** The compiled `side-process.js` to start: that of this tree, or of another one. */
  readonly entry?: string | URL;
  /** Options of Node. */
  readonly execArgv?: readonly string[];
}

/** Runs sides in a fresh process that leads its own group, of which nothing is left when this is settled. */
export async function runSide(run: SideRun): Promise<readonly Measurement[]> {
  const what = `${run.benchmark}, ${run.sides.join(", ")}`;
  const child = fork(
    run.entry ?? new URL("./side-process.js", import.meta.url),
    [run.benchmark, run.size, ...run.sides],
    {
      execArgv: [...(run.execArgv ?? [])],
      env: environmentOfFork(),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    },
  );
  let report: SideReport | undefined;
  child.once("message", (message) => {
    report = message as SideReport;
  });
  const { timeoutMs } = run;
  const lateProblem = `${what}: no result within ${timeoutMs / 1_000} s`;
  const { code, signal } = await endOfGroup(child, { timeoutMs, lateProblem });
  if (report?.kind === "measured") return report.measurements;
  if (report?.kind === "failed") throw new Error(`${run.benchmark}, side ${report.side}: ${report.stack}`);
  throw new Error(`${what}: ended with code ${code}, signal ${signal}`);
}
