import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = path.resolve(fileURLToPath(new URL("../../..", import.meta.url)));

const PRELUDE = `
import { basicBolt, defineTopology, fields, fromIterable, RichBolt } from "../../src/index.ts";
import { singleWriter, type Tuple } from "../../src/index.ts";
const Sentence = fields("sentence:string");
const Word = fields("word:string");
export const split = basicBolt({ input: Sentence, output: Word, execute() {} });
export const count = basicBolt({ input: Word, execute(tuple) { void tuple.word; } });
export const lines = fromIterable(Sentence, () => [["a b"]]);
type Mentioned = [typeof defineTopology, typeof RichBolt, typeof singleWriter, Tuple<typeof Word>];
export type { Mentioned };
`;

/** A mistake, and what the compiler has to say to whoever makes it; null: no mistake at all. */
const programs: readonly (readonly [name: string, code: string, message: RegExp | null])[] = [
  [
    "none",
    `defineTopology(import.meta.url, (b) => void b.setBolt("x", split).shuffleGrouping(b.setSpout("l", lines)));`,
    null,
  ],
  [
    "wrong value",
    `basicBolt({ input: Word, output: Word, execute(_, c) { c.emit([1]); } });`,
    /'number' is not assignable to type 'string'/,
  ],
  [
    "too many values",
    `basicBolt({ input: Word, output: Word, execute(t, c) { c.emit([t.word, 1]); } });`,
    /Source has 2 element\(s\) but target allows only 1/,
  ],
  [
    "unknown field",
    `basicBolt({ input: Word, execute(tuple) { void tuple.wrd; } });`,
    /'wrd' does not exist.*Did you mean 'word'/,
  ],
  [
    "unknown field of a row to write",
    `singleWriter({ input: Word, resource: "x", writer: () => ({ write(rows) { void rows[0]!.wrd; } }) });`,
    /'wrd' does not exist.*Did you mean 'word'/,
  ],
  ["unknown type", `fields("word:text");`, /unknown column type \\?"text/],
  ["duplicate field", `fields("word:string", "word:int32");`, /duplicate field \\?"word/],
  [
    "grouping by an unknown field",
    `defineTopology("", (b) => void b.setBolt("x", split).fieldsGrouping(b.setSpout("l", lines), ["word"]));`,
    /'"word"' is not assignable to type '"sentence"'/,
  ],
  [
    "a stream that lacks a field",
    `defineTopology(import.meta.url, (b) => void b.setBolt("x", count).shuffleGrouping(b.setSpout("l", lines)));`,
    /"the stream does not carry": "word"/,
  ],
  [
    "a forgotten anchor",
    `export class R extends RichBolt({ input: Word, output: Word }) {
       execute(tuple: Tuple<typeof Word>) { this.collector.emit([tuple.word]); }
     }`,
    /Expected 2 arguments, but got 1/,
  ],
  [
    "a spout as a bolt",
    `defineTopology(import.meta.url, (b) => void b.setBolt("x", lines));`,
    /'SpoutClass<.*required in type 'BoltClass</s,
  ],
];

test("the compiler finds each planted mistake, and says something that helps", () => {
  const config = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.config.compilerOptions, root);
  const sources = new Map(
    programs.map(([, code], i) => [path.join(root, "test", "types", `planted-${i}.ts`), `${PRELUDE}\n${code}\n`]),
  );
  const { incremental: _incremental, tsBuildInfoFile: _file, ...rest } = options;
  const checkOnly: ts.CompilerOptions = { ...rest, noEmit: true };
  const host = ts.createCompilerHost(checkOnly);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => sources.get(path.resolve(file)) ?? readFile.call(host, file);
  host.fileExists = (file) => sources.has(path.resolve(file)) || fileExists.call(host, file);
  host.getSourceFile = (file, language, ...others) => {
    const text = sources.get(path.resolve(file));
    return text === undefined
      ? getSourceFile.call(host, file, language, ...others)
      : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram([...sources.keys()], checkOnly, host);
  for (const [i, [name, , expected]] of programs.entries()) {
    const file = program.getSourceFile(path.join(root, "test", "types", `planted-${i}.ts`));
    assert.ok(file, name);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      (diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"),
    );
    if (expected === null) assert.deepEqual(found, [], name);
    else {
      assert.equal(found.length, 1, `${name}: ${found.join("\n---\n") || "compiles"}`);
      assert.match(found[0]!, expected, name);
    }
  }
});
