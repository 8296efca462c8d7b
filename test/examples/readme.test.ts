/** What README.md shows and names is there: its example, its links, its commands. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { runExample } from "./run-example.ts";

const repository = path.resolve(import.meta.dirname, "../../..");
const readme = read("README.md");

test("the README's example is quick-start.ts, to the letter", () => {
  const [, file, example] = /<!-- example: (\S+) -->\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.equal(file, "docs/examples/quick-start.ts");
  assert.equal(example, read(file));
});

test("links of the README and of the pages beside these tests lead somewhere", () => {
  for (const page of ["README.md", "CHANGELOG.md", "docs/TESTING.md", "docs/WORDS.md"]) {
    for (const [, target] of read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (target!.startsWith("https://")) continue;
      const file = path.resolve(repository, path.dirname(page), target!);
      assert.ok(existsSync(file), `${page} links to ${target}, which is not there`);
    }
  }
});

test("every example is in the README's table", () => {
  const examples = readdirSync(path.join(repository, "docs/examples")).filter((file) => file.endsWith(".ts"));
  for (const file of examples)
    assert.ok(readme.includes(`](docs/examples/${file}) |`), `${file} is not in the table`);
});

test("npm scripts that the README and docs/TESTING.md name exist", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const text = readme + read("docs/TESTING.md");
  const named = [...text.matchAll(/npm (?:run )?(start|test|build|check|lint|bench|format)\b/g)].map(
    ([, name]) => name,
  );
  assert.ok(named.length >= 4);
  for (const name of named) assert.ok(Object.hasOwn(scripts, name!), `there is no script "${name}"`);
});

test("options of the main job that the README names are those of its help", async () => {
  const { stdout } = await runExample("word-count/main", ["--help"]);
  const section = readme.slice(readme.indexOf("## The main job"), readme.indexOf("## Examples"));
  const named = new Set(section.match(/--[a-z]+/g));
  assert.ok(named.size >= 5);
  for (const option of named) assert.ok(stdout.includes(option), `the help does not know ${option}`);
});

function read(file: string): string {
  return readFileSync(path.join(repository, file), "utf8");
}
