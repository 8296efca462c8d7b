import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineError } from "../../../src/base/engine-error.ts";
import { resolveUi, type UiOption } from "../../../src/http/ui-settings.ts";

test("true, a port and an object: all defaults are filled in", () => {
  const { token, ...rest } = resolveUi(true);
  assert.deepEqual(rest, {
    port: 8080,
    anyPort: true,
    host: "127.0.0.1",
    isLoopback: true,
    hosts: [],
    portFile: true,
  });
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(resolveUi(true).token, token);
  assert.deepEqual([resolveUi(9000).port, resolveUi(9000).anyPort], [9000, false]);
  assert.deepEqual([resolveUi({ port: 0 }).port, resolveUi({ port: 0 }).anyPort], [0, false]);
});

test("an address that others reach needs a token", () => {
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "fe80::1"]) {
    assert.throws(() => resolveUi({ host }), { code: "UI_TOKEN_MISSING" }, host);
    assert.equal(resolveUi({ host, token: "x".repeat(16) }).isLoopback, false);
  }
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
    assert.equal(resolveUi({ host }).isLoopback, true);
});

test("bad settings are refused, and a token is never told", () => {
  const bad: unknown[] = [
    false,
    "8080",
    null,
    [],
    -1,
    65_536,
    1.5,
    Number.NaN,
    { port: "8080" },
    { host: "box.example.org" },
    { host: 1 },
    { token: "short" },
    { token: "with space and more" },
    { token: 1 },
    { hosts: "box" },
    { hosts: ["box:80"] },
    { hosts: ["<b>"] },
    { portFile: 1 },
    { prot: 80 },
  ];
  for (const option of bad) {
    assert.throws(() => resolveUi(option as UiOption), { code: "UI_BAD_SETTING" }, JSON.stringify(option));
  }
  const secret = "secret secret secret";
  const tell = (error: EngineError) => !`${error.message}${JSON.stringify(error.facts)}`.includes(secret);
  assert.throws(() => resolveUi({ token: secret }), tell);
});
