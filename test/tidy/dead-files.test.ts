import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { deadFiles } from "./dead-files.ts";
import { repositoryRoot, sampleFile, sourceFilesBelow } from "./source-tree.ts";

/** Not reached from an entry file on purpose. */
const KEPT: Readonly<Record<string, string>> = {
  "src/base/faulty-disk.ts": "makes disk faults for tests of every room",
  "src/memory/mutex.ts": "a lock for users of the memory room; the hot path takes none",
  "src/memory/condition.ts": "as the mutex",
  "src/memory/semaphore.ts": "as the mutex",
  "src/memory/barrier.ts": "as the mutex",
  "src/memory/latch.ts": "as the mutex",
};

test("every file of src is reached from the public face or the command line", (t) => {
  const root = repositoryRoot();
  if (!existsSync(path.join(root, "src/index.ts"))) return t.skip("there is no src/index.ts yet to reach files from");
  const dead = deadFiles(sourceFilesBelow(root, ["src"]), Object.keys(KEPT));
  assert.deepEqual(dead, [], `imported by nobody: ${dead.join(", ")}`);
});

test("a file that only dead files import is dead too; worker entries live by their url", () => {
  const files = [
    sampleFile("src/index.ts", `export { a } from "./base/a.ts";`),
    sampleFile("src/base/a.ts", `new Worker(new URL("./entry.js", import.meta.url));`),
    sampleFile("src/base/entry.ts", ""),
    sampleFile("src/base/dead.ts", `import "./child-of-dead.ts";`),
    sampleFile("src/base/child-of-dead.ts", `import "./a.ts";`),
    sampleFile("src/base/kept.ts", ""),
  ];
  assert.deepEqual(deadFiles(files, ["src/base/kept.ts"]), ["src/base/dead.ts", "src/base/child-of-dead.ts"]);
});
