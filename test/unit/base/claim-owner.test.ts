// When the owner of a claim is proven to be over, and when it is not.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type ClaimOwner, currentOwner, endOf, type ProcessView } from "../../../src/base/claim-owner.ts";

const own: ClaimOwner = {
  pid: 10,
  processStart: "500",
  thread: 10,
  threadStart: "500",
  boot: "boot",
  machine: "machine",
  namespaces: "pid:[1] time:[2]",
};
const other: ClaimOwner = { ...own, pid: 20, processStart: "600", thread: 21, threadStart: "601" };

/** A line of /proc, as of a process that tries to look like another. */
function stat(id: number, state: string, start: string): string {
  return `${id} (a) S 1 ) ${state} ${new Array(18).fill(0).join(" ")} ${start} 0 0\n`;
}

type Files = Readonly<Record<string, string | null>>;

const ALIVE: Files = {
  "/proc/20/stat": stat(20, "S", "600"),
  "/proc/20/task/20/stat": stat(20, "S", "600"),
  "/proc/20/task/21/stat": stat(21, "R", "601"),
};

/** Null stands for a file that cannot be read. */
function viewOf(files: Files, exists = true): ProcessView {
  return {
    exists: () => exists,
    files: {
      readText: (file) => {
        const text = files[file];
        return text === undefined ? "absent" : text === null ? null : { text };
      },
      readLink: () => null,
      list: (folder) =>
        Object.keys(files).flatMap((file) => (file.startsWith(`${folder}/`) ? [file.split("/")[4]!] : [])),
    },
  };
}

describe("over, or not proven to be", () => {
  const cases: readonly [name: string, owner: ClaimOwner, view: ProcessView, end: RegExp | null][] = [
    ["alive", other, viewOf(ALIVE), null],
    ["stopped", other, viewOf({ ...ALIVE, "/proc/20/task/21/stat": stat(21, "T", "601") }), null],
    ["gone", other, viewOf({}, false), /process is gone$/],
    ["its number used again", { ...other, processStart: "599" }, viewOf(ALIVE), /another one has its number/],
    ["hidden from this user", other, viewOf({}), null],
    ["not to be read", other, viewOf({ "/proc/20/stat": null }), null],
    ["garbled", other, viewOf({ "/proc/20/stat": "20 (node" }), null],
    ["its thread gone", { ...other, thread: 22, threadStart: "602" }, viewOf(ALIVE), /thread is gone$/],
    [
      "its thread's number used again",
      { ...other, threadStart: "600" },
      viewOf(ALIVE),
      /thread is gone, and another/,
    ],
    ["its thread not to be read", other, viewOf({ ...ALIVE, "/proc/20/task/21/stat": null }), null],
    ["its thread unknown", { ...other, thread: null, threadStart: null }, viewOf(ALIVE), null],
    ["its start unknown", { ...other, processStart: null }, viewOf(ALIVE), null],
    ["of a start of the machine before", { ...other, boot: "before" }, viewOf(ALIVE), /started again/],
    ["of another machine", { ...other, boot: "before", machine: "other" }, viewOf({}, false), null],
    ["of another container", { ...other, namespaces: "pid:[3] time:[2]" }, viewOf({}, false), null],
    ["of a system that tells no boot", { ...other, boot: null }, viewOf({}, false), null],
    [
      "dead, and nobody has waited for it",
      other,
      viewOf({ "/proc/20/stat": stat(20, "Z", "600"), "/proc/20/task/20/stat": stat(20, "Z", "600") }),
      /nobody has waited/,
    ],
    [
      "its first thread dead, and its own alive",
      other,
      viewOf({ ...ALIVE, "/proc/20/stat": stat(20, "Z", "600"), "/proc/20/task/20/stat": stat(20, "Z", "600") }),
      null,
    ],
  ];
  for (const [name, owner, view, end] of cases) {
    test(name, () => {
      const known = endOf(owner, own, view);
      if (end === null) assert.equal(known, null);
      else assert.match(String(known), end);
    });
  }
});

const onLinux = process.platform === "linux" ? {} : { skip: "owners are told apart by Linux's /proc" };
const MODULE = new URL("../../../src/base/claim-owner.js", import.meta.url).href;
const TELL = `const { currentOwner } = await import(${JSON.stringify(MODULE)});`;

async function stateIs(child: ChildProcess, state: string): Promise<void> {
  const stateOf = () => /\) (\w)/.exec(readFileSync(`/proc/${child.pid}/stat`, "utf8"))![1];
  while (stateOf() !== state) await nextTurn();
}

test("a real process: alive, stopped, alive, killed", { ...onLinux, timeout: 20_000 }, async (t) => {
  const code = `${TELL} console.log(JSON.stringify(currentOwner())); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  const owner = JSON.parse(line.toString()) as ClaimOwner;
  const here = currentOwner();
  assert.equal(owner.pid, child.pid);
  assert.equal(endOf(owner, here), null);
  child.kill("SIGSTOP");
  await stateIs(child, "T");
  assert.equal(endOf(owner, here), null);
  child.kill("SIGCONT");
  child.kill("SIGKILL");
  await once(child, "close");
  assert.match(String(endOf(owner, here)), /process is gone/);
});

test("a real thread: alive, ended", { ...onLinux, timeout: 20_000 }, async (t) => {
  const code = `(async () => { ${TELL}
    require("node:worker_threads").parentPort.postMessage(currentOwner()); setInterval(() => {}, 1000); })()`;
  const worker = new Worker(code, { eval: true });
  t.after(() => worker.terminate());
  const [owner] = (await once(worker, "message")) as [ClaimOwner];
  const here = currentOwner();
  assert.equal(owner.pid, here.pid);
  assert.notEqual(owner.thread, here.thread);
  assert.equal(endOf(owner, here), null);
  await worker.terminate();
  assert.match(String(endOf(owner, here)), /thread is gone/);
});

for (const [how, opening] of [
  ["in a call of the system", 'require("node:fs").openSync(pipe, "r")'],
  ["in a file operation of its own on another thread", 'require("node:fs").open(pipe, "r", () => {})'],
] as const) {
  test(`a real thread that was ended and is still ${how}: alive`, { ...onLinux, timeout: 20_000 }, async (t) => {
    if (waits().every((wait) => wait === "0")) return t.skip("the system does not tell what threads wait for");
    const folder = mkdtempSync(path.join(tmpdir(), "stormcell-pipe-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const pipe = path.join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const code = `(async () => { ${TELL}
      const pipe = ${JSON.stringify(pipe)};
      require("node:worker_threads").parentPort.postMessage(currentOwner());
      setImmediate(() => { ${opening}; setInterval(() => {}, 1000); }); })()`;
    const worker = new Worker(code, { eval: true });
    const [owner] = (await once(worker, "message")) as [ClaimOwner];
    const here = currentOwner();
    // Nobody writes to the pipe: opening it waits, and cannot be ended from here.
    await waitsForPipe();
    const ended = worker.terminate();
    for (let turn = 0; turn < 200; turn++) await nextTurn();
    assert.equal(endOf(owner, here), null);
    closeSync(openSync(pipe, constants.O_RDWR));
    await ended;
    assert.match(String(endOf(owner, here)), /thread is gone/);
  });
}

/** What this process's threads wait for in the system; nothing but "0" where it does not tell. */
function waits(): string[] {
  return readdirSync("/proc/self/task").map((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/wchan`, "utf8");
    } catch {
      return "0"; // Gone by now, or not to be read.
    }
  });
}

/** Until one of them waits for the other end of a pipe. */
async function waitsForPipe(): Promise<void> {
  while (!waits().some((wait) => /fifo|partner/.test(wait))) await nextTurn();
}
