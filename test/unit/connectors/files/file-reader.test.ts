/**
 * Goal:   a task that is opened with any of its positions emits what came behind it, and nothing else.
 * Method: readers of all formats, plain and packed, over random files; each position is tried. SEED repeats a run.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Prng } from "../../../../src/base/prng.ts";
import { FileReader } from "../../../../src/connectors/files/file-reader.ts";
import type { FileSpoutPlan } from "../../../../src/connectors/files/file-spout-plan.ts";
import { FileLine } from "../../../../src/connectors/files/row-formats.ts";
import { fields, type TaskContext } from "../../../../src/index.ts";
import { SEED } from "./random-seed.ts";

const folder = mkdtempSync(path.join(tmpdir(), "file-reader-"));
after(() => rmSync(folder, { recursive: true }));

const Pair = fields("a:string", "n:int32");
const NOTHING = { mark() {}, increment() {}, set() {}, record() {} };
const METRICS = { meter: () => NOTHING, counter: () => NOTHING, gauge: () => NOTHING, histogram: () => NOTHING };

interface Emitted {
  readonly values: readonly unknown[];
  readonly position: unknown;
}

function planFor(paths: readonly string[], changes: Partial<FileSpoutPlan>): FileSpoutPlan {
  const csv = { separator: ",", quote: '"', header: true, multiline: true };
  const fieldsOf = changes.format === undefined || changes.format === "lines" ? FileLine : Pair;
  return {
    paths,
    files: null,
    format: "lines",
    fields: fieldsOf,
    gzip: "auto",
    csv,
    rangeBytes: 200,
    lineBytesMax: 1000,
    badMessages: "bad",
    isTracked: true,
    ...changes,
  };
}

/** What the tasks emit from there on, to the end, one after the other. */
async function emittedBy(plan: FileSpoutPlan, position?: unknown, taskCount = 1, bad: unknown[] = []) {
  const rows: Emitted[] = [];
  for (let taskIndex = 0; taskIndex < taskCount; taskIndex++) {
    const context = {
      component: "c",
      taskIndex,
      taskCount,
      tupleBytesMax: Number.POSITIVE_INFINITY,
      metrics: METRICS,
      shared: (_name: string, create: () => unknown) => create(),
    } as unknown as TaskContext;
    const collector = {
      emit: (values: readonly unknown[], _id: unknown, at: unknown) => rows.push({ values, position: at }),
      emitTo: (_stream: string, values: unknown) => bad.push(values),
    };
    const reader = new FileReader(plan, context, collector as never);
    reader.open({ position });
    for (let before = rows.length; (await reader.nextTuple()) !== "exhausted"; before = rows.length) {
      assert.ok(rows.length > before, "a call without a row is followed by a pause");
    }
    reader.close();
  }
  return rows;
}

function randomRecords(prng: Prng, count: number): (readonly [string, number])[] {
  const text = () => ["a", "b c", "é", 'q"', "x,y", "two\nlines", ""][prng.below(7)]!;
  return Array.from({ length: count }, (_, n) => [`${text()}${text()}`, n] as const);
}

function write(format: "lines" | "json" | "csv", name: string, records: readonly (readonly [string, number])[]) {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = records.map(([a, n]) =>
    format === "csv"
      ? `${quoted(a)},${n}`
      : format === "json"
        ? JSON.stringify({ a, n })
        : `${a.replaceAll("\n", " ")} ${n}`,
  );
  const text = `${format === "csv" ? "a,n\r\n" : ""}${lines.join("\r\n")}`;
  const file = path.join(folder, name);
  writeFileSync(file, name.endsWith(".gz") ? gzipSync(text) : text);
  return file;
}

for (const format of ["lines", "json", "csv"] as const) {
  test(`${format}: each position leads to what came behind it, in plain and packed files`, async (t) => {
    t.diagnostic(`SEED=${SEED}`);
    const prng = new Prng(SEED);
    const all = [0, 1, 2].map((k) => randomRecords(prng, 30 + k));
    const paths = all.map((records, k) => write(format, `${format}-${k}${k === 1 ? ".gz" : ""}`, records));
    const plan = planFor(paths, { format });
    const rows = await emittedBy(plan);
    const expected =
      format === "lines"
        ? all.flat().map(([a, n]) => `${a.replaceAll("\n", " ")} ${n}`)
        : all.flat().map(([a, n]) => [a, n]);
    assert.deepEqual(
      rows.map(({ values }) => (format === "lines" ? values[2] : values)),
      expected,
    );
    for (const [k, { position }] of rows.entries()) {
      assert.deepEqual(await emittedBy(plan, position), rows.slice(k + 1), `row ${k}`);
    }
  });
}

test("several tasks emit together what one does, CSV without line ends in quotes cut into ranges too", async () => {
  const prng = new Prng(SEED);
  const records = randomRecords(prng, 200).map(([a, n]) => [a.replaceAll("\n", " "), n] as const);
  const csv = { separator: ",", quote: '"', header: true, multiline: false };
  for (const format of ["lines", "json", "csv"] as const) {
    const plan = planFor([write(format, `many-${format}`, records)], { format, csv });
    const one = (await emittedBy(plan)).map(({ values }) => JSON.stringify(values)).sort();
    const four = (await emittedBy(plan, undefined, 4)).map(({ values }) => JSON.stringify(values)).sort();
    assert.equal(one.length, 200);
    assert.deepEqual(four, one);
  }
});

test("lines that are not tracked share a position, which leads behind all of them", async () => {
  const lines = Array.from({ length: 150 }, (_, n) => [`line ${n}`, n] as const);
  const plan = planFor([write("lines", "untracked", lines)], { isTracked: false });
  const rows = await emittedBy(plan);
  assert.equal(rows.length, 150);
  const marked = rows.flatMap(({ position }, k) => (position === undefined ? [] : [k]));
  assert.ok(marked.length < 50 && marked.at(-1) === 149, String(marked));
  for (const k of marked) {
    assert.equal((await emittedBy(plan, rows[k]!.position)).length, 149 - k);
  }
});

test("a position of other files is refused", async () => {
  const file = write("lines", "grows", [["a", 1]]);
  const plan = planFor([file], {});
  const [first] = await emittedBy(plan);
  writeFileSync(file, "a 1\r\nmore");
  await assert.rejects(emittedBy(plan, first!.position), { code: "CONNECTOR_FAILED", message: /listFiles/ });
});

test("what makes no rows is read on at once", async () => {
  const file = path.join(folder, "empty-lines.json");
  const rows = ["", "no json", "x".repeat(2000)].flatMap((line) => new Array<string>(3000).fill(line));
  writeFileSync(file, `${rows.join("\n")}\n{"a":"last","n":1}\n`);
  const bad: unknown[] = [];
  const found = await emittedBy(planFor([file], { format: "json" }), undefined, 1, bad);
  assert.deepEqual(
    found.map(({ values }) => values),
    [["last", 1]],
  );
  assert.equal(bad.length, 6000);
});

test("what is too long is told once, and not again behind it", async () => {
  const file = path.join(folder, "long.gz");
  writeFileSync(file, gzipSync(`first\n${"x".repeat(5000)}\nlast\n`));
  const plan = planFor([file], {});
  const bad: unknown[] = [];
  const rows = await emittedBy(plan, undefined, 1, bad);
  assert.deepEqual(
    rows.map(({ values }) => values[2]),
    ["first", "last"],
  );
  assert.equal(bad.length, 1);
  await emittedBy(plan, rows[1]!.position, 1, bad);
  assert.equal(bad.length, 1);
});

test("of a quote that is never closed it is told where it stands, and what it takes with it", async () => {
  const file = path.join(folder, "open-quote.csv");
  const lines = ["a,n", "x,1", '"open,2', ...Array.from({ length: 400 }, (_, n) => `y,${n}`)];
  writeFileSync(file, lines.join("\n"));
  const bad: unknown[][] = [];
  const rows = await emittedBy(planFor([file], { format: "csv" }), undefined, 1, bad);
  const [[origin, position, reason, bytes]] = bad as [[string, string, string, Uint8Array]];
  assert.deepEqual([bad.length, origin, position, String(Buffer.from(bytes))], [1, file, "8", '"open,2']);
  const left = Number(/too long: (\d+) lines/.exec(reason)?.[1]);
  assert.ok(left > 100, reason);
  assert.equal(rows.length, lines.length - 1 - left);
});
