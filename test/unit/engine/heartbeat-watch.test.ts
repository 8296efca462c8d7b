// Who is taken for hung, by a clock that the test moves: a worker that is silent for the timeout, and nobody for the
// time in which main itself did not run, or a debugger was attached.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HookNote } from "../../../src/engine/executor/hook-note.ts";
import { HeartbeatWatch } from "../../../src/engine/heartbeat-watch.ts";
import { storeMs } from "../../../src/memory/control-words.ts";
import { allocateControl } from "../../../src/memory/run-memory.ts";

const TIMEOUT_MS = 800; // A look every 100 ms.

class World {
  nowMs = 0;
  isDebugged = false;
  readonly control = allocateControl(2);
  readonly hung: number[] = [];
  readonly pinged: number[] = [];
  readonly watch = new HeartbeatWatch({
    workerCount: 2,
    timeoutMs: TIMEOUT_MS,
    wordOf: (thread) => ({ control: this.control, word: thread }),
    nowMs: () => this.nowMs,
    isDebugged: () => this.isDebugged,
    ping: (thread) => this.pinged.push(thread),
    hung: (thread) => this.hung.push(thread),
  });

  pass(ms: number, beating: readonly number[]): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.nowMs += 100;
      for (const thread of beating) storeMs(this.control, thread, this.nowMs);
      this.watch.look();
    }
  }
}

test("a worker that is silent for the timeout is hung, after it was asked; one that beats is not", () => {
  const world = new World();
  world.pass(700, [0]);
  assert.deepEqual(world.hung, []);
  assert.deepEqual(new Set(world.pinged), new Set([1]));
  world.pass(200, [0]);
  assert.deepEqual(world.hung, [1]);
});

test("time in which main did not run is nobody's silence", () => {
  const world = new World();
  world.pass(500, []);
  world.nowMs += 60_000;
  world.watch.look();
  assert.deepEqual(world.hung, []);
  world.pass(200, [0, 1]);
  world.pass(700, []);
  assert.deepEqual(world.hung, []);
});

test("nobody is hung while a debugger is attached", () => {
  const world = new World();
  world.isDebugged = true;
  world.pass(5_000, []);
  assert.deepEqual(world.hung, []);
});

test("a worker that is being started is not watched", () => {
  const world = new World();
  world.watch.ignore(1);
  world.pass(5_000, [0]);
  assert.deepEqual(world.hung, []);
  world.watch.watch(1);
  world.pass(900, [0]);
  assert.deepEqual(world.hung, [1]);
});

test("a thread's note tells the hook that it entered, until the round is over", () => {
  const control = allocateControl(1);
  const note = new HookNote(control, 0);
  const reader = new HookNote(control, 0);
  assert.equal(reader.read(), null);
  note.enter(70_000, "execute");
  assert.deepEqual(reader.read(), { taskId: 70_000, hook: "execute" });
  note.enter(3, "a hook of a later version");
  assert.deepEqual(reader.read(), { taskId: 3, hook: "a hook" });
  note.leave();
  assert.equal(reader.read(), null);
});
