import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { createLogger, type LoggerOptions, silentLogger } from "../../../src/base/log.ts";

const logModule = new URL("../../../src/base/log.js", import.meta.url).href;

/** What a logger writes into a file, line by line. */
function linesOf(
  options: Omit<LoggerOptions, "destination">,
  use: (log: ReturnType<typeof createLogger>) => void,
): string[] {
  const directory = mkdtempSync(path.join(tmpdir(), "stormcell-log-"));
  const file = path.join(directory, "log");
  const descriptor = openSync(file, "w");
  try {
    use(createLogger({ ...options, destination: descriptor }));
    return readFileSync(file, "utf8").split("\n").filter(Boolean); // No wait: lines are there when the call returns.
  } finally {
    closeSync(descriptor);
    rmSync(directory, { recursive: true });
  }
}

test("every line carries the bindings of its logger and of those above it", () => {
  const lines = linesOf({ level: "info", bindings: { topology: "word-count", worker: 1 } }, (log) => {
    const task = log.child({ component: "split", task: 3 });
    task.info("ready");
    task.child({ request: 9 }).warn({ lost: 2 }, "slow");
    log.info("started");
  });
  const [ready, slow, started] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [ready.topology, ready.worker, ready.component, ready.task, ready.msg],
    ["word-count", 1, "split", 3, "ready"],
  );
  assert.deepEqual([slow.component, slow.request, slow.lost, slow.level], ["split", 9, 2, 40]);
  assert.deepEqual([started.topology, started.component, started.pid], ["word-count", undefined, undefined]);
});

test("lines below the level are not written", () => {
  const lines = linesOf({ level: "warn" }, (log) => {
    log.info("no");
    log.child({ task: 1 }).debug("no");
    log.error("yes");
    assert.equal(log.isLevelEnabled("info"), false);
    assert.equal(log.isLevelEnabled("warn"), true);
    assert.equal(log.isLevelEnabled("silent"), false);
  });
  assert.equal(lines.length, 1);
  assert.deepEqual(
    linesOf({ level: "silent" }, (log) => log.fatal("no")),
    [],
  );
});

test("an error is logged with its stack and code, alone or as a part of the data", () => {
  const error = Object.assign(new Error("broken"), { code: "E_BROKEN" });
  const lines = linesOf({ level: "info" }, (log) => {
    log.error(error, "task failed");
    log.error({ error }, "task failed");
  });
  const [alone, part] = lines.map((line) => JSON.parse(line));
  for (const shown of [alone.err, part.error]) {
    assert.equal(shown.code, "E_BROKEN");
    assert.match(shown.stack, /log\.test/);
  }
});

test("lines for people name topology, component, task and worker before the text", () => {
  const lines = linesOf({ level: "info", pretty: true, bindings: { topology: "word-count" } }, (log) => {
    log.child({ component: "split", task: 3, worker: 0 }).warn("slow");
    log.info("started");
  });
  assert.match(lines[0]!, /WARN.*\[word-count\/split#3@w0\] slow$/);
  assert.match(lines[1]!, /INFO.*\[word-count\] started$/);
});

test("a destination that cannot be written costs lines, not the process", () => {
  const script = `
    import { closeSync } from "node:fs";
    import { createLogger } from ${JSON.stringify(logModule)};
    closeSync(2);
    const log = createLogger({ level: "info" });
    log.info("one");
    log.info("two");
    setImmediate(() => console.log("alive"));`;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.equal(result.stdout, "alive\n");
  assert.equal(result.status, 0);
});

test("the last line of a worker thread that ends the hard way is written", () => {
  const script = `
    import { Worker } from "node:worker_threads";
    const code = \`import(${JSON.stringify(logModule)}).then(({ createLogger }) => {
      createLogger({ level: "info", bindings: { worker: 0 } }).error("last words");
      process.exit(3);
    })\`;
    new Worker(code, { eval: true }).on("exit", (code) => console.log("exit", code));`;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.match(result.stderr, /last words/);
  assert.equal(result.stdout, "exit 3\n");
});

test("pino is loaded by the first line that is written, not before", () => {
  const pinoPath = createRequire(import.meta.url).resolve("pino");
  const script = `
    import { createRequire } from "node:module";
    import { createLogger } from ${JSON.stringify(logModule)};
    const loaded = () => ${JSON.stringify(pinoPath)} in createRequire(${JSON.stringify(logModule)}).cache;
    const log = createLogger({ level: "info" }).child({ task: 1 });
    log.debug("below the level");
    const before = loaded();
    log.info("above it");
    console.log(before, loaded());`;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.equal(result.stdout, "false true\n", result.stderr);
});

test("the silent logger takes everything", () => {
  silentLogger.child({ task: 1 }).fatal({ a: 1 }, "nothing");
  assert.equal(silentLogger.isLevelEnabled("fatal"), false);
});
