import assert from "node:assert/strict";
import { test } from "node:test";
import { BadMessage, FileLine, fileBolt, fileSpout } from "../../../../src/connectors/files/index.ts";
import { DeadLetter, fields } from "../../../../src/index.ts";

const N = fields("n:int32");

test("the streams of a spout are its rows, and what its options name", () => {
  assert.equal(fileSpout({ paths: "a" }).output, FileLine);
  assert.equal(fileSpout({ paths: "a", format: "json", fields: N, delivery: "none" }).output, N);
  assert.deepEqual(fileSpout({ paths: "a", badMessages: "bad" }).output, { default: FileLine, bad: BadMessage });
  assert.deepEqual(
    fileSpout({ paths: "a", format: "csv", fields: N, badMessages: "bad", replay: { deadLetter: "dead" } }).output,
    { default: N, bad: BadMessage, dead: DeadLetter },
  );
});

test("what a spout cannot be told is refused where it is made", () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{}, /paths of fileSpout is given nothing/],
    [{ path: "a" }, /did you mean "paths"/],
    [{ paths: [] }, /an empty list/],
    [{ paths: [""] }, /a path, or a list of paths/],
    [{ paths: "a", files: [] }, /nothing, if files are given/],
    [{ files: ["a"] }, /what listFiles returned/],
    [{ paths: "a", format: "jsno" }, /did you mean "json"/],
    [{ paths: "a", format: "json" }, /what fields\(\.\.\.\) makes/],
    [{ paths: "a", fields: N }, /lines have the fields FileLine/],
    [{ paths: "a", csv: {} }, /unless with format: "csv"/],
    [{ paths: "a", format: "csv", fields: N, csv: { separator: ";;" } }, /csv\.separator/],
    [{ paths: "a", format: "csv", fields: N, csv: { quote: "," } }, /csv\.quote/],
    [{ paths: "a", gzip: 1 }, /"auto", true or false/],
    [{ paths: "a", rangeBytes: 1 }, /from 4096/],
    [{ paths: "a", lineBytesMax: 0 }, /lineBytesMax/],
    [{ paths: "a", badMessages: "default" }, /other than "default"/],
    [{ paths: "a", delivery: "none", replay: {} }, /nothing with delivery: "none"/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => fileSpout(options as { paths: string }), { code: "CONNECTOR_BAD_OPTION", message });
  }
  assert.throws(() => fileSpout({ paths: "a", replay: { retries: -1 } }), { code: "REPLAY_BAD_OPTION" });
  const taken = { badMessages: "x", replay: { deadLetter: "x" } } as const;
  assert.throws(() => fileSpout({ paths: "a", ...taken }), { code: "REPLAY_BAD_OPTION" });
});

test("what a bolt cannot be told is refused where it is made", () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ input: N }, /folder of fileBolt is given nothing/],
    [{ folder: "a" }, /what fields\(\.\.\.\) makes/],
    [{ input: N, folder: "a", format: "xml" }, /a function that makes a line/],
    [{ input: N, folder: "a", csv: {} }, /unless with format: "csv"/],
    [{ input: N, folder: "a", extension: "txt" }, /such as "\.jsonl"/],
    [{ input: N, folder: "a", extension: ".txt.tmp" }, /such as "\.jsonl"/],
    [{ input: N, folder: "a", extension: ".a/b" }, /such as "\.jsonl"/],
    [{ input: N, folder: "a", rotate: { row: 1 } }, /did you mean "rows"/],
    [{ input: N, folder: "a", rotate: { rows: 0 } }, /rotate\.rows/],
    [{ input: N, folder: "a", sync: "always" }, /"batch", or an object/],
    [{ input: N, folder: "a", sync: { ms: 0 } }, /sync\.ms/],
    [{ input: N, folder: "a", inFlightMax: 0 }, /inFlightMax/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => fileBolt(options as { input: typeof N; folder: string }), {
      code: "CONNECTOR_BAD_OPTION",
      message,
    });
  }
  assert.equal(fileBolt({ input: N, folder: "a", rotate: { ms: 100 } }).config.tickMs, 50);
  assert.equal(fileBolt({ input: N, folder: "a" }).config.tickMs, undefined);
});
