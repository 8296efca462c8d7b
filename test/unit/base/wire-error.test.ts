import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { EngineError } from "../../../src/base/engine-error.ts";
import { InvariantError } from "../../../src/base/invariant.ts";
import {
  fromWireError,
  toWireError,
  WIRE_ERROR_DEPTH_MAX,
  WIRE_ERROR_NODES_MAX,
  type WireError,
} from "../../../src/base/wire-error.ts";

/** Over the thread boundary and back. */
function sent(thrown: unknown): Error {
  return fromWireError(structuredClone(toWireError(thrown)));
}

class ParseFailure extends Error {
  override name = "ParseFailure";
  line = 3;
  code = "E_PARSE";
}

test("an EngineError arrives as an EngineError, with all four parts, stack and cause", () => {
  const original = new EngineError("CONFIG_CONFLICT", {
    problem: "p",
    facts: { list: [1, "b"], big: 2n, make: () => 1 },
    remedy: "r",
    cause: new RangeError("why"),
  });
  const error = sent(original);
  assert.ok(error instanceof EngineError);
  assert.deepEqual(
    [error.code, error.problem, error.remedy, error.name, error.stack],
    ["CONFIG_CONFLICT", "p", "r", "EngineError", original.stack],
  );
  assert.deepEqual(error.facts, { list: [1, "b"], big: 2n, make: "() => 1" });
  assert.ok(error.cause instanceof RangeError);
});

test("an error of a user's class keeps name, message, stack, code and plain properties", () => {
  const original = new ParseFailure("unexpected end");
  const wire = toWireError(original);
  assert.equal(wire.kind === "error" && wire.className, "ParseFailure");
  const error = sent(original) as ParseFailure;
  assert.deepEqual(
    [error.name, error.message, error.stack, error.code, error.line],
    ["ParseFailure", "unexpected end", original.stack, "E_PARSE", 3],
  );
});

test("classes that are known on both sides stay what they are", () => {
  for (const original of [new TypeError("t"), new RangeError("r"), new InvariantError("i"), new URIError("u")]) {
    const error = sent(original);
    assert.equal(error.constructor, original.constructor);
    assert.equal(error.message, original.message);
    assert.equal(error.name, original.name);
  }
});

test("an error of Node keeps errno, syscall and path", () => {
  const original = Object.assign(new Error("ENOENT: no such file"), {
    errno: -2,
    code: "ENOENT",
    syscall: "open",
    path: "x",
  });
  assert.deepEqual({ ...sent(original) }, { errno: -2, code: "ENOENT", syscall: "open", path: "x" });
});

test("an AggregateError keeps its errors, one of another realm is an error too", () => {
  const error = sent(new AggregateError([new TypeError("one"), "two"], "both"));
  assert.ok(error instanceof AggregateError);
  assert.ok(error.errors[0] instanceof TypeError);
  assert.equal(error.errors[1], "two");
  assert.equal(sent(runInNewContext("new TypeError('elsewhere')")).message, "elsewhere");
});

test("values that are no errors arrive as the cause of one", () => {
  for (const thrown of ["text", 42, null, undefined, true, 5n]) {
    const error = sent(thrown);
    assert.equal(error.name, "ThrownValue");
    assert.equal(error.cause, thrown);
    assert.match(error.message, new RegExp(String(thrown)));
  }
  assert.match(sent({ status: 500 }).message, /\{"status":500\}/);
  assert.equal(sent(new Error("outer", { cause: "inner" })).cause, "inner");
});

test("chains of causes and heaps of errors are cut at their bounds, cycles too", () => {
  const cyclic = new Error("cyclic");
  cyclic.cause = cyclic;
  assert.equal(depthOf(toWireError(cyclic)), WIRE_ERROR_DEPTH_MAX);
  const wide = () =>
    new AggregateError(
      Array.from({ length: 100 }, () => new Error("one")),
      "many",
    );
  const heap = new AggregateError(Array.from({ length: 100 }, wide), "heap");
  assert.equal(nodesOf(toWireError(heap)), WIRE_ERROR_NODES_MAX);
});

test("hostile errors do not break the report", () => {
  const hostile = new Error("hidden");
  assert.ok(hostile.stack); // Read before its parts turn hostile: the runtime's own formatting would fail on them.
  for (const name of ["message", "stack", "name", "code", "cause", "errors", "constructor", "other"]) {
    Object.defineProperty(hostile, name, {
      enumerable: true,
      get() {
        throw new Error(`${name} cannot be read`);
      },
    });
  }
  assert.ok(sent(hostile) instanceof Error);
  assert.ok(sent(Object.assign(Object.create(null), { a: 1 })) instanceof Error);
  assert.ok(sent(Symbol("s")).message.includes("Symbol(s)"));
  const badText = { toString: () => assert.fail(), toJSON: () => assert.fail() };
  assert.ok(sent(badText).message.includes("a value of type object that has no text"));
  const wrongTypes = Object.assign(new Error("x"), { code: { deep: 1 }, name: 7, stack: null, errors: 5 });
  assert.equal(sent(wrongTypes).message, "x");
  const revoked = Proxy.revocable(new Error("x"), {});
  revoked.revoke();
  assert.ok(sent(revoked.proxy) instanceof Error);
});

test("anything that can be thrown can be sent", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
      assert.ok(sent(value) instanceof Error);
      assert.ok(sent(new Error("outer", { cause: value })) instanceof Error);
    }),
    process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) },
  );
});

function depthOf(wire: WireError): number {
  return 1 + (wire.kind === "error" && wire.cause !== null ? depthOf(wire.cause) : 0);
}

function nodesOf(wire: WireError): number {
  if (wire.kind === "value") return 1;
  return [...(wire.errors ?? []), ...(wire.cause === null ? [] : [wire.cause])].reduce(
    (sum, inner) => sum + nodesOf(inner),
    1,
  );
}
