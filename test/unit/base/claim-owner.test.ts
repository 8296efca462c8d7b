// When the owner of a claim is proven to be over, and when it is not.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
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

test("a real process: alive, stopped, alive, killed", { ...onLinux, timeout: 20_000 }, async () => {
  const code = `${TELL} console.log(JSON.stringify(currentOwner())); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
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

test("a real thread: alive, ended", { ...onLinux, timeout: 20_000 }, async () => {
  const code = `(async () => { ${TELL}
    require("node:worker_threads").parentPort.postMessage(currentOwner()); setInterval(() => {}, 1000); })()`;
  const worker = new Worker(code, { eval: true });
  const [owner] = (await once(worker, "message")) as [ClaimOwner];
  const here = currentOwner();
  assert.equal(owner.pid, here.pid);
  assert.notEqual(owner.thread, here.thread);
  assert.equal(endOf(owner, here), null);
  await worker.terminate();
  assert.match(String(endOf(owner, here)), /thread is gone/);
});
