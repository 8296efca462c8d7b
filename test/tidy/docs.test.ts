// Documents lead to places that exist: links to files and headings, and the paths of sources that they name.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { brokenLinks, missingPaths, type Page } from "./doc-links.ts";
import { assertNone, filesBelow, repositoryRoot } from "./source-tree.ts";

const root = repositoryRoot();
const FOLDERS = ["src", "test", "docs", "native-free-bench"];
/** Made by running something, and not there before. */
const MADE = ["native-free-bench/results/"];

function allPages(): Page[] {
  const below = filesBelow(root, FOLDERS).filter((file) => file.endsWith(".md"));
  const files = ["README.md", "CHANGELOG.md", ...below];
  return files.map((file) => ({ path: file, text: readFileSync(path.join(root, file), "utf8") }));
}

test("every relative link of a document leads to a file, and to a heading in it", () => {
  assertNone(brokenLinks(allPages(), (file) => existsSync(path.join(root, file))));
});

test("every path of the repository that a document names exists", () => {
  assertNone(missingPaths(allPages(), [...filesBelow(root, FOLDERS), ...MADE]));
});

test("broken links are found, and only they", () => {
  const page = (text: string): Page => ({ path: "docs/a.md", text });
  const exists = (file: string) => ["docs/a.md", "docs/b.md", "src/base/log.ts"].includes(file);
  const other: Page = { path: "docs/b.md", text: "# One `heading`, in b\n" };
  for (const text of ["[x](c.md)", "[x](../a.md)", "[x](b.md#two)", "[x](#nowhere)"]) {
    assert.equal(brokenLinks([page(text), other], exists).length, 1, text);
  }
  const links = "[x](b.md) [x](b.md#one-heading-in-b) [x](#here) [x](../src/base/log.ts)";
  const fine = `# Here\n${links} [x](https://example.org/) \`[x](c.md)\``;
  assert.deepEqual(brokenLinks([page(`${fine}\n\`\`\`\n[x](c.md)\n\`\`\`\n`), other], exists), []);
});

test("paths that do not exist are found, and only they", () => {
  const files = ["src/base/log.ts", "src/engine/executor/outlet.ts", "test/unit/base/log.test.ts"];
  const missing = (text: string) => missingPaths([{ path: "docs/a.md", text }], files);
  for (const text of ["`src/base/logs.ts`", "`src/acker/`", "`executor/inlet.ts`", "`test/unit/tuple`"]) {
    assert.equal(missing(text).length, 1, text);
  }
  const fine =
    "`src/base/log.ts` `src/engine/` `executor/outlet.ts` `test/unit/<room>/` `./jobs.ts` `log.ts` `a / b`";
  assert.deepEqual(missing(`${fine}\n\`\`\`\nsrc/nothing.ts\n\`\`\`\n`), []);
});
