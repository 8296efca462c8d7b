import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { connectorFailed } from "../../../../src/connectors/shared/connector-failed.ts";
import { importPeer } from "../../../../src/connectors/shared/import-peer.ts";
import { maskSecrets } from "../../../../src/connectors/shared/mask-secrets.ts";

test("secrets are masked wherever they stand", () => {
  for (const [text, secrets] of [
    ["redis://user:hunter2@host:6379/0", []],
    ["redis://:hun/ter2@host", []],
    ["connect to redis://u:hunter2@p@host failed", []],
    ["password=hunter2, host=x", []],
    ['{"token":"hunter2","a":1}', []],
    ["Authorization: Bearer hunter2hunter2", []],
    ["AUTH hunter2", ["hunter2"]],
    ["file:///a/@scope/b.js: redis://u:hunter2@host", []],
    ["file:///a/@scope/b.js,redis://u:hunter2@host/0", []],
    ["https://user:hunter2@host/path@2x.png", []],
    ["https://hunter2@host/path", []],
    ["redis://u:hun/ter2@p/longer@host", []],
    ["myfile://u:hunter2@host", []],
    ["127.0.0.1-redis://u:hunter2@host", []],
    [`${"x".repeat(100)}redis://u:hunter2@host`, []],
    ["redis://u:hunter2://longer@host", []],
    ["hunter2-longer", ["hunter2", "hunter2-longer"]],
  ] as const) {
    const masked = maskSecrets(text, secrets);
    assert.doesNotMatch(masked, /hun|ter2|longer/, masked);
  }
  assert.equal(maskSecrets("redis://host:6379 has no user"), "redis://host:6379 has no user");
});

test("what only looks like the user part of a URL is shown", () => {
  for (const text of [
    "at #onClose (file:///app/node_modules/@platformatic/kafka/dist/network/connection.js:546:23)",
    "FILE:///app/node_modules/.pnpm/ioredis@5.4.1/node_modules/ioredis/built/index.js",
    "at Object.<anonymous> (/app/node_modules/@platformatic/kafka/dist/index.js:1:1)",
    "http://host/path@2x.png",
    "https://host.example/@scope/name",
    "redis://host:6379, someone@example.org",
  ]) {
    assert.equal(maskSecrets(text), text);
  }
});

test("long texts are masked in no time", () => {
  const startMs = performance.now();
  for (const piece of ["a", "a://", "file://", "redis://u:p@", "password="]) {
    maskSecrets(piece.repeat(1_000_000 / piece.length));
  }
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 2_000, `it took ${Math.round(tookMs)} ms`);
});

test("an error of a server says where and what, and no secret of its cause", () => {
  const cause = Object.assign(new Error("WRONGPASS for hunter2"), { command: { name: "auth", args: ["hunter2"] } });
  const error = connectorFailed({
    connector: "redisStoreBolt",
    server: "redis://u:hunter2@host:6379",
    operation: "AUTH",
    key: "orders",
    cause,
    remedy: "look at the password",
    secrets: ["hunter2"],
  });
  assert.equal(error.code, "CONNECTOR_FAILED");
  assert.match(error.message, /redisStoreBolt failed at AUTH: WRONGPASS/);
  assert.match(error.message, /orders/);
  assert.doesNotMatch(inspect(error, { depth: 10 }), /hunter2/);
  assert.match(
    connectorFailed({ connector: "c", operation: "o", problem: "p", remedy: "r" }).message,
    /c failed at o: p/,
  );
});

test("a peer that is missing is named with the command that installs it", async () => {
  const peer = { connector: "kafkaSpout", name: "no-such-package", range: ">=1" };
  const name: string = peer.name;
  await assert.rejects(
    importPeer(peer, () => import(name)),
    { code: "CONNECTOR_MISSING_PEER", message: /npm install "no-such-package@>=1"/ },
  );
  const other = Object.assign(new Error("Cannot find package 'another' imported from x"), {
    code: "ERR_MODULE_NOT_FOUND",
  });
  await assert.rejects(
    importPeer(peer, () => Promise.reject(other)),
    other,
  );
  assert.equal(await importPeer(peer, async () => 7), 7);
});
