import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { kafkaMissing } from "../../services/kafka.ts";

const POSITIONS = 5_000;
const program = fileURLToPath(new URL("../../../docs/examples/flow/main.js", import.meta.url));

/** Goal: the flow story ends by itself, with lines that sum to what the topics hold by the broker's own account. */
async function tell(...more: string[]): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(POSITIONS), "200", ...more]);
  const lines = stdout.trim().split("\n");
  const sums = lines
    .filter((line) => line.startsWith('{"time_stamp"'))
    .map((line) => JSON.parse(line) as Record<string, number>);
  const sum = (name: string) => sums.reduce((total, line) => total + line[name]!, 0);
  assert.deepEqual([sum("from_kafka"), sum("to_redis"), sum("to_files")], [POSITIONS, POSITIONS, POSITIONS]);
  assert.equal(sum("replayed"), 0);
  assert.match(lines.at(-1)!, /^5000 positions, \d+ of them too fast: the lines sum to that$/);
}

test("the flow story with servers", { timeout: 120_000, skip: kafkaMissing() }, () => tell());

test("the flow story with files in their place", { timeout: 120_000 }, () => tell("files"));
