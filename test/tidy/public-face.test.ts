import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isConnectorFace } from "./connector-imports.ts";
import { undocumentedExports } from "./public-face.ts";
import { assertNone, repositoryRoot, sampleFile, sourceFilesBelow } from "./source-tree.ts";

test("everything that users import by name has a doc comment", (t) => {
  const root = repositoryRoot();
  if (!existsSync(path.join(root, "src/index.ts"))) return t.skip("there is no src/index.ts yet");
  const files = sourceFilesBelow(root, ["src"]);
  const connectors = files.map((file) => file.path).filter(isConnectorFace);
  for (const face of ["src/index.ts", "src/testing/index.ts", ...connectors]) {
    assertNone(undocumentedExports(files, face));
  }
});

test("exports without a comment, without a name or without a declaration are found", () => {
  const face = (text: string): string[] =>
    undocumentedExports(
      [
        sampleFile("src/index.ts", text),
        sampleFile(
          "src/base/a.ts",
          `/** Documented. */\nexport class Good {}\nexport class Bad {}
           export interface Both {}\n/** As a value. */\nexport const Both = 1;
           export { deep } from "./b.ts"; export * from "./c.ts"; // A comment that documents nothing.
           export const bare = 1;`,
        ),
        sampleFile("src/base/b.ts", `/** Documented. */ export function deep() {}`),
        sampleFile("src/base/c.ts", `export type Starred = 1;`),
      ],
      "src/index.ts",
    );
  assert.deepEqual(face(`export { Good, type Both, deep as shallow } from "./base/a.ts";`), []);
  assert.match(
    face(`export { Bad } from "./base/a.ts";`).join(),
    /src\/base\/a\.ts:3: Bad is public and has no doc comment/,
  );
  assert.match(face(`export { bare } from "./base/a.ts";`).join(), /bare is public/);
  assert.match(face(`export { Starred } from "./base/a.ts";`).join(), /src\/base\/c\.ts:1: Starred/);
  assert.match(face(`export { Gone } from "./base/a.ts";`).join(), /Gone is not declared/);
  assert.match(face(`export * from "./base/a.ts";`).join(), /name what is exported/);
  assert.match(face(`export const a = 1;`).join(), /only named re-exports/);
  assert.deepEqual(undocumentedExports([], "src/index.ts"), ["there is no src/index.ts"]);
});
