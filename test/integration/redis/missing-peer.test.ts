import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

/** The repository's compiled code. */
const dist = path.resolve(import.meta.dirname, "../../..");

test("without ioredis a connector says what to install, when its task opens", { timeout: 60_000 }, (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-peer-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(path.join(dist, "src"), path.join(folder, "src"), { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  const installed = path.resolve(dist, "../node_modules");
  mkdirSync(path.join(folder, "node_modules"));
  for (const name of readdirSync(installed)) {
    if (name === "ioredis" || name.startsWith(".")) continue;
    symlinkSync(path.join(installed, name), path.join(folder, "node_modules", name));
  }
  const url = (file: string) => JSON.stringify(pathToFileURL(path.join(folder, "src", file)).href);
  const program = `
    const { redisOnceStore } = await import(${url("connectors/redis/index.js")});
    const metric = { increment() {}, mark() {}, set() {}, record() {} };
    const metrics = { counter: () => metric, meter: () => metric, gauge: () => metric, histogram: () => metric };
    const context = { config: {}, taskId: 1, metrics, nowMs: () => 0 };
    redisOnceStore().open(context, { leaseMs: 1, rememberMs: 1 }).then(
      () => console.log("opened"),
      ({ code, message }) => console.log(code, message),
    );`;
  const options = { cwd: folder, encoding: "utf8", timeout: 30_000 } as const;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], options);
  assert.match(stdout, /^CONNECTOR_MISSING_PEER .*redisOnceStore needs the package "ioredis"/s, stderr);
  assert.match(stdout, /npm install "ioredis@>=5"/);
});
