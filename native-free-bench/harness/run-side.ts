import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Measurement, Size } from "./benchmark.ts";
import { stopWhenInterrupted } from "./interruption.ts";
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

/**
 * Runs sides in a fresh process that leads its own group, of which nothing is left when this is settled or
 * interrupted. Its temporary files are in a directory of its own, so that they go too, however it ended.
 */
export async function runSide(run: SideRun): Promise<readonly Measurement[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-side-"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const forget = stopWhenInterrupted(remove);
  try {
    return await runIn(directory, run);
  } finally {
    forget();
    remove();
  }
}

async function runIn(directory: string, run: SideRun): Promise<readonly Measurement[]> {
  const what = `${run.benchmark}, ${run.sides.join(", ")}`;
  const child = fork(
    run.entry ?? new URL("./side-process.js", import.meta.url),
    [run.benchmark, run.size, ...run.sides],
    {
      execArgv: [...(run.execArgv ?? [])],
      env: { ...environmentOfFork(), TMPDIR: directory, TEMP: directory },
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
