import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionReader } from "../../../../src/connectors/shared/option-reader.ts";

const ALLOWED = ["count", "part", "isOn", "name", "word", "call", "group", "password"];
const reader = (options: unknown) => new OptionReader("someSpout", options, ALLOWED);

test("options that are left out have their defaults", () => {
  const empty = reader({});
  assert.equal(empty.whole("count", { min: 1, byDefault: 7 }), 7);
  assert.equal(empty.number("part", { min: 0, max: 1, byDefault: 0.5 }), 0.5);
  assert.equal(empty.flag("isOn", true), true);
  assert.equal(empty.text("name", "x"), "x");
  assert.equal(empty.textOrNull("name"), null);
  assert.equal(empty.word("word", ["a", "b"], "b"), "b");
  assert.equal(empty.callback("call"), null);
  assert.equal(empty.group("group", ["inner"]).flag("inner", false), false);
});

test("options that are given are taken", () => {
  const given = reader({ count: Number.POSITIVE_INFINITY, part: 0, isOn: false, word: "a", group: { inner: true } });
  assert.equal(
    given.whole("count", { min: 1, max: Number.POSITIVE_INFINITY, byDefault: 1 }),
    Number.POSITIVE_INFINITY,
  );
  assert.equal(given.number("part", { min: 0, byDefault: 1 }), 0);
  assert.equal(given.flag("isOn", true), false);
  assert.equal(given.word("word", ["a", "b"], "b"), "a");
  assert.equal(given.group("group", ["inner"]).flag("inner", false), true);
});

test("names that do not exist are told, with the one that was meant", () => {
  assert.throws(() => reader({ cuont: 1 }), {
    code: "CONNECTOR_BAD_OPTION",
    message: /"cuont"[\s\S]*did you mean "count"/,
  });
  assert.throws(() => reader({ group: { iner: 1 } }).group("group", ["inner"]), {
    message: /"group\.iner"[\s\S]*"inner"/,
  });
  assert.throws(() => reader(null), { message: /options of someSpout is given null[\s\S]*an object/ });
});

test("values that are not allowed are told, with what is", () => {
  const cases: readonly (readonly [() => unknown, RegExp])[] = [
    [
      () => reader({ count: 1.5 }).whole("count", { min: 1, max: 9, byDefault: 1 }),
      /count of someSpout[\s\S]*1 to 9/,
    ],
    [() => reader({ count: "1" }).whole("count", { min: 1, byDefault: 1 }), /given "1"/],
    [() => reader({ count: Number.NaN }).whole("count", { min: 1, byDefault: 1 }), /given NaN/],
    [() => reader({ part: 2 }).number("part", { min: 0, max: 1, byDefault: 0 }), /a number from 0 to 1/],
    [() => reader({ part: Number.NaN }).number("part", { min: 0, byDefault: 0 }), /given NaN/],
    [() => reader({ isOn: 1 }).flag("isOn", true), /true or false/],
    [() => reader({ name: "" }).text("name"), /a text that is not empty/],
    [() => reader({}).text("name"), /given nothing[\s\S]*it has no default/],
    [
      () => {
        throw reader({ name: "x" }).bad("name", "nothing beside word");
      },
      /leave it out/,
    ],
    [() => reader({ word: "bb" }).word("word", ["aaa", "bbb"], "aaa"), /did you mean "bbb"/],
    [() => reader({ call: {} }).callback("call"), /a function/],
    [() => reader({ group: 1 }).group("group", []), /option group of someSpout is given 1/],
  ];
  for (const [call, message] of cases) assert.throws(call, { code: "CONNECTOR_BAD_OPTION", message });
});

test("what may be secret is not shown", () => {
  const shown = (options: object, name: string): string => {
    try {
      reader(options).flag(name, true);
    } catch (error) {
      return String(error);
    }
    return assert.fail("it was taken");
  };
  assert.doesNotMatch(shown({ password: "hunter2" }, "password"), /hunter2/);
  assert.doesNotMatch(shown({ name: "redis://user:hunter2@host:1" }, "name"), /hunter2|user/);
});
