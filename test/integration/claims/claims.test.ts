// Claims of tasks in running topologies: who gets them, who is refused, and when they come free.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { EngineError, ErrorCode, Run } from "../../../src/index.ts";
import { killThread, simulate, type ThreadDeath } from "../../../src/testing/index.ts";
import { DEADLINE, RUNTIMES, rejectionOf, until } from "../engine/helpers.ts";
import { ackedIn, lateLines, stageFor } from "./helpers.ts";
import { owning } from "./topologies/owning.ts";

const PROCESS = fileURLToPath(new URL("owning-process.js", import.meta.url));
const onLinux = process.platform === "linux" ? DEADLINE : { skip: "owners are told apart by Linux's /proc" };

async function refusalOf(submitted: Promise<unknown>, code: ErrorCode): Promise<EngineError> {
  const { cause } = await rejectionOf(submitted, "TASK_FAILED");
  assert.equal((cause as EngineError).code, code, String(cause));
  return cause as EngineError;
}

for (const runtime of RUNTIMES) {
  test(`${runtime}: each task has its own, and the next run has the same ones`, DEADLINE, async (t) => {
    const stage = stageFor(t, runtime);
    for (const epoch of [1, 2]) {
      const run = await stage.submit({ owners: 3 });
      await until(() => ackedIn(run) === 50);
      await run.drain();
      const opened = stage.journal().filter((line) => line.what === "open" && line.epoch === epoch);
      assert.deepEqual(opened.map(({ task }) => task).sort(), [0, 1, 2]);
    }
    for (const task of [0, 1, 2]) {
      assert.ok(existsSync(path.join(stage.claimsFolder, "owning", "owner", String(task), "journal", "lock")));
    }
  });

  test(`${runtime}: a name of the component is had by one of its tasks`, DEADLINE, async (t) => {
    const stage = stageFor(t, runtime);
    const { message } = await refusalOf(stage.submit({ owners: 2, scope: "component", waitMs: 0 }), "CLAIM_HELD");
    assert.match(message, /owning\/owner\/all\/journal.*is held/);
    // What the first one held was given back when the start had failed.
    const run = await stage.submit({ owners: 1, scope: "component", waitMs: 0 });
    await run.drain();
  });

  test(
    `${runtime}: a restarted task gets its claim when its earlier instance has ended, not before`,
    DEADLINE,
    async (t) => {
      const stage = stageFor(t, runtime);
      const run = await stage.submit({ throwsAt: 20, cleanupMs: 100 });
      await until(() => ackedIn(run) === 50);
      await run.drain();
      const journal = stage.journal();
      const at = (epoch: number, what: string) =>
        journal.findIndex((line) => line.epoch === epoch && line.what === what);
      assert.ok(at(1, "closed") > at(1, "closing") && at(2, "open") > at(1, "closed"), JSON.stringify(journal));
      assert.ok(at(1, "refused CLAIM_LOST") > at(1, "closed"), "the earlier instance was not refused");
      assert.deepEqual(lateLines(journal), []);
    },
  );

  test(`${runtime}: an instance that was not even made does not end the one before it`, DEADLINE, async (t) => {
    const stage = stageFor(t, runtime);
    const run = await stage.submit({ throwsAt: 20, constructorThrows: true, cleanupMs: 150 });
    await until(() => ackedIn(run) === 50);
    assert.equal(run.totals().byComponent.owner!.restarts, 1);
    await run.drain();
    const journal = stage.journal();
    const firstOf = (wanted: string) => journal.findIndex(({ epoch, what }) => `${epoch} ${what}` === wanted);
    assert.ok(firstOf("2 open") > firstOf("1 closed"), JSON.stringify(journal));
    assert.deepEqual(lateLines(journal), []);
  });

  test(`${runtime}: an earlier instance that does not end is waited for as long as was said`, DEADLINE, async (t) => {
    const stage = stageFor(t, runtime, { restartsMax: 1 });
    const run = await stage.submit({ throwsAt: 20, cleanupMs: 400, waitMs: 20 });
    const error = await rejectionOf(run.completed(), "TASK_RESTART_LIMIT");
    assert.equal((error.cause as EngineError).code, "CLAIM_HELD");
    assert.match((error.cause as EngineError).message, /owner: +this process, thread \d+/);
  });

  test(`${runtime}: a bad name, folder or lock file fails the start, and says which`, DEADLINE, async (t) => {
    const stage = stageFor(t, runtime);
    await refusalOf(stage.submit({ name: "a/b" }), "CLAIM_BAD_REQUEST");
    await refusalOf(stage.submit({ waitMs: -1 }), "CLAIM_BAD_REQUEST");
    const folder = path.join(stage.claimsFolder, "owning", "owner", "0", "journal");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(folder, "lock"), "");
    const { message } = await refusalOf(stage.submit(), "CLAIM_FOREIGN_FILE");
    assert.match(message, /it is empty/);
    assert.ok(message.includes(`then remove ${folder}`), message);
    chmodSync(stage.claimsFolder, 0o755);
    assert.match((await refusalOf(stage.submit(), "CLAIM_FOLDER_UNFIT")).message, /its mode is 755/);
  });
}

describe("the loss of a worker", () => {
  for (const death of ["terminate", "exit", "throw"] as const satisfies readonly ThreadDeath[]) {
    test(`by "${death}": its claim is the replacement's, once the thread is gone`, onLinux, async (t) => {
      // Main may not have heard yet that tuples are tracked.
      const stage = stageFor(t, "threads", { onWorkerLost: "replace" });
      const run = await stage.submit({ rows: 1_000 });
      await until(() => ackedIn(run) > 0);
      const owner = run.plan.tasks.find((task) => task?.component === "owner")!;
      let replaced = 0;
      run.on("workerReplaced", () => replaced++);
      killThread(run as unknown as Run<unknown>, owner.thread, death);
      await until(() => replaced === 1);
      await until(() => ackedIn(run) >= 1_000);
      await run.drain();
      const journal = stage.journal();
      assert.deepEqual(
        journal.filter(({ what }) => what === "open").map(({ epoch }) => epoch),
        [1, 2],
      );
      assert.deepEqual(lateLines(journal), []);
    });
  }
});

test("a second process is refused, until the first one is gone", onLinux, async (t) => {
  const stage = stageFor(t, "threads");
  const start = async () => {
    const child = spawn(process.execPath, [PROCESS, stage.claimsFolder, stage.folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (data: Buffer) => {
      said += data;
    });
    await until(() => said.endsWith("\n"));
    return { child, said: said.trim() };
  };
  const first = await start();
  assert.equal(first.said, "running");
  assert.equal((await start()).said, "CLAIM_HELD");
  const { message } = await refusalOf(stage.submit({ waitMs: 0 }), "CLAIM_HELD");
  assert.match(message, new RegExp(`owner: +process ${first.child.pid}, thread \\d+`));
  assert.match(message, new RegExp(`end process ${first.child.pid} first`));

  first.child.kill("SIGSTOP");
  await refusalOf(stage.submit({ waitMs: 50 }), "CLAIM_HELD");
  const waiting = stage.submit({ waitMs: 10_000 });
  first.child.kill("SIGKILL");
  await (await waiting).drain();
  assert.equal(stage.journal().findLast(({ what }) => what === "open")!.epoch, 2);
});

test("a simulation has the same rules, and no files", DEADLINE, async (t) => {
  const stage = stageFor(t, "inline");
  const options = { folder: stage.folder, rows: 50, throwsAt: 20, cleanupMs: 50 };
  const simulation = simulate(owning, { options, config: { claimsFolder: stage.claimsFolder } });
  await simulation.settle();
  await simulation.drain();
  assert.deepEqual(
    stage.journal().flatMap(({ epoch, what }) => (/^(open|closed)$/.test(what) ? [`${what} ${epoch}`] : [])),
    ["open 1", "closed 1", "open 2", "closed 2"],
  );
  assert.deepEqual(lateLines(stage.journal()), []);
  assert.ok(!existsSync(stage.claimsFolder));
});
