import assert from "node:assert/strict";
import { test } from "node:test";
import { allowedRooms, layerViolations } from "./layers.ts";
import { assertNone, repositoryRoot, sampleFile, sourceFilesBelow } from "./source-tree.ts";

test("rooms import only what their layer allows", () => {
  const violations = layerViolations(sourceFilesBelow(repositoryRoot(), ["src"]));
  assertNone(violations);
});

test("an import against the layers is found, however it is written, and the rooms allowed are told", () => {
  const imports = [
    `import { Cluster } from "../engine/cluster.ts";`,
    `import type { Cluster } from "../engine/cluster.ts";`,
    `export { Cluster } from "../engine/cluster.ts";`,
    `export * from "../engine/cluster.ts";`,
    `const cluster = await import("../engine/cluster.ts");`,
    `let cluster: import("../engine/cluster.ts").Cluster;`,
    `const cluster = require("../engine/cluster.js");`,
    `const worker = new Worker(new URL("../engine/worker/worker-main.js", import.meta.url));`,
  ];
  for (const text of imports) {
    const violations = layerViolations([sampleFile("src/memory/sample.ts", `\n${text}`)]);
    assert.equal(violations.length, 1, text);
    assert.match(violations[0]!, /^src\/memory\/sample\.ts:2: room "memory" imports from "engine".*may import base$/);
  }
});

test("what the table allows passes, part of a room included; all else does not", () => {
  const isAllowed = (file: string, specifier: string): boolean =>
    layerViolations([sampleFile(file, `import x from "${specifier}";`)]).length === 0;
  assert.ok(isAllowed("src/engine/plan/a.ts", "../../topology/topology-spec.ts"));
  assert.ok(isAllowed("src/engine/plan/a.ts", "../executor/b.ts"));
  assert.ok(isAllowed("src/http/a.ts", "../engine/cluster.ts"));
  assert.ok(isAllowed("src/http/a.ts", "../engine/cluster/run.ts"));
  assert.ok(!isAllowed("src/http/a.ts", "../engine/cluster-plan.ts"));
  assert.ok(!isAllowed("src/http/a.ts", "../engine/plan/a.ts"));
  assert.ok(isAllowed("src/stream/a.ts", "../windowing/a.ts"));
  assert.ok(!isAllowed("src/windowing/a.ts", "../stream/a.ts"));
  assert.ok(!isAllowed("src/base/a.ts", "../config/a.ts"));
  assert.ok(!isAllowed("src/cli/a.ts", "../testing/a.ts"));
  assert.ok(isAllowed("src/index.ts", "./engine/cluster.ts"));
  assert.ok(!isAllowed("src/engine/a.ts", "../index.ts"));
  assert.ok(!isAllowed("src/engine/a.ts", "../../test/a.ts"));
  assert.ok(!isAllowed("src/common/a.ts", "../base/a.ts"));
});

test("packages are used in their rooms only", () => {
  const isAllowed = (file: string, specifier: string): boolean =>
    layerViolations([sampleFile(file, `import x from "${specifier}";`)]).length === 0;
  assert.ok(isAllowed("src/base/a.ts", "node:fs"));
  assert.ok(isAllowed("src/base/a.ts", "pino"));
  assert.ok(isAllowed("src/engine/a.ts", "tsx/esm/api"));
  assert.ok(!isAllowed("src/config/a.ts", "pino"));
  assert.ok(!isAllowed("src/base/a.ts", "left-pad"));
  assert.ok(!isAllowed("src/base/a.ts", "@scope/name/part"));
});

test("the table itself goes downwards: no room can reach itself through others", () => {
  const reach = (room: string, seen: Set<string>): Set<string> => {
    for (const entry of allowedRooms[room]!) {
      const next = entry.split("/")[0]!;
      if (!seen.has(next)) reach(next, seen.add(next));
    }
    return seen;
  };
  for (const room of Object.keys(allowedRooms)) assert.ok(!reach(room, new Set()).has(room), room);
});
