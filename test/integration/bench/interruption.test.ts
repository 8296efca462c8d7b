import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { runBenchmark } from "../../../native-free-bench/harness/run-benchmark.ts";
import { microRing } from "../../../native-free-bench/micro/ring.ts";

const main = path.resolve(import.meta.dirname, "..", "..", "..", "native-free-bench", "main.js");
const skip = existsSync("/proc/self/environ") ? false : "processes can be looked for in /proc alone";

/** Command lines of all processes whose environment holds `mark`, which children inherit. */
function processesWith(mark: string): string[] {
  return readdirSync("/proc").flatMap((id) => {
    try {
      if (!/^\d+$/.test(id) || !readFileSync(`/proc/${id}/environ`, "latin1").includes(mark)) return [];
      return [readFileSync(`/proc/${id}/cmdline`, "latin1").replaceAll("\0", " ")];
    } catch {
      // It has ended in the meantime, or is not ours to look at.
      return [];
    }
  });
}

/** Looks again in every round of the event loop until `predicate` holds; fails after ten seconds. */
async function until(predicate: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!predicate()) {
    assert.ok(performance.now() < deadlineMs, "what was waited for did not happen");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Goal:   an interrupted run leaves no process and no half-written file.
 * Method: interrupt a smoke run while the process of a side is there, and look for anything that inherited its
 *         environment.
 */
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends a run with all its processes`, { skip }, async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-"));
    const temporary = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-tmp-"));
    const mark = randomUUID();
    try {
      const child = spawn(process.execPath, [main, "--smoke", "--out", directory], {
        env: { ...process.env, STORMCELL_TEST_MARK: mark, TMPDIR: temporary },
        stdio: "ignore",
      });
      const exit = once(child, "exit");
      await until(
        () =>
          readdirSync(directory).length > 0 &&
          processesWith(mark).some((command) => command.includes("side-process.js")),
      );
      child.kill(signal);
      const [code] = await exit;
      assert.equal(code, 128 + os.constants.signals[signal]);
      assert.deepEqual(processesWith(mark), []);
      assert.deepEqual(readdirSync(temporary), []);
      for (const file of readdirSync(directory)) {
        assert.match(file, /^[a-z-]+\.json$/);
        assert.doesNotThrow(() => JSON.parse(readFileSync(path.join(directory, file), "utf8")));
      }
    } finally {
      rmSync(directory, { recursive: true });
      rmSync(temporary, { recursive: true });
    }
  });
}

test("a run whose harness is killed ends by itself", { skip }, async () => {
  const mark = randomUUID();
  // What was killed cannot remove its temporary files.
  const temporary = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-tmp-"));
  try {
    const child = spawn(process.execPath, [main, "--smoke"], {
      env: { ...process.env, STORMCELL_TEST_MARK: mark, TMPDIR: temporary },
      stdio: "ignore",
    });
    const exit = once(child, "exit");
    await until(() => processesWith(mark).some((command) => command.includes("side-process.js")));
    child.kill("SIGKILL");
    await exit;
    await until(() => processesWith(mark).length === 0);
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

test("a side that is late is ended, with what it started", { skip }, async () => {
  const late = { ...microRing, sideTimeoutMs: 1 };
  await assert.rejects(
    runBenchmark(late, { size: "smoke", runs: 1 }),
    /micro-ring, short, long: no result within 0\.001 s/,
  );
});
