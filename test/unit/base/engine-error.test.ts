import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { EngineError } from "../../../src/base/engine-error.ts";

test("the message is code and problem, then fact rows and the remedy in one column", () => {
  const error = new EngineError("TOPOLOGY_DUPLICATE_ID", {
    problem: `bolt "count" is declared twice`,
    facts: { declared: ["lines", "split"], at: 2 },
    remedy: `rename one of the two`,
  });
  assert.equal(
    error.message,
    [
      `TOPOLOGY_DUPLICATE_ID: bolt "count" is declared twice.`,
      `  declared: lines, split`,
      `  at:       2`,
      `  remedy:   rename one of the two`,
    ].join("\n"),
  );
});

test("facts of every kind are shown, undefined ones left out, and lines of a long one stay in their column", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const error = new EngineError("TOPOLOGY_DUPLICATE_ID", {
    problem: "a problem that ends with a full stop.",
    facts: {
      none: [],
      big: 1n,
      nan: Number.NaN,
      nil: null,
      gone: undefined,
      nested: { a: [1n] },
      cycle,
      error: new TypeError("bad"),
      function: errorTextOf,
      symbol: Symbol("s"),
      lines: "first\nsecond",
    },
    remedy: "r",
  });
  assert.deepEqual(error.message.split("\n"), [
    "TOPOLOGY_DUPLICATE_ID: a problem that ends with a full stop.",
    "  none:     (none)",
    "  big:      1n",
    "  nan:      NaN",
    "  nil:      null",
    `  nested:   {"a":["1n"]}`,
    "  cycle:    [object Object]",
    "  error:    TypeError: bad",
    "  function: function errorTextOf",
    "  symbol:   Symbol(s)",
    "  lines:    first",
    "            second",
    "  remedy:   r",
  ]);
});

test("a printed error says its class, and everything once", () => {
  const printed = errorTextOf(
    new EngineError("TOPOLOGY_DUPLICATE_ID", { problem: "p", facts: { f: "unique" }, remedy: "r" }),
  );
  assert.match(printed, /^EngineError: TOPOLOGY_DUPLICATE_ID: p\./);
  assert.equal(printed.split("unique").length, 2);
});

test("code, problem, facts, remedy and cause can be read", () => {
  const cause = new Error("why");
  const error = new EngineError("TOPOLOGY_DUPLICATE_ID", { problem: "p", remedy: "r", cause });
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.problem, error.facts, error.remedy, error.cause],
    ["EngineError", "TOPOLOGY_DUPLICATE_ID", "p", {}, "r", cause],
  );
  assert.equal("cause" in new EngineError("TOPOLOGY_DUPLICATE_ID", { problem: "p", remedy: "r" }), false);
});

function errorTextOf(error: Error): string {
  return inspect(error);
}
