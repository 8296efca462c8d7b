import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { exitCodeTexts } from "../../../src/cli/exit-codes.ts";
import { runCli } from "./run-cli.ts";

function page(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url)), "utf8");
}

test("COMMAND-LINE.md lists every flag of run and plan, for the commands that have it, and no other", async () => {
  const [run, plan] = await Promise.all([runCli(["run", "--help"]), runCli(["plan", "--help"])]);
  const flagsIn = (help: string): string[] =>
    [...help.matchAll(/^ {2}(--[a-z]+(?: [<[][a-z=]+[>\]])?)(?= {2})/gm)].map(([, flag]) => flag!);
  const offered = [
    ...flagsIn(run.stdout).map((flag) => `${flag} run`),
    ...flagsIn(plan.stdout).map((flag) => `${flag} plan`),
  ];
  const documented = [...page("COMMAND-LINE.md").matchAll(/^\| `(--[^`]+)` +\| ([a-z, ]*[a-z]) +\|/gm)].flatMap(
    ([, flag, commands]) => commands!.split(", ").map((command) => `${flag} ${command}`),
  );

  assert.ok(offered.length > 10);
  assert.deepEqual(documented.sort(), offered.sort());
});

test("COMMAND-LINE.md has the exit codes of the help", () => {
  const rows = [...page("COMMAND-LINE.md").matchAll(/^\| (\d+) +\| (.*\S) +\|$/gm)].map(([, code, text]) => [
    Number(code),
    text,
  ]);

  assert.deepEqual(rows, exitCodeTexts);
});

test("PLAN.md shows what the command prints", async () => {
  const { stdout } = await runCli(["plan", "one.js", "--cores", "2"]);

  assert.ok(page("PLAN.md").includes(`\n\`\`\`\n${stdout}\`\`\`\n`), stdout);
});
