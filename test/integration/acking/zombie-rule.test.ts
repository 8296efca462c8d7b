import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

/**
 * Goal:   the test of zombies sees it when the zombie rule is gone: when a slot is used again as soon as its tree has
 *         failed, and the checks that would notice it in the slots themselves are gone, too.
 * Method: a copy of the compiled project with that change, in which the test must fail.
 */
const compiled = fileURLToPath(new URL("../../..", import.meta.url));
const copy = mkdtempSync(path.join(tmpdir(), "stormcell-zombies-"));
after(() => rmSync(copy, { recursive: true, force: true }));

function replaceIn(file: string, pairs: readonly (readonly [string, string])[]): void {
  const place = path.join(copy, "dist/src", file);
  let text = readFileSync(place, "utf8");
  for (const [find, replace] of pairs) {
    const parts = text.split(find);
    assert.equal(parts.length, 2, `"${find}" is in ${file} once`);
    text = parts.join(replace);
  }
  writeFileSync(place, text);
}

test("without the zombie rule, late acks end trees that are not theirs", { timeout: 60_000 }, () => {
  for (const folder of ["src", "test/integration"]) {
    cpSync(path.join(compiled, folder), path.join(copy, "dist", folder), { recursive: true });
  }
  writeFileSync(path.join(copy, "package.json"), JSON.stringify({ type: "module" }));
  symlinkSync(path.join(compiled, "../node_modules"), path.join(copy, "node_modules"));
  replaceIn("engine/executor/pending-trees.js", [
    [
      "        this.#hear(place, FAILURE_HEARD, nowMs);\n",
      "        this.#heard[place] |= FAILURE_HEARD;\n        this.#release(place);\n",
    ],
    ["        this.#hear(place, ZERO_HEARD, nowMs);\n", ""],
  ]);
  replaceIn("memory/tree-slots.js", [
    [`invariant(words[at + LIVE_COUNT] === 0, "a slot that is freed has no live tuple");`, ""],
    [`invariant((state & STATE_MASK) === TREE_FREE, "a slot that is opened is free");`, ""],
    [`invariant(this.stateOf(slot) !== TREE_FREE, "a slot that is freed has a tree");`, ""],
    [`invariant(count >= 0, "a live count never falls below zero");`, ""],
  ]);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const file = path.join(copy, "dist/test/integration/acking/zombies.test.js");
  const { status, stdout } = spawnSync(process.execPath, ["--test-name-pattern=late acks", file], {
    env,
    encoding: "utf8",
  });
  assert.notEqual(status, 0, stdout);
  assert.match(stdout, /were in time|only when its own tuple was/);
});
