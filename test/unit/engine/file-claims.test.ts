import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { defaultClaimsFolder, FileClaims } from "../../../src/engine/claims/file-claims.ts";

const subject = { topology: "t", component: "c", taskIndex: 0, name: "x" };

test("by default claims are in the user's state folder", () => {
  assert.equal(defaultClaimsFolder({ XDG_STATE_HOME: "/state" }), "/state/stormcell/claims");
  assert.equal(defaultClaimsFolder({}), path.join(os.homedir(), ".local/state/stormcell/claims"));
});

test("the folder is made when something is claimed, not before", (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), "stormcell-file-claims-"));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = path.join(root, "claims");
  const claims = new FileClaims(folder);
  assert.ok(!existsSync(folder));
  const held = claims.tryTake(subject);
  assert.ok(!("refused" in held));
  assert.equal(held.path, path.join(folder, "t/c/0/x/lock"));
});

test("a folder that cannot be made is told with the system's own words", () => {
  for (const folder of ["/dev/null/claims", "/proc/claims"]) {
    assert.throws(
      () => new FileClaims(folder).tryTake(subject),
      (error) => error instanceof EngineError && error.code === "CLAIM_FOLDER_UNFIT" && /E[A-Z]+/.test(error.message),
      folder,
    );
  }
});
