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
    ["hunter2-longer", ["hunter2", "hunter2-longer"]],
  ] as const) {
    const masked = maskSecrets(text, secrets);
    assert.doesNotMatch(masked, /hun|ter2|longer/, masked);
  }
  assert.equal(maskSecrets("redis://host:6379 has no user"), "redis://host:6379 has no user");
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
