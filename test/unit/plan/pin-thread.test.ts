import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { allowedCores, type ReadText } from "../../../src/engine/plan/machine.ts";
import { type PinResult, type PinSystem, pinThread } from "../../../src/engine/plan/pin-thread.ts";
import { readSystemText } from "../../../src/engine/plan/read-system-text.ts";

/** What the system tells a thread about itself. */
function statusOf(threadId: number, cores: string): ReadText {
  return (path) =>
    path === "/proc/thread-self/status" ? `Tgid:\t10\nPid:\t${threadId}\nCpus_allowed_list:\t${cores}\n` : null;
}

test("the calling thread's own id is bound, and the result is looked at", () => {
  const calls: unknown[] = [];
  const run = (program: string, args: readonly string[]): null => {
    calls.push([program, ...args]);
    return null;
  };

  assert.deepEqual(pinThread(3, { readText: statusOf(12, "3"), run }), { pinned: true, reason: "bound to core 3" });
  assert.deepEqual(calls, [["taskset", "-cp", "3", "12"]]);
});

test("whatever goes wrong becomes a reason", () => {
  const reasonFor = (change: Partial<PinSystem>): string => {
    const result = pinThread(3, { readText: statusOf(12, "3"), run: () => null, ...change });
    assert.equal(result.pinned, false);
    return result.reason;
  };

  assert.match(reasonFor({ readText: () => null }), /does not tell/);
  assert.match(reasonFor({ run: () => "taskset is not installed" }), /not installed/);
  assert.match(reasonFor({ readText: statusOf(12, "0-3") }), /may use cores 0, 1, 2, 3/);
  assert.match(reasonFor({ readText: statusOf(12, "?") }), /unknown/);
  const broken = (): never => {
    throw new Error("no more processes");
  };
  assert.match(reasonFor({ run: broken }), /no more processes/);
});

/** Binds a new thread, not the test's own; answers what it was told, and what it was then bound to. */
async function pinNewThread(core: number): Promise<PinResult & { status: string }> {
  const moduleOf = (name: string): string =>
    JSON.stringify(new URL(`../../../src/engine/plan/${name}`, import.meta.url));
  const source = `
    import { parentPort } from "node:worker_threads";
    const { pinThread } = await import(${moduleOf("pin-thread.js")});
    const { readSystemText } = await import(${moduleOf("read-system-text.js")});
    parentPort.postMessage({ ...pinThread(${core}), status: readSystemText("/proc/thread-self/status") ?? "" });
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  try {
    return await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  } finally {
    await worker.terminate();
  }
}

test("a real thread is bound where the system allows it, and otherwise hears why", async () => {
  const before = allowedCores(readSystemText).cores;
  const core = before.at(-1)!;

  const { pinned, reason, status } = await pinNewThread(core);

  if (pinned) assert.match(status, new RegExp(`^Cpus_allowed_list:\\s${core}$`, "m"));
  else assert.notEqual(reason, "");
  assert.deepEqual(allowedCores(readSystemText).cores, before, "only that thread is bound");
});

test("a core that does not exist leaves the thread as it was", async () => {
  const { pinned, reason } = await pinNewThread(99_999);

  assert.equal(pinned, false);
  assert.notEqual(reason, "");
});
