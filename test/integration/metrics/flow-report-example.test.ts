import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MESSAGES = 60_000;
const INTERVAL_MS = 100;
const program = fileURLToPath(new URL("../../../docs/examples/flow-report/main.js", import.meta.url));

/** Goal: the example of the docs prints one line per interval, and its lines sum to what went each way. */
test("the flow report of the example sums to the messages", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(MESSAGES), String(INTERVAL_MS)]);
  const lines = stdout
    .trim()
    .split("\n")
    .filter((line) => line.startsWith('{"time_stamp"'))
    .map((line) => JSON.parse(line) as Record<string, string | number>);
  const sum = (name: string) => lines.reduce((total, line) => total + (line[name] as number), 0);
  assert.equal(sum("from_kafka"), MESSAGES);
  assert.equal(sum("replayed"), 0);
  assert.deepEqual([sum("to_redis"), sum("to_hdfs")], [MESSAGES, MESSAGES]);
  // Amounts are n * 37 modulo 500, which comes to each number once in 500; a fifth of them is large.
  assert.equal(sum("to_kafka"), MESSAGES / 5);
  const stamps = lines.map((line) => String(line.time_stamp));
  assert.deepEqual(stamps, [...new Set(stamps)].sort(), "stamps follow each other, none twice");
  assert.ok(lines.every((line) => line.process_name === "orders"));
});
