import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { parseSetting, parseSettings } from "../../../src/config/parse-setting.ts";
import { resolveConfig } from "../../../src/config/resolve-config.ts";

function codeOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof EngineError, String(error));
    return error.code;
  }
  return "no error";
}

test("a value is read by the type of its option", () => {
  const cases: [string, unknown][] = [
    ["workers=auto", "auto"],
    ["workers=4", 4],
    ["flushMs=0.5", 0.5],
    ["emitOverflowMax=1_000", 1000],
    ["emitOverflowMax=1e6", 1_000_000],
    ["tickMs=null", null],
    ["logLevel=debug", "debug"],
    [" pin = off ", "off"],
    ["claimsFolder=/var/lib/my claims", "/var/lib/my claims"],
    ["claimsFolder=null", null],
    ["topology.debug=true", true],
    ["topology.message.timeout.secs=10", 10],
    ["topology.max.spout.pending=null", null],
  ];
  for (const [text, value] of cases)
    assert.deepEqual(parseSetting(text), { key: text.split("=")[0]!.trim(), value }, text);
});

test("settings make the layer that overrides all others", () => {
  const commandLine = parseSettings(["messageTimeoutMs=10000", "concurrency=3"]);
  const values = resolveConfig({ topology: { messageTimeoutMs: 1 }, component: { concurrency: 2 }, commandLine });
  assert.equal(values.messageTimeoutMs, 10_000);
  assert.equal(values.concurrency, 3);
});

test("bad settings are coded errors", () => {
  for (const text of ["", "=", "=1", "workers", "flushMs:1"])
    assert.equal(
      codeOf(() => parseSetting(text)),
      "CONFIG_INVALID_SETTING",
      text,
    );
  for (const text of [
    "workers=",
    "workers=many",
    "workers=0x10",
    "workers=1.5",
    "flushMs=.",
    "flushMs=1=2",
    "acking=on",
    "workers=null",
  ]) {
    assert.equal(
      codeOf(() => parseSetting(text)),
      "CONFIG_INVALID_VALUE",
      text,
    );
  }
  assert.equal(
    codeOf(() => parseSetting("wrkers=2")),
    "CONFIG_UNKNOWN_OPTION",
  );
  assert.equal(
    codeOf(() => parseSetting("topology.tasks=2")),
    "CONFIG_STORM_UNSUPPORTED",
  );
  assert.equal(
    codeOf(() => parseSettings(["workers=1", "workers=2"])),
    "CONFIG_DUPLICATE_OPTION",
  );
  assert.equal(
    codeOf(() => resolveConfig({ commandLine: parseSettings(["topology.debug=yes"]) })),
    "CONFIG_INVALID_VALUE",
  );
});
