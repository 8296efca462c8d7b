import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ColumnType } from "../../../src/tuple/codec/generated/column-type.ts";
import { columnTypes } from "../../../src/tuple/column-kind.ts";

const codecDir = path.resolve(import.meta.dirname, "../../../../src/tuple/codec");

test("the committed generated code is what the schema gives", async () => {
  const { generate } = (await import(pathToFileURL(path.join(codecDir, "generate.mjs")).href)) as {
    generate(): Promise<Map<string, string>>;
  };
  const generated = await generate();
  const dir = path.join(codecDir, "generated");
  assert.deepEqual(readdirSync(dir).sort(), [...generated.keys()].sort());
  for (const [name, text] of generated) assert.equal(readFileSync(path.join(dir, name), "utf8"), text, name);
});

test("column types have the numbers of the schema", () => {
  assert.deepEqual(
    columnTypes.map((type, number) => [type, number]),
    Object.entries(ColumnType).map(([name, number]) => [name.toLowerCase(), number]),
  );
});
