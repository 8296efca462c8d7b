import assert from "node:assert/strict";

export const EMPTY: readonly never[] = [];
export const HUGE = "x".repeat(1_000_000);
export const throwing = (names: readonly string[]) =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      names.map((name) => [name, { enumerable: true, get: () => assert.fail("what a getter throws") }]),
    ),
  );
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** By name, so that a failure says which. */
export const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-1", -1],
  ["0", 0],
  ["-0.5", -0.5],
  ["1.5", 1.5],
  ["2", 2],
  ["1e300", 1e300],
  ["2n", 2n],
  ["a number as text", "5000"],
  ["an empty text", ""],
  ["spaces", "  "],
  ["a huge text", HUGE],
  ["half a sign", "\ud800"],
  ["__proto__", "__proto__"],
  ["constructor", "constructor"],
  ["toString", "toString"],
  ["true", true],
  ["false", false],
  ["a symbol", Symbol("s")],
  ["a function", () => null],
  ["an empty list", EMPTY],
  ["a list of nothing", [undefined]],
  ["a list of an empty text", [""]],
  ["a list in a list", [["a"]]],
  ["an empty object", {}],
  ["an object without a prototype", Object.create(null)],
  ["an object with __proto__", JSON.parse('{"__proto__": 1}')],
  ["an object with an unknown name", { constructor: 1 }],
  ["an object with a getter that throws", throwing(["anything"])],
  ["an object whose known names throw", throwing(["firstMs", "rows", "header", "mechanism", "retries", "kind"])],
  ["a revoked proxy", revoked()],
  ["a date", new Date(0)],
];

export type Takes = (value: unknown) => boolean;
export type Table = Readonly<Record<string, Takes>>;

export const never: Takes = () => false;
export const whole =
  (min: number, max = Number.MAX_SAFE_INTEGER): Takes =>
  (value) =>
    (Number.isInteger(value) || (value === Number.POSITIVE_INFINITY && max === value)) &&
    (value as number) >= min &&
    (value as number) <= max;
export const text: Takes = (value) => typeof value === "string" && value !== "";
export const name: Takes = (value) => text(value) && !/\s/.test(value as string);
export const topic: Takes = (value) => /^[\w.-]{1,249}$/.test(typeof value === "string" ? value : " ");
export const flag: Takes = (value) => typeof value === "boolean";
export const call: Takes = (value) => typeof value === "function";
export const either =
  (...all: Takes[]): Takes =>
  (value) =>
    all.some((takes) => takes(value));
export const object: Takes = (value) => {
  try {
    return typeof value === "object" && value !== null && !Array.isArray(value) && Boolean({ ...value });
  } catch {
    return false;
  }
};
/** An object without names: all of its options have their defaults. */
export const noOptions: Takes = (value) => object(value) && Object.keys(value as object).length === 0;
export const field: Takes = either(call, (value) => value === "constructor");
export const oneSign: Takes = (value) => text(value) && (value as string).length === 1 && (value as string) <= "\x7f";
