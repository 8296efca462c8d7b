import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { benchmarkNames } from "../../../native-free-bench/benchmarks.ts";
import { readResultFiles } from "../../../native-free-bench/harness/result-file.ts";

const main = path.resolve(import.meta.dirname, "..", "..", "..", "native-free-bench", "main.js");

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
}

/**
 * Goal:   no benchmark rots unnoticed.
 * Method: run all of them at tiny sizes, each side in its own process with its answer checked, and read what they
 *         leave.
 */
test("every benchmark runs at smoke size and gives a right answer", () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-"));
  try {
    const { status, stdout, stderr } = bench("--smoke", "--out", directory);
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.equal(readdirSync(directory).length, benchmarkNames.length);
    for (const { result, machine } of readResultFiles(directory).values()) {
      assert.ok(machine.cores >= 1);
      assert.equal(result.calibration?.readingsNs.length, 2);
      for (const [side, { runs, skipped, whose }] of Object.entries(result.sides)) {
        if (skipped !== undefined) {
          assert.equal(whose, "rival", `${result.name}, ${side}: only a rival may be skipped`);
          assert.notEqual(skipped, "");
          assert.equal(runs.length, 0);
          continue;
        }
        assert.equal(runs.length, 1);
        const { cores, peakRssMb } = runs[0]!.detail!;
        assert.ok(cores! >= 0 && cores! <= 2 * machine.cores, `${result.name}, ${side}: ${cores} cores`);
        assert.ok(peakRssMb! > 20, `${result.name}, ${side}: ${peakRssMb} MB`);
        assert.ok(
          Number.isFinite(runs[0]!.value) && runs[0]!.value > 0,
          `${result.name}, ${side}: ${runs[0]!.value}`,
        );
      }
      assert.deepEqual(result.bars, [], "smoke sizes are not judged");
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("an unknown benchmark is refused with the names there are", () => {
  const { status, stderr } = bench("two-hops");
  assert.equal(status, 1);
  assert.match(stderr, /no benchmark is called "two-hops".*one-hop/);
});

test("--list names every benchmark and runs none", () => {
  const { status, stdout } = bench("--list");
  assert.equal(status, 0);
  for (const name of benchmarkNames) assert.match(stdout, new RegExp(`^${name} `, "m"));
});
