import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { describeAllowed } from "../../../src/config/check-value.ts";
import { type OptionName, optionDefinition, optionNames } from "../../../src/config/option-table.ts";
import { stormAliases, stormRefusals } from "../../../src/config/storm-options.ts";
import { filesBelow, repositoryRoot } from "../../tidy/source-tree.ts";

const root = repositoryRoot();
const page = readFileSync(path.join(root, "docs/CONFIG.md"), "utf8");

/** The rows of the table whose header begins with `firstHeader`, cells without their blanks. */
function tableRows(firstHeader: string): string[][] {
  const lines = page.split("\n");
  const header = lines.findIndex((line) => line.startsWith(`| ${firstHeader} `));
  assert.notEqual(header, -1, `docs/CONFIG.md has no table that begins with "${firstHeader}"`);
  const rows: string[][] = [];
  for (const line of lines.slice(header + 2)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** A page that lacks a row, or has one too many, is told what its rows have to be. */
function assertRows(actual: string[][], expected: string[][]): void {
  const text = (rows: string[][]): string[] => rows.map((row) => `| ${row.join(" | ")} |`);
  const have = new Set(text(actual));
  const want = new Set(text(expected));
  const missing = [...want].filter((row) => !have.has(row));
  const surplus = [...have].filter((row) => !want.has(row));
  assert.ok(
    missing.length + surplus.length === 0 && actual.length === expected.length,
    `docs/CONFIG.md lacks:\n${missing.join("\n")}\nand has, but should not:\n${surplus.join("\n")}`,
  );
}

test("docs/CONFIG.md has every option as the table has it, and no other", () => {
  const expected = optionNames.map((name) => {
    const { default: byDefault, scopes, doc } = optionDefinition(name);
    const value = typeof byDefault === "string" ? `"${byDefault}"` : String(byDefault);
    return [`\`${name}\``, describeAllowed(name), value, scopes.join(", "), doc];
  });
  assertRows(tableRows("Option"), expected);
});

test("docs/CONFIG.md has every Storm key that is taken, with what differs", () => {
  const expected = Object.entries(stormAliases).map(([key, { option, differs }]) => [
    `\`${key}\``,
    `\`${option}\``,
    differs,
  ]);
  assertRows(tableRows("Storm's key"), expected);
});

test("docs/CONFIG.md has every Storm key that is refused, with the reason", () => {
  const expected = stormRefusals.map(({ key, reason, remedy }) => [
    `\`${key.endsWith(".") ? `${key}*` : key}\``,
    reason,
    remedy,
  ]);
  assertRows(tableRows("Refused key"), expected);
});

test("docs/CONFIG.md says which options nothing acts on yet, and names no other", () => {
  const code = filesBelow(root, ["src"]).filter((file) => file.endsWith(".ts") && !file.startsWith("src/config/"));
  const text = code.map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");
  const idle = optionNames.filter((name) => !new RegExp(`\\.${name}\\b|\\b${name}[,}]| ${name} [,}]`).test(text));
  const told = /^Options that are checked and that nothing acts on yet:.*?\n\n/ms.exec(page)?.[0] ?? "";
  const named = [...told.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  assert.deepEqual(named.toSorted(), idle.toSorted());
});

test("the hints in option-values.ts say what the option table says", () => {
  const file = path.join(root, "src/config/option-values.ts");
  const tree = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const hints: Record<string, unknown> = {};
  for (const statement of tree.statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== "OptionValues") continue;
    for (const member of statement.members) {
      const comment = ts.getJSDocCommentsAndTags(member)[0]?.comment;
      hints[member.name!.getText()] = typeof comment === "string" ? comment.replace(/\s+/g, " ") : comment;
    }
  }
  const expected = Object.fromEntries(optionNames.map((name: OptionName) => [name, optionDefinition(name).doc]));
  assert.deepEqual(hints, expected);
});
