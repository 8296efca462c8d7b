import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type CliResult, codeIn, runCli, topologies } from "./run-cli.ts";

const manifest = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../../../package.json", import.meta.url)), "utf8"),
) as { version: string };

test("version: one line for people, the bare number for scripts", async () => {
  const [line, bare] = await Promise.all([runCli(["version"]), runCli(["--version"])]);

  assert.match(line.stdout, /^stormcell \d+\.\d+\.\d+ \(Node [\d.]+, \w+ \w+\)\n$/);
  assert.deepEqual(bare, { exitCode: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test("help: all commands, examples and exit codes", async () => {
  const [all, run, plan] = await Promise.all([
    runCli(["--help"]),
    runCli(["help", "run"]),
    runCli(["plan", "--help"]),
  ]);

  for (const { exitCode, stderr } of [all, run, plan]) assert.deepEqual([exitCode, stderr], [0, ""]);
  for (const word of ["run ", "plan ", "version ", "Examples:", "Exit codes:", "130"])
    assert.ok(all.stdout.includes(word));
  for (const flag of ["--options", "--topology", "--workers", "--set", "--runtime", "--json"]) {
    assert.ok(run.stdout.includes(flag), flag);
  }
  assert.ok(plan.stdout.includes("--cores"));
  for (const line of [all, run, plan].flatMap(({ stdout }) => stdout.split("\n"))) {
    assert.ok(line.length <= 100, `too long for a terminal: ${line}`);
  }
});

test("plan: the text and the JSON say the same", async () => {
  const [text, json] = await Promise.all([
    runCli(["plan", "./one.js", "--cores", "8"]),
    runCli(["plan", "one.js", "--cores", "8", "--json"]),
  ]);

  assert.equal(text.exitCode, 0);
  assert.match(text.stdout, /^wordCount: 25 tasks on 8 workers, 120 rings of/);
  const summary = JSON.parse(json.stdout) as { totals: { tasks: number; rings: number }; warnings: unknown[] };
  assert.deepEqual([summary.totals.tasks, summary.totals.rings, summary.warnings], [25, 120, []]);
});

test("plan: options reach the builder, settings reach the plan", async () => {
  const result = await runCli(
    ["plan", "one.js", "--cores", "2", "--workers", "3", "--options", '{"parallelism":6}', "--json"].concat([
      "--set",
      "ringBytesMax=8192",
      "--set",
      "pin=off",
    ]),
  );

  const summary = JSON.parse(result.stdout) as {
    components: { tasks: unknown[] }[];
    totals: { ringBytes: number };
    cores: unknown[];
    warnings: string[];
  };
  assert.deepEqual(
    summary.components.map(({ tasks }) => tasks.length),
    [6, 6, 6, 1],
  );
  assert.equal(summary.totals.ringBytes, 8192);
  assert.deepEqual(summary.cores, [null, null, null]);
  assert.match(summary.warnings[0]!, /3 workers on 2 usable cores/);
});

test("plan: a module by file URL, and one of several by name", async () => {
  const [byUrl, byName, byOtherName, byDefault] = await Promise.all([
    runCli(["plan", pathToFileURL(path.join(topologies, "one.js")).href], { folder: tmpdir() }),
    runCli(["plan", "several.js", "--topology", "hourly", "--workers", "1"]),
    runCli(["plan", "one.js", "--topology", "wordCountAgain"]),
    runCli(["plan", "only-default.js"]),
  ]);

  assert.match(byUrl.stdout, /^wordCount: /);
  assert.match(byName.stdout, /^hourly: 7 tasks on 1 worker/);
  assert.match(byOtherName.stdout, /^wordCount: /);
  assert.match(byDefault.stdout, /^only-default: /);
});

/** A folder outside of the project, removed when the test ends. */
function scratchFolder(t: { after(action: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const REEXPORT = `export * from ${JSON.stringify(pathToFileURL(path.join(topologies, "one.js")).href)};\n`;

test("plan: a bare name is a package of the current folder, by its exports or its main", async (t) => {
  const folder = scratchFolder(t);
  const packages = {
    "with-exports": {
      type: "module",
      exports: { ".": { types: "./x.d.ts", import: "./lib/a.js" }, "./more": "./lib/a.js" },
    },
    "@scope/with-main": { type: "module", main: "lib/a.js" },
  };
  for (const [name, content] of Object.entries(packages)) {
    const root = path.join(folder, "node_modules", name);
    mkdirSync(path.join(root, "lib"), { recursive: true });
    writeFileSync(path.join(root, "package.json"), JSON.stringify(content));
    writeFileSync(path.join(root, "lib", "a.js"), REEXPORT);
  }

  for (const name of ["with-exports", "with-exports/more", "@scope/with-main"]) {
    const result = await runCli(["plan", name], { folder });
    assert.match(result.stdout, /^wordCount: /, `${name}: ${result.stderr}`);
  }
  assert.equal(codeIn(await runCli(["plan", "with-exports/internal"], { folder })), "MODULE_NOT_FOUND");
});

test("plan: a name that no run may have is made legal, and still chosen as it is written", async (t) => {
  const folder = scratchFolder(t);
  const source = pathToFileURL(path.join(topologies, "one.js")).href;
  writeFileSync(path.join(folder, "..my jobs.mjs"), `export { default } from ${JSON.stringify(source)};\n`);
  writeFileSync(
    path.join(folder, "odd.mjs"),
    `export { wordCount as "$täglich job" } from ${JSON.stringify(source)};\n`,
  );
  const [byFile, byExport] = await Promise.all([
    runCli(["plan", "./..my jobs.mjs"], { folder }),
    runCli(["plan", "odd.mjs", "--topology", "$täglich job"], { folder }),
  ]);

  assert.match(byFile.stdout, /^my-jobs: /, byFile.stderr);
  assert.match(byExport.stdout, /^t-glich-job: /, byExport.stderr);
});

test("plan: TypeScript runs where Node or tsx can, and otherwise both cures are named", async (t) => {
  const folder = scratchFolder(t);
  const source = `${REEXPORT}export const typed: number = 1;\n`;
  writeFileSync(path.join(folder, "job.ts"), source);
  const without = await runCli(["plan", "job.ts"], { folder });
  if ("typescript" in process.features && process.features.typescript) {
    assert.equal(without.exitCode, 0, without.stderr);
  } else {
    assert.deepEqual([without.exitCode, codeIn(without)], [2, "MODULE_TYPESCRIPT"]);
  }

  // Below the folder whose node_modules has tsx.
  const project = fileURLToPath(new URL("../../../", import.meta.url));
  const inside = mkdtempSync(path.join(project, "cli-typescript-"));
  t.after(() => rmSync(inside, { recursive: true, force: true }));
  writeFileSync(path.join(inside, "job.ts"), source);
  const result = await runCli(["plan", "./job.ts"], { folder: inside });
  assert.match(result.stdout, /^wordCount: /, result.stderr);
});

test("a module that leaves a timer behind does not keep the command alive", async () => {
  const result = await runCli(["plan", "leaves-open.js"]);

  assert.equal(result.exitCode, 0);
});

test("a reader that stops early is no failure", async () => {
  const main = fileURLToPath(new URL("../../../src/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [main, "plan", "one.js", "--cores", "64", "--json"], {
    cwd: topologies,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise((resolve) => child.once("close", resolve));

  assert.deepEqual([exitCode, stderr], [0, ""]);
});

/** Every kind of bad input, with the code it must show. None of them may show a stack of ours. */
const badInput: readonly (readonly [args: string, code: string])[] = [
  ["plan ./nope.js", "MODULE_NOT_FOUND"],
  ["plan ./one", "MODULE_NOT_FOUND"],
  ["plan nope", "MODULE_NOT_FOUND"],
  ["plan @scope", "MODULE_NOT_FOUND"],
  ["plan .", "MODULE_NOT_FOUND"],
  ["plan file://elsewhere/one.js", "MODULE_NOT_FOUND"],
  ["plan file:///nope.js", "MODULE_NOT_FOUND"],
  ["plan none.js", "MODULE_NO_TOPOLOGY"],
  ["plan several.js", "MODULE_SEVERAL_TOPOLOGIES"],
  ["plan several.js --topology hurly", "MODULE_UNKNOWN_TOPOLOGY"],
  ["run throws.js", "MODULE_FAILED"],
  ["run one.js --options {files:1}", "CLI_INVALID_JSON"],
  ["run one.js --options ", "CLI_INVALID_JSON"],
  ["run one.js --workers 0", "CONFIG_INVALID_VALUE"],
  ["run one.js --workers two", "CONFIG_INVALID_VALUE"],
  ["run one.js --workers 2 --set workers=3", "CONFIG_DUPLICATE_OPTION"],
  ["run one.js --runtime fibers", "CONFIG_INVALID_VALUE"],
  ["run one.js --set messageTimeout=1", "CONFIG_UNKNOWN_OPTION"],
  ["run one.js --set messageTimeoutMs", "CONFIG_INVALID_SETTING"],
  ["plan one.js --cores 0", "CLI_INVALID_VALUE"],
  ["plan one.js --cores 1.5", "CLI_INVALID_VALUE"],
  ["plan one.js --cores 99999", "CLI_INVALID_VALUE"],
  ["plan one.js --cores 256 --set ringBudgetBytes=1048576", "PLAN_RING_BUDGET"],
];

for (const [args, code] of badInput) {
  test(`bad input: ${args}`, async () => {
    const result = await runCli(args.split(" "));

    assert.deepEqual([codeIn(result), result.exitCode, result.stdout], [code, 2, ""], result.stderr);
    assert.match(result.stderr, /^ {2}remedy: +\S/m);
    if (code !== "MODULE_FAILED") assert.doesNotMatch(result.stderr, /^\s+at /m);
  });
}

test("bad usage: wrong commands and flags", async () => {
  for (const args of [
    "",
    "nope",
    "rum one.js",
    "run",
    "plan one.js extra",
    "plan one.js --bogus",
    "run one.js --set",
  ]) {
    const result: CliResult = await runCli(args.split(" ").filter(Boolean));
    assert.deepEqual([result.exitCode, result.stdout], [2, ""], args);
    assert.match(result.stderr, /stormcell/);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
  }
});

test("errors help: a missing extension, the names to choose from, where a module threw", async () => {
  const [extension, several, unknown, threw] = await Promise.all([
    runCli(["plan", "./one"]),
    runCli(["plan", "several.js"]),
    runCli(["plan", "several.js", "--topology", "hurly"]),
    runCli(["plan", "throws.js"]),
  ]);

  assert.match(extension.stderr, /remedy: +write \.\/one\.js$/m);
  assert.match(several.stderr, /topologies: +(nightly, hourly|hourly, nightly)$/m);
  assert.match(unknown.stderr, /--topology hourly$/m);
  assert.match(threw.stderr, /TypeError: no configuration for this module\n\s+at .*throws/);
});

test("what the builder throws is shown with its stack: it is the user's code", async () => {
  const result = await runCli(["plan", "fails-to-build.js"]);

  assert.equal(result.exitCode, 2);
  assert.match(result.stderr, /^TOPOLOGY_BUILDER_FAILED: /);
  assert.match(result.stderr, /Caused by: TypeError: .*\n\s+at .*fails-to-build/);
});

test("--debug adds the stack of a coded error, --json a form for scripts", async () => {
  const [debug, json] = await Promise.all([
    runCli(["plan", "none.js", "--debug"]),
    runCli(["plan", "none.js", "--json"]),
  ]);

  assert.match(debug.stderr, /MODULE_NO_TOPOLOGY[\s\S]*\n\s+at /);
  const { outcome, error } = JSON.parse(json.stdout) as { outcome: string; error: { code: string } };
  assert.deepEqual([outcome, error.code, json.exitCode], ["failed", "MODULE_NO_TOPOLOGY", 2]);
});
