import assert from "node:assert/strict";
import { test } from "node:test";
import { namesNotPublic } from "./connector-imports.ts";
import { assertNone, repositoryRoot, sampleFile, sourceFilesBelow } from "./source-tree.ts";

test("connectors use nothing of the engine that a user could not import", () => {
  assertNone(namesNotPublic(sourceFilesBelow(repositoryRoot(), ["src"])));
});

test("names that are not public are found, and only they", () => {
  const found = (text: string) =>
    namesNotPublic([
      sampleFile("src/index.ts", `export { a, type B } from "./base/a.ts";`),
      sampleFile("src/connectors/x/y.ts", text),
      sampleFile("src/engine/z.ts", `import { c } from "../base/a.ts";`),
    ]);
  assert.deepEqual(found(`import { a as other, type B } from "../../base/a.ts"; import { d } from "./d.ts";`), []);
  assert.deepEqual(
    found(`import { e } from "../shared/e.ts"; import fs from "node:fs"; import R from "ioredis";`),
    [],
  );
  assert.equal(found(`import { c } from "../../base/a.ts";`).length, 1);
  assert.equal(found(`import { a } from "../../base/b.ts";`).length, 1);
  assert.equal(found(`import * as all from "../../base/a.ts";`).length, 1);
});
