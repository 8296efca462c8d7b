import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";

/** A topology that is to be run with certain credentials. */
export interface Attempt {
  readonly name: string;
  readonly topology: "relay" | "copier";
  readonly options: object;
  /** The run is ended when so many messages are done, or have failed; without it, it ends by itself. */
  readonly endsAfter?: { readonly acked: number; readonly failed: number };
}

/** What became of it. */
export interface AttemptEnd {
  readonly name: string;
  /** That of the run's summary, or the code of its error. */
  readonly outcome: string;
  readonly ms: number;
  /** Errors with their causes and stacks, metrics, totals, the plan. */
  readonly text: string;
}

const PROGRAM = path.resolve(import.meta.dirname, "run-attempts.js");
/** Under a loaded machine; what is waited for by the clock is `connectTimeoutMs`, which is 3,000. */
export const FAILS_WITHIN_MS = 6_000;

/** Runs them in one process with all of its log, and looks for the secrets in whatever it has said. */
export async function endsOf(attempts: readonly Attempt[], secrets: readonly string[]): Promise<AttemptEnd[]> {
  const said = await new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 50_000 };
    execFile(process.execPath, [PROGRAM, JSON.stringify(attempts)], options, (error, stdout, stderr) =>
      error === null
        ? resolve({ stdout, stderr })
        : reject(new Error(`ended with ${error.code}:\n${stderr.slice(-4_000)}`)),
    );
  });
  const ends = said.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AttemptEnd);
  for (const secret of secrets) {
    for (const { name, text } of ends) assert.ok(!text.includes(secret), `${name} shows "${secret}":\n${text}`);
    const line = said.stderr.split("\n").find((one) => one.includes(secret));
    assert.equal(line, undefined, `the log shows "${secret}"`);
  }
  return ends;
}

/** That it failed at its start, soon, and with these words. */
export function assertRefused(end: AttemptEnd, words: RegExp): void {
  assert.equal(end.outcome, "TASK_FAILED", `${end.name}: ${end.text}`);
  assert.match(end.text, /CONNECTOR_FAILED/, end.name);
  assert.match(end.text, words, `${end.name}: ${end.text}`);
  assert.ok(end.ms < FAILS_WITHIN_MS, `${end.name} took ${Math.round(end.ms)} ms to fail`);
}
