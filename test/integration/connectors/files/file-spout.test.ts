/**
 * Goal:   files are read by any number of tasks, nothing twice and nothing left out, and at least once when threads
 *         die; what changes while it is read is told.
 * Method: real topologies over files made here; each line is known by its file and offset.
 */
import assert from "node:assert/strict";
import { appendFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { listFiles } from "../../../../src/connectors/files/index.ts";
import { type EngineError, LocalCluster, type TopologyConfig } from "../../../../src/index.ts";
import { killThread } from "../../../../src/testing/index.ts";
import { DEADLINE, rejectionOf } from "../../engine/helpers.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { type ReadOptions, readLines, readOrders } from "./topologies/read-files.ts";

const QUIET: TopologyConfig = { logLevel: "silent", pin: "off" };

function textOf(lines: number, tag: string): string {
  return Array.from({ length: lines }, (_, n) => `${tag} ${n} ${"x".repeat(n % 60)}${n % 9 === 0 ? "é" : ""}`).join(
    "\n",
  );
}

/** By path and offset, each line of the text. */
function expectedOf(path: string, text: string, into: Map<string, string>): void {
  let offset = 0;
  for (const line of text.split("\n")) {
    into.set(`${path} ${offset}`, line);
    offset += Buffer.byteLength(line) + 1;
  }
}

/** How often each line was seen. */
async function countLines(
  options: ReadOptions,
  onLine: (seen: number, run: Awaited<ReturnType<typeof submit>>) => void = () => {},
): Promise<Map<string, number>> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await submit(cluster, options);
  const counts = new Map<string, number>();
  let seen = 0;
  for await (const { path, offset, line } of run.outputs.seen) {
    const key = `${path} ${offset} ${line}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    onLine(++seen, run);
  }
  await run.completed();
  return counts;
}

function submit(cluster: LocalCluster, options: ReadOptions) {
  return cluster.submitTopology("read", readLines, { options, config: QUIET });
}

function keysOf(expected: ReadonlyMap<string, string>): string[] {
  return [...expected].map(([place, line]) => `${place} ${line}`).sort();
}

for (const tasks of [1, 2, 3, 4]) {
  for (const isAgreed of [false, true]) {
    const how = isAgreed ? "an agreed list" : "paths";
    test(`${tasks} tasks over ${how} read every line of plain and packed files once`, DEADLINE, async () => {
      using folder = new ScratchFolder();
      const expected = new Map<string, string>();
      for (const [name, lines] of [
        ["a.txt", 3_000],
        ["b.txt", 1],
        ["c.txt", 500],
      ] as const) {
        const text = textOf(lines, name);
        expectedOf(folder.at(name), text, expected);
        writeFileSync(folder.at(name), text);
      }
      writeFileSync(folder.at("empty.txt"), "");
      for (const name of ["d.gz", "no-extension"]) {
        const text = textOf(400, name);
        expectedOf(folder.at(name), text, expected);
        writeFileSync(folder.at(name), Buffer.concat([gzipSync(text.slice(0, 5000)), gzipSync(text.slice(5000))]));
      }
      const paths = [folder.path];
      const counts = await countLines({ tasks, ...(isAgreed ? { files: listFiles(paths) } : { paths }) });
      assert.deepEqual([...counts.keys()].sort(), keysOf(expected));
      assert.ok([...counts.values()].every((count) => count === 1));
    });
  }
}

test("lines that fail come again until they are acked", DEADLINE, async () => {
  using folder = new ScratchFolder();
  const expected = new Map<string, string>();
  const text = textOf(400, "a");
  expectedOf(folder.at("a.txt"), text, expected);
  writeFileSync(folder.at("a.txt"), text);
  const counts = await countLines({ tasks: 2, paths: [folder.path], failEvery: 7 });
  assert.deepEqual([...counts.keys()].sort(), keysOf(expected));
});

for (const name of ["lines.txt", "lines.txt.gz"]) {
  test(`a worker that dies: every line of ${name} comes, and reading goes on where it was`, DEADLINE, async () => {
    using folder = new ScratchFolder();
    const expected = new Map<string, string>();
    const names = [0, 1, 2, 3].map((k) => folder.at(`${k}-${name}`));
    for (const file of names) {
      const text = textOf(10_000, "line");
      expectedOf(file, text, expected);
      writeFileSync(file, name.endsWith(".gz") ? gzipSync(text) : text);
    }
    const kills = [8_000, 20_000];
    let seenLines = 0;
    const counts = await countLines(
      { tasks: 2, files: listFiles(names), maxRatePerSecond: 40_000, rangeBytes: 65_536 },
      (seen, run) => {
        seenLines = seen;
        if (seen === kills[0]) killThread(run, kills.length % 2, "terminate");
        if (seen >= kills[0]!) kills.shift();
      },
    );
    assert.deepEqual([...counts.keys()].sort(), keysOf(expected));
    assert.equal(kills.length, 0);
    // What was pending twice, and what was acked in the last 20 ms: not what was read from the beginning.
    assert.ok(seenLines - expected.size < 6_000, `${seenLines - expected.size} lines came twice`);
  });
}

test("records of JSON and CSV come typed, and what cannot be read leaves on its own stream", DEADLINE, async () => {
  using folder = new ScratchFolder();
  writeFileSync(
    folder.at("a.json"),
    '{"id":1,"note":"a","price":1.5}\n\nno json\n{"id":"2","price":1}\n{"id":3,"price":3,"more":1}\n',
  );
  writeFileSync(
    folder.at("a.csv"),
    `note,id,price\r\n"two\r\nlines, ""quoted""",1,1e3\r\n,2,2\r\nx,y,2\r\n1,2\r\n${"x".repeat(2000)},3,4\r\n"",4,4`,
  );
  const rowsOf = async (format: "json" | "csv") => {
    await using cluster = new LocalCluster({ workers: 2 });
    const options = { paths: [folder.at(`a.${format}`)], format, tasks: 2 } as const;
    const run = await cluster.submitTopology("orders", readOrders, { options, config: QUIET });
    const rows = async <T>(tuples: AsyncIterable<T>, pick: (tuple: T) => unknown) => {
      const picked: unknown[] = [];
      for await (const tuple of tuples) picked.push(pick(tuple));
      return picked;
    };
    const all = await Promise.all([
      rows(run.outputs.orders, ({ id, note, price }) => [id, note, price]),
      rows(run.outputs.bad, ({ origin, position, reason, bytes }) => {
        assert.equal(origin, options.paths[0]);
        return [Number(position), reason.replace(/^(not JSON).*/, "$1"), Buffer.from(bytes).toString().slice(0, 10)];
      }),
      rows(run.outputs.dead, ({ id }) => id),
    ]);
    await run.completed();
    return all;
  };
  assert.deepEqual(await rowsOf("json"), [
    [
      [1, "a", 1.5],
      [3, null, 3],
    ],
    [
      [33, "not JSON", "no json"],
      [41, 'field "id": "2" is no int32', '{"id":"2",'],
    ],
    [],
  ]);
  assert.deepEqual(await rowsOf("csv"), [
    [
      [1, 'two\r\nlines, "quoted"', 1000],
      [2, null, 2],
      [4, "", 4],
    ],
    [
      [53, 'field "id": "y" is no int32', "x,y,2\r"],
      [60, "2 fields instead of 3", "1,2\r"],
      [65, "a line of more than 1000 bytes", "xxxxxxxxxx"],
    ],
    [],
  ]);
});

test("a file that is missing, or has other columns, fails the run with its path", DEADLINE, async () => {
  using folder = new ScratchFolder();
  writeFileSync(folder.at("a.csv"), "id,price\n1,2\n");
  await using cluster = new LocalCluster({ workers: 1 });
  const missing = submit(cluster, { tasks: 1, paths: [folder.at("nothing")] });
  const failed = await rejectionOf(missing, "TASK_FAILED");
  assert.match(String((failed.cause as Error).message), /INPUT_NOT_FOUND[\s\S]*nothing/);
  const options = { paths: [folder.at("a.csv")], format: "csv", tasks: 1 } as const;
  const run = await cluster.submitTopology("orders", readOrders, { options, config: QUIET });
  assert.match(causesOf(await rejectionOf(run.completed(), "TASK_FAILED")), /header lacks "note"/);
});

const CHANGES: Readonly<Record<string, readonly [RegExp | null, (file: string, later: string) => void]>> = {
  "is cut while it is read fails the run": [/was cut/, (file) => truncateSync(file, 1000)],
  "is replaced before it is read fails the run": [/was replaced/, (file, later) => renameSync(file, later)],
  "is removed before it is read fails the run": [/ENOENT/, (_file, later) => renameSync(later, `${later}.gone`)],
  "is changed before it is read fails the run": [
    /was changed/,
    (_file, later) => writeFileSync(later, "y".repeat(50_000), { flag: "r+" }),
  ],
  "grows while it is read may do so": [null, (file) => appendFileSync(file, "\nmore")],
};

for (const [what, [error, change]] of Object.entries(CHANGES)) {
  test(`a file that ${what}`, DEADLINE, async () => {
    using folder = new ScratchFolder();
    const [file, later] = [folder.at("a.txt"), folder.at("b.txt")];
    writeFileSync(file, textOf(30_000, "a"));
    writeFileSync(later, "b".repeat(50_000));
    let isChanged = false;
    const reading = countLines({ tasks: 1, paths: [folder.path], maxRatePerSecond: 40_000 }, () => {
      if (!isChanged) change(file, later);
      isChanged = true;
    });
    if (error === null) await reading;
    else assert.match(causesOf(await rejectionOf(reading, "TASK_FAILED")), error);
  });
}

function causesOf(error: EngineError): string {
  let text = "";
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) text += `${cause.message}\n`;
  return text;
}
