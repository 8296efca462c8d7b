// Routes are compared with their page both ways, and none is without a permission.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { allRoutes } from "../../../src/http/http-server.ts";
import { RouteTable } from "../../../src/http/route.ts";
import { repositoryRoot } from "../../tidy/source-tree.ts";

test("docs/UI.md has every route with its permission, and no other", () => {
  const page = readFileSync(path.join(repositoryRoot(), "docs/UI.md"), "utf8");
  const documented = [...page.matchAll(/^\| (GET|POST) `([^`]+)` \| (\w+) \|/gm)].map(
    ([, method, route, permission]) => `${method} ${route} ${permission}`,
  );
  const offered = allRoutes.map(({ method, path: route, permission }) => `${method} ${route} ${permission}`);

  assert.ok(offered.length > 30);
  assert.equal(new Set(offered).size, offered.length);
  assert.deepEqual(documented.toSorted(), offered.toSorted());
});

test("what changes something is a POST with the permission for it, and the other way round", () => {
  for (const { method, path: route, permission } of allRoutes) {
    assert.ok(["open", "read", "secret", "change"].includes(permission), route);
    assert.equal(method === "POST", permission === "change", route);
  }
});

test("only health is open", () => {
  const open = allRoutes.filter(({ permission }) => permission === "open").map(({ path: route }) => route);
  assert.deepEqual(open, ["/healthz", "/readyz"]);
});

test("a path finds its routes: written-out parts win over those that stand for any", () => {
  const table = new RouteTable(allRoutes);
  const found = (route: string) =>
    table.find(route.slice(1).split("/")).map((it) => [it.route.method, it.route.path]);
  assert.deepEqual(found("/api/v1/topology/summary"), [["GET", "/api/v1/topology/summary"]]);
  assert.deepEqual(found("/api/v1/topology/jobs"), [["GET", "/api/v1/topology/:id"]]);
  assert.deepEqual(
    found("/api/v1/topology/jobs/logconfig").map(([method]) => method),
    ["GET", "POST"],
  );
  assert.deepEqual(found("/api/v1/nothing"), []);
  assert.deepEqual(table.find(["api", "v1", "topology", "a", "kill", "3"])[0]?.params, { id: "a", wait: "3" });
});
