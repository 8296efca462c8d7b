import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { EngineError, type ErrorCode, LocalCluster, type LocalClusterConfig } from "../../../src/index.ts";

/** Nothing that a test waits for may take this long: a hang fails. */
export const DEADLINE = { timeout: 20_000 };

export const RUNTIMES = ["threads", "inline"] as const;
export type Runtime = (typeof RUNTIMES)[number];

export function clusterFor(runtime: Runtime, config: LocalClusterConfig = {}): LocalCluster {
  return new LocalCluster({ workers: 1, runtime, logLevel: "silent", pin: "off", ...config });
}

/** The coded error with which a promise rejects. */
export async function rejectionOf(promise: Promise<unknown>, code: ErrorCode): Promise<EngineError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof EngineError, `rejected with something without a code: ${String(error)}`);
    assert.equal(error.code, code, error.stack);
    return error;
  }
  assert.fail(`resolved, instead of rejecting with ${code}`);
}

/** Waits, turn by turn of the event loop, until something holds; the test's own deadline bounds it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

/** Threads of this process: null where the system does not tell. */
export function threadCount(): number | null {
  try {
    return readdirSync("/proc/self/task").length;
  } catch {
    return null;
  }
}
