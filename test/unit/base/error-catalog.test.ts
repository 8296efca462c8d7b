import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { errorCatalog } from "../../../src/base/error-catalog.ts";
import { assertNone, nodesOf, repositoryRoot, type SourceFile, sourceFilesBelow } from "../../tidy/source-tree.ts";

const root = repositoryRoot();
const codes = Object.keys(errorCatalog);

/** The text of each section of docs/ERRORS.md, by its heading. */
function sections(): Map<string, string> {
  const page = readFileSync(path.join(root, "docs/ERRORS.md"), "utf8");
  return new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf("\n")).trim(), section]),
  );
}

test("docs/ERRORS.md has a section for each code, with its meaning, likely cause and remedy", () => {
  const documented = sections();
  const missing = codes.filter((code) => !documented.has(code));
  assert.deepEqual(missing, [], `docs/ERRORS.md lacks sections for: ${missing.join(", ")}`);
  for (const code of codes) {
    const [, meaning] = documented.get(code)!.split("\n\n");
    assert.match(meaning ?? "", /^[A-Z`].*\.$/s, `${code} has no sentence that says what it means`);
    assert.match(documented.get(code)!, /^- \*\*Likely cause:\*\* ./m, code);
    assert.match(documented.get(code)!, /^- \*\*Remedy:\*\* ./m, code);
  }
});

test("docs/ERRORS.md has no section for a code that does not exist, and is in the order of the alphabet", () => {
  const documented = [...sections().keys()];
  assertNone(documented.filter((code) => !codes.includes(code)).map((code) => `no such code: ${code}`));
  assert.deepEqual(documented, documented.toSorted());
});

test("codes are words in capitals, and their texts are phrases without a full stop", () => {
  for (const [code, text] of Object.entries(errorCatalog)) {
    assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/);
    assert.match(text, /^[a-z"`].*[^.]$/, code);
  }
});

test("every code is used in src or in an example", (t) => {
  if (!existsSync(path.join(root, "src/index.ts"))) return t.skip("there is no src/index.ts: some rooms are missing");
  const used = new Set(sourceFilesBelow(root, ["src", "docs/examples"]).flatMap(codeLiterals));
  const unused = codes.filter((code) => !used.has(code));
  assertNone(unused.map((code) => `${code} is in the catalog, and nothing uses it`));
});

/** Codes of the catalog, as texts outside of it. */
function codeLiterals(file: SourceFile): string[] {
  if (file.path === "src/base/error-catalog.ts") return [];
  return [...nodesOf(file)].flatMap((node) =>
    ts.isStringLiteralLike(node) && Object.hasOwn(errorCatalog, node.text) ? [node.text] : [],
  );
}
