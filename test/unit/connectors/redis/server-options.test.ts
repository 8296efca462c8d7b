import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type RedisServerOptions,
  readServer,
  SERVER_OPTIONS,
} from "../../../../src/connectors/redis/server-options.ts";
import { OptionReader } from "../../../../src/connectors/shared/option-reader.ts";

const plan = (options: RedisServerOptions) => readServer("test", new OptionReader("test", options, SERVER_OPTIONS));

test("a server is named by a url or by its parts, with the same outcome", () => {
  const parts = plan({ host: "h", port: 7, db: 2, username: "u", password: "p@ss", tls: true });
  const url = plan({ url: "rediss://u:p%40ss@h:7/2" });
  assert.deepEqual(url, parts);
  assert.equal(parts.server, "h:7");
  assert.deepEqual(parts.client, { host: "h", port: 7, db: 2, username: "u", password: "p@ss", tls: {} });
  assert.deepEqual(plan({}).client, { host: "127.0.0.1", port: 6379, db: 0 });
  assert.equal(plan({ url: "redis://[::1]" }).client.host, "::1");
  const tls = { ca: "x" };
  assert.deepEqual(plan({ url: "rediss://h", tls }).client.tls, tls);
  assert.equal(plan({ client: { connectionName: "c" } }).client.connectionName, "c");
  const hidden = plan({ password: "a b", client: { sentinelPassword: "c", db: 5 }, tls: { passphrase: "d" } });
  assert.deepEqual(hidden.secrets, ["a b", "a%20b", "c", "c", "d", "d"]);
});

test("options that make no sense are refused, without showing a secret", () => {
  const wrong: object[] = [
    { url: "http://h" },
    { url: "secret" },
    { url: "redis://:secret@h/x" },
    { url: "redis://h", port: 1 },
    { url: "redis://:secret@h", password: "secret" },
    { host: "" },
    { port: 0 },
    { port: 70_000 },
    { db: -1 },
    { tls: "yes" },
    { password: ["secret"] },
    { client: 5 },
    { operationTimeoutMs: 0 },
    { reconnect: { firstMs: -1 } },
    { hosts: "h" },
  ];
  for (const options of wrong) {
    assert.throws(
      () => plan(options),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "CONNECTOR_BAD_OPTION");
        if (options !== wrong[1]) assert.doesNotMatch(error.message, /secret/);
        return true;
      },
      JSON.stringify(options),
    );
  }
});
