import assert from "node:assert/strict";
import { test } from "node:test";
import { optionNames } from "../../../src/config/option-table.ts";
import { settingRow, settingRows } from "../../../src/http/setting-rows.ts";

test("every option is there, with the strongest layer that set it", () => {
  const rows = settingRows({
    cluster: { workers: 2, logLevel: "warn" },
    topology: { logLevel: "error" },
    commandLine: { pin: "off" },
  });
  const origins = Object.fromEntries(rows.map(({ name, origin }) => [name, origin]));
  assert.deepEqual(
    rows.map(({ name }) => name),
    [...optionNames],
  );
  const { workers, logLevel, pin, runtime } = origins;
  assert.deepEqual([workers, logLevel, pin, runtime], ["cluster", "topology", "command line", "default"]);
  assert.equal(rows.find(({ name }) => name === "logLevel")?.value, "error");
});

test("what is secret by its name is masked, at any depth", () => {
  const secret = "hunter2-hunter2";
  for (const name of ["token", "apiKey", "api_key", "redisPassword", "client.secret", "sasl.credentials"]) {
    const row = settingRow(name, secret, "topology");
    assert.deepEqual([row.masked, JSON.stringify(row).includes(secret)], [true, false], name);
  }
  const deep = settingRow("broker", { hosts: ["a"], auth: [{ user: "u", password: secret }] }, "topology");
  assert.equal(deep.masked, true);
  assert.ok(!JSON.stringify(deep).includes(secret));
  assert.deepEqual((deep.value as { hosts: unknown }).hosts, ["a"]);
  assert.equal(settingRow("messageTimeoutMs", 5, "default").masked, false);
});
