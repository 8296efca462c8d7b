/**
 * Goal:   whatever can be iterated is a spout, whatever it does: shares, streams, waits without end, failures.
 * Method: sources in topologies that hand on what they give; scripts where it counts how a source was let go of.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after } from "node:test";
import { EngineError, LocalCluster } from "../../../src/index.ts";
import { runScript } from "./run-script.ts";
import {
  type FailingForm,
  failing,
  fileLines,
  plainSources,
  shares,
  type WaitingForm,
} from "./topologies/sources.ts";

const deadline = { timeout: 20_000 };
const scratch = mkdtempSync(path.join(tmpdir(), "sources-"));
after(() => rmSync(scratch, { recursive: true }));

for (const tasks of [1, 3, 5]) {
  test(`fromIterable with ${tasks} tasks that take shares: every row once`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 2 });
    const limit = 5000;
    const run = await cluster.submitTopology("shares", shares, { options: { tasks, limit } });
    const seen = new Uint8Array(limit);
    for await (const { n } of run.outputs.numbers) seen[n]!++;
    assert.ok(seen.every((times) => times === 1));
    assert.equal((await run.completed()).outcome, "completed");
  });
}

for (const runtime of ["threads", "inline"] as const) {
  test(`arrays, sets, generators, async generators, streams, nothing (${runtime})`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 1, runtime });
    const run = await cluster.submitTopology("plain", plainSources);
    const all = await Promise.all(
      Object.values(run.outputs).map(async (output: AsyncIterable<{ readonly n: number }>) => {
        const rows = [];
        for await (const { n } of output) rows.push(n);
        return rows;
      }),
    );
    assert.deepEqual(all, [[1, 2], [3, 4], [5], [6], [7, 8], []]);
    await run.completed();
  });
}

test("a file by its stream, line by line and chunk by chunk", deadline, async () => {
  const file = path.join(scratch, "lines.txt");
  const lines = Array.from({ length: 3000 }, (_, n) => `line ${n} of a file`);
  writeFileSync(file, lines.join("\n"));
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("file", fileLines, { options: { file } });
  const [read, chunks] = await Promise.all([collect(run.outputs.lines), collect(run.outputs.chunks)]);
  assert.deepEqual(read, lines);
  assert.equal(chunks.join(""), lines.join("\n"));
  assert.equal((await run.completed()).outcome, "completed");
});

const forms: readonly WaitingForm[] = ["generator", "iterator", "stream", "endless"];
for (const runtime of ["threads", "inline"]) {
  for (const form of forms) {
    for (const ending of ["drain", "kill"]) {
      test(
        `${ending} while a source waits or goes on (${form}, ${runtime}): it is let go of, and at once`,
        deadline,
        async () => {
          const { status, stdout, stderr } = await runScript("let-go.js", { args: [form, ending, runtime] });
          assert.equal(status, 0, stderr);
          const outcome = ending === "kill" ? "killed" : "drained";
          assert.equal(stdout.trim(), form === "endless" ? outcome : `${outcome} 1`);
          assert.deepEqual(
            stderr
              .trim()
              .split("\n")
              .map((line) => JSON.parse(line).msg as string),
            ["let go"],
          );
        },
      );
    }
  }
}

const failures: readonly [form: FailingForm, hook: string][] = [
  ["iterable", "open"],
  ["generator", "nextTuple"],
  ["asyncGenerator", "nextTuple"],
  ["stream", "nextTuple"],
  ["missingFile", "nextTuple"],
  ["notIterable", "open"],
  ["wrongValue", "nextTuple"],
];
for (const [form, hook] of failures) {
  test(`an error of a source fails the run with it (${form})`, deadline, async () => {
    await using cluster = new LocalCluster({ workers: 1, logLevel: "silent" });
    const failed = cluster.submitTopology("failing", failing, { options: { form } }).then((run) => run.completed());
    await assert.rejects(failed, (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, "TASK_FAILED");
      assert.equal(error.facts.hook, hook);
      assert.equal(error.facts.component, "source");
      const cause = error.cause as Error;
      if (form === "notIterable") assert.equal((cause as EngineError).code, "COMPONENT_NOT_ITERABLE");
      else if (form === "wrongValue") assert.equal((cause as EngineError).code, "TUPLE_VALUE_INVALID");
      else if (form === "missingFile") assert.match(cause.message, /ENOENT/);
      else assert.deepEqual([cause.name, cause.message], ["RangeError", "planted"]);
      return true;
    });
  });
}

async function collect(output: AsyncIterable<{ readonly line: string }>): Promise<string[]> {
  const lines = [];
  for await (const { line } of output) lines.push(line);
  return lines;
}
