import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isRefusal,
  type Permission,
  RequestGuard,
  readTarget,
  URL_LENGTH_MAX,
} from "../../../src/http/request-guard.ts";
import { resolveUi, type UiOptions } from "../../../src/http/ui-settings.ts";

const TOKEN = "0123456789abcdef-_ABCDEF";
const PORT = 8123;

function guardOf(options: UiOptions = {}): RequestGuard {
  return new RequestGuard(resolveUi({ token: TOKEN, ...options }), () => PORT);
}

function callerStatus(guard: RequestGuard, headers: Record<string, string[]>): number {
  return guard.checkCaller({ method: "GET", url: "/", headers })?.status ?? 200;
}

function permissionStatus(guard: RequestGuard, permission: Permission, authorization?: string | string[]): number {
  const headers = authorization === undefined ? {} : { authorization: [authorization].flat() };
  return guard.checkPermission(permission, { method: "GET", url: "/", headers })?.status ?? 200;
}

test("targets: segments are decoded once, and what could mean two things is refused", () => {
  const good = readTarget("/api/v1/topology/word%20count?window=600&sys=1");
  assert.ok(!isRefusal(good));
  assert.deepEqual(good.segments, ["api", "v1", "topology", "word count"]);
  assert.deepEqual(
    [...good.query],
    [
      ["window", "600"],
      ["sys", "1"],
    ],
  );
  const root = readTarget("/");
  assert.ok(!isRefusal(root) && root.segments.length === 0);

  const bad = [
    "",
    "api",
    "http://evil.example/api",
    "//evil.example",
    "/api//v1",
    "/api/",
    "/..",
    "/%2e%2e/etc",
    "/a/%2E/b",
    "/a%2fb",
    "/a%5cb",
    "/a\\b",
    "/%252e%252e",
    "/%00",
    "/%0d%0aset-cookie",
    "/%ff",
    "/%",
    "/a#b",
    "/ü",
    "/a b",
    "/1/2/3/4/5/6/7/8/9/10/11/12/13",
    "/x?token=abc",
    "/x?access_token=abc",
    "/x?Token=abc",
    "/x?callback=f",
    "/x?window=1&window=2",
  ];
  for (const url of bad) {
    const target = readTarget(url);
    assert.ok(isRefusal(target) && target.status === 400, url);
  }
  const long = readTarget(`/${"a".repeat(URL_LENGTH_MAX)}`);
  assert.ok(isRefusal(long) && long.status === 414);
});

test("Host: ours by address, by name and with the port, and nothing else", () => {
  const guard = guardOf({ hosts: ["box.example.org"] });
  for (const host of ["127.0.0.1", "localhost", "LocalHost", "[::1]", "box.example.org", "BOX.example.org"]) {
    assert.equal(callerStatus(guard, { host: [`${host}:${PORT}`] }), 200, host);
  }
  const wrong = [
    "127.0.0.1",
    "127.0.0.1:1",
    "evil.example",
    `evil.example:${PORT}`,
    `127.0.0.1.evil.example:${PORT}`,
    `localhost.:${PORT}`,
    `::1:${PORT}`,
    `10.0.0.1:${PORT}`,
    `:${PORT}`,
    "",
  ];
  for (const host of wrong) assert.equal(callerStatus(guard, { host: [host] }), 421, host);
  assert.equal(callerStatus(guard, {}), 421);
  assert.equal(callerStatus(guard, { host: [`localhost:${PORT}`, `localhost:${PORT}`] }), 421);
});

test("Host on a wildcard address: any address, but no name that was not given", () => {
  const guard = guardOf({ host: "0.0.0.0" });
  assert.equal(callerStatus(guard, { host: [`10.0.0.1:${PORT}`] }), 200);
  assert.equal(callerStatus(guard, { host: [`[fe80::1]:${PORT}`] }), 200);
  assert.equal(callerStatus(guard, { host: [`evil.example:${PORT}`] }), 421);
});

test("Origin and Sec-Fetch-Site: the page itself, or nobody", () => {
  const guard = guardOf();
  const host = [`localhost:${PORT}`];
  assert.equal(callerStatus(guard, { host, origin: [`http://localhost:${PORT}`] }), 200);
  assert.equal(callerStatus(guard, { host, "sec-fetch-site": ["same-origin"] }), 200);
  assert.equal(callerStatus(guard, { host, "sec-fetch-site": ["none"] }), 200);
  const wrong = ["null", "", "http://evil.example", `https://localhost:${PORT}`, `http://127.0.0.1:${PORT}`];
  for (const origin of wrong) assert.equal(callerStatus(guard, { host, origin: [origin] }), 403, origin);
  assert.equal(callerStatus(guard, { host, origin: [`http://localhost:${PORT}`, "http://evil.example"] }), 403);
  for (const site of ["cross-site", "same-site", "x"]) {
    assert.equal(callerStatus(guard, { host, "sec-fetch-site": [site] }), 403, site);
  }
});

test("permissions: on loopback reading is free, and all else needs the token", () => {
  const guard = guardOf();
  const statuses = (authorization?: string | string[]) =>
    (["open", "read", "secret", "change"] as const).map((it) => permissionStatus(guard, it, authorization));
  assert.deepEqual(statuses(), [200, 200, 401, 401]);
  assert.deepEqual(statuses(`Bearer ${TOKEN}`), [200, 200, 200, 200]);
  for (const wrong of ["Bearer x", `Bearer ${TOKEN}x`, `bearer ${TOKEN}`, `Basic ${TOKEN}`, TOKEN, "", "Bearer "]) {
    assert.deepEqual(statuses(wrong), [401, 401, 401, 401], wrong);
  }
  assert.deepEqual(statuses([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]), [401, 401, 401, 401]);
});

test("permissions: on an address that others reach, reading needs the token too", () => {
  const guard = guardOf({ host: "0.0.0.0" });
  assert.equal(permissionStatus(guard, "open"), 200);
  assert.equal(permissionStatus(guard, "read"), 401);
  assert.equal(permissionStatus(guard, "read", `Bearer ${TOKEN}`), 200);
});
