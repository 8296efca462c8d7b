/**
 * Goal:   what is acked is on the disk, in whole records, whichever call of the system fails.
 * Method: a writer over real files of which each call in turn fails; then a second writer recovers, and all files
 *         are read.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileBoltPlanOf } from "../../../../src/connectors/files/file-bolt-plan.ts";
import { FileWriter } from "../../../../src/connectors/files/file-writer.ts";
import type { FileAccess } from "../../../../src/connectors/files/local-files.ts";
import { type AnyTuple, fields, type TaskContext } from "../../../../src/index.ts";
import { FaultyFiles, type FileOperation } from "./faulty-files.ts";

const N = fields("n:int32");
const ROWS = 40;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "file-writer-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A task of a bolt, as far as a writer sees it. */
class Task {
  readonly acked: number[] = [];
  readonly failed: { readonly n: number; readonly error: unknown }[] = [];
  readonly warnings: unknown[] = [];
  readonly reported: unknown[] = [];
  nowMs = 0;
  readonly writer: FileWriter;

  constructor(access: FileAccess, options: object = {}) {
    const nothing = { mark() {}, increment() {}, set() {}, record() {} };
    const metrics = { meter: () => nothing, counter: () => nothing, gauge: () => nothing, histogram: () => nothing };
    const logger = { info: () => {}, warn: (data: unknown) => this.warnings.push(data) };
    const claim = async () => ({ check() {}, release() {} });
    const context = {
      topology: "t",
      component: "c",
      taskIndex: 0,
      nowMs: () => this.nowMs,
      metrics,
      logger,
      claim,
    } as unknown as TaskContext;
    const n = (tuple: AnyTuple) => (tuple as unknown as { n: number }).n;
    this.writer = new FileWriter(
      fileBoltPlanOf({ input: N, folder, ...options }),
      context,
      {
        ack: (tuple) => this.acked.push(n(tuple)),
        fail: (tuple, error) => this.failed.push({ n: n(tuple), error }),
        reportError: (error) => this.reported.push(error),
      },
      access,
    );
  }

  /** Rows in batches of four, one after the other. */
  async write(rows: number): Promise<void> {
    for (let n = 0; n < rows; n++) {
      this.nowMs++;
      await this.writer.take({ n } as unknown as AnyTuple);
      if (n % 4 === 3) await this.writer.settle();
    }
    await this.writer.settle();
  }
}

function filesOf(suffix: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .sort();
}

/** All records of finished files, and whether each of these is whole. */
function finishedRows(): number[] {
  return filesOf(".jsonl").flatMap((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    assert.ok(text.endsWith("\n"), `${file} ends in the middle of a record`);
    return text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { n: number }).n);
  });
}

test("without faults every row is acked and stands once in finished parts", async () => {
  const task = new Task(new FaultyFiles().access, { rotate: { rows: 10 } });
  await task.writer.start();
  await task.write(ROWS);
  await task.writer.close();
  assert.deepEqual(task.failed, []);
  assert.equal(task.acked.length, ROWS);
  assert.deepEqual(
    filesOf(""),
    ["A", "B", "C", "D"].map((letter) => `t~c-0.${letter}.jsonl`),
  );
  assert.deepEqual(
    finishedRows(),
    Array.from({ length: ROWS }, (_, n) => n),
  );
});

const FAULTS: readonly FileOperation[] = ["create", "write", "sync", "truncate", "rename", "syncFolder", "remove"];

test("whichever call fails, what was acked is in files that are whole, now or after the next start", async () => {
  const quiet = new FaultyFiles();
  const options = { rotate: { rows: 10 } };
  const first = new Task(quiet.access, options);
  await first.writer.start();
  await first.write(ROWS);
  await first.writer.close();
  for (const operation of FAULTS) {
    for (let call = 1; call <= Math.max(2, quiet.count(operation)); call++) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      const files = new FaultyFiles();
      files.fail(operation, call, "EIO", 0.4);
      // What is done about a failed write may fail as well.
      if (operation === "truncate" || operation === "remove") files.fail("write", call + 1, "ENOSPC", 0.4);
      const task = new Task(files.access, options);
      await task.writer.start();
      await task.write(ROWS);
      await task.writer.close();
      const where = `${operation}, call ${call}`;
      assert.equal(task.acked.length + task.failed.length, ROWS, where);
      for (const { error } of task.failed) assert.equal((error as { code: string }).code, "CONNECTOR_FAILED", where);
      finishedRows();
      const next = new Task(new FaultyFiles().access, options);
      await next.writer.start();
      await next.writer.close();
      assert.deepEqual(filesOf(".tmp"), [], where);
      const rows = new Set(finishedRows());
      for (const n of task.acked) assert.ok(rows.has(n), `${n} was acked and is nowhere: ${where}`);
      // Where the part could be cut, a failed row is not in it.
      if (operation === "write")
        for (const { n } of task.failed) assert.ok(!rows.has(n), `${n} was failed: ${where}`);
    }
  }
});

test("what a dead writer left is cut to whole records and finished; one without records is removed", async () => {
  const left = (letter: string, text: string) => writeFileSync(path.join(folder, `t~c-0.${letter}.jsonl.tmp`), text);
  writeFileSync(path.join(folder, "t~c-0.A.jsonl"), '{"n":0}\n');
  left("B", '{"n":1}\n{"n":2}\n{"n":3');
  left("C", '{"n":4');
  left("D", "");
  writeFileSync(path.join(folder, "t~c-1.A.jsonl.tmp"), '{"n":9}\n');
  const task = new Task(new FaultyFiles().access);
  await task.writer.start();
  await task.write(1);
  await task.writer.close();
  assert.deepEqual(finishedRows(), [0, 1, 2, 0]);
  assert.deepEqual(filesOf(""), ["t~c-0.A.jsonl", "t~c-0.B.jsonl", "t~c-0.E.jsonl", "t~c-1.A.jsonl.tmp"]);
});

test("what a dead writer left is finished under the next name where its own is taken", async () => {
  writeFileSync(path.join(folder, "t~c-0.A.jsonl"), '{"n":1}\n');
  writeFileSync(path.join(folder, "t~c-0.A.jsonl.tmp"), '{"n":2}\n{"n":');
  writeFileSync(path.join(folder, "t~c-0.C.jsonl"), '{"n":3}\n');
  const task = new Task(new FaultyFiles().access);
  await task.writer.start();
  await task.write(4);
  await task.writer.close();
  assert.deepEqual(
    filesOf(""),
    ["A", "C", "D", "E"].map((letter) => `t~c-0.${letter}.jsonl`),
  );
  assert.deepEqual(finishedRows(), [1, 3, 2, 0, 1, 2, 3]);
});

test("a line end in quotes of CSV is no record's end", async () => {
  const file = path.join(folder, "t~c-0.A.csv");
  writeFileSync(`${file}.tmp`, 'n\n1\n"two\nlines"\n"three\nlin');
  const task = new Task(new FaultyFiles().access, { format: "csv" });
  await task.writer.start();
  await task.writer.close();
  assert.equal(readFileSync(file, "utf8"), 'n\n1\n"two\nlines"\n');
  writeFileSync(path.join(folder, "t~c-0.B.csv.tmp"), "n\n");
  await task.writer.start();
  assert.deepEqual(filesOf(""), ["t~c-0.A.csv"], "a header alone is no record");
});

test("parts are completed by size, count and time", async () => {
  const sized = new Task(new FaultyFiles().access, { rotate: { bytes: 20 } });
  await sized.writer.start();
  await sized.write(12);
  assert.equal(filesOf(".jsonl").length, 4);
  rmSync(folder, { recursive: true });
  const timed = new Task(new FaultyFiles().access, { rotate: { ms: 50 } });
  await timed.writer.start();
  await timed.write(4);
  assert.deepEqual(filesOf(".jsonl"), []);
  timed.nowMs += 50;
  timed.writer.tick();
  await timed.writer.settle();
  assert.deepEqual(filesOf(""), ["t~c-0.A.jsonl"]);
});

test("bounds are met exactly, by bytes and not by signs, whatever waits to be written in one go", async () => {
  const sizesWith = async (rotate: object, rows: number) => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const task = new Task(new FaultyFiles().access, { rotate, format: ({ n }: { n: number }) => `é${n}` });
    await task.writer.start();
    for (let n = 0; n < rows; n++) void task.writer.take({ n } as unknown as AnyTuple);
    await task.writer.settle();
    const growing = filesOf(".tmp").length;
    await task.writer.close();
    assert.deepEqual(task.acked.length, rows);
    return { growing, sizes: filesOf(".txt").map((file) => readFileSync(path.join(folder, file)).length) };
  };
  // Of four bytes each.
  assert.deepEqual(await sizesWith({ bytes: 4 }, 3), { growing: 0, sizes: [4, 4, 4] });
  assert.deepEqual(await sizesWith({ bytes: 8 }, 5), { growing: 1, sizes: [8, 8, 4] });
  assert.deepEqual(await sizesWith({ bytes: 9 }, 3), { growing: 0, sizes: [12] });
  assert.deepEqual(await sizesWith({ rows: 2 }, 4), { growing: 0, sizes: [8, 8] });
  assert.deepEqual(await sizesWith({ rows: 2 }, 5), { growing: 1, sizes: [8, 8, 4] });
});

test("a row of which no record can be made fails alone", async () => {
  const task = new Task(new FaultyFiles().access, {
    format: ({ n }: { n: number }) => {
      if (n === 1) throw new Error("no line");
      return String(n);
    },
  });
  await task.writer.start();
  await task.write(3);
  await task.writer.close();
  assert.deepEqual(task.acked, [0, 2]);
  assert.deepEqual(
    task.failed.map(({ n }) => n),
    [1],
  );
  assert.equal(readFileSync(path.join(folder, "t~c-0.A.txt"), "utf8"), "0\n2\n");
});

test("syncs are as many as the policy says", async () => {
  const files = new FaultyFiles();
  const task = new Task(files.access, { sync: { rows: 10, ms: 1_000 } });
  await task.writer.start();
  const row = { n: 1 } as unknown as AnyTuple;
  for (let k = 0; k < 9; k++) task.writer.take(row);
  await new Promise(setImmediate);
  assert.equal(task.acked.length, 0);
  task.writer.take(row);
  await new Promise(setImmediate);
  await task.writer.settle();
  assert.equal(task.acked.length, 10);
  assert.equal(files.count("sync"), 1);
  task.writer.take(row);
  task.writer.tick();
  task.nowMs += 1_000;
  task.writer.tick();
  await task.writer.settle();
  assert.equal(task.acked.length, 11);
  assert.equal(files.count("sync"), 2);
});

test("at most inFlightMax rows wait", async () => {
  const task = new Task(new FaultyFiles().access, { sync: { rows: 1_000, ms: 1_000 }, inFlightMax: 5 });
  await task.writer.start();
  const row = { n: 1 } as unknown as AnyTuple;
  for (let k = 0; k < 4; k++) assert.equal(task.writer.take(row), undefined);
  const held = task.writer.take(row);
  assert.ok(held instanceof Promise);
  await held;
  assert.equal(task.acked.length, 5);
});
