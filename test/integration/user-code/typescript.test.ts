/**
 * Goal:   TypeScript sources run as they are: with tsx where Node cannot run them itself, and natively where it can.
 * Method: sources in a project of their own, which has this package and, or not, tsx; nothing of it is compiled.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../../tidy/source-tree.ts";
import { runScript, type ScriptRun } from "./run-script.ts";

const IMPORTS = 'import { LocalCluster } from "stormcell";\n';
const DEFINE = `
import { basicBolt, defineTopology, fields, fromIterable } from "stormcell";

interface Row { readonly n: number }
const N = fields("n:int32");
const sum = basicBolt({
  input: N,
  output: N,
  create: () => {
    let total: number = 0;
    return {
      execute: ({ n }: Row) => { total += n; },
      onEnd: (collector) => collector.emit([total]),
    };
  },
});

export const sums = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", fromIterable(N, () => [[1], [2], [3], [4]] as [number][]));
  return { sums: builder.output(builder.setBolt("sum", sum).shuffleGrouping(numbers)) };
});
`;
const SUBMIT = `
const cluster = new LocalCluster({ workers: 2, logLevel: "silent" });
const run = await cluster.submitTopology("sums", sums);
let total: number = 0;
for await (const { n } of run.outputs.sums) total += n;
console.log(\`\${(await run.completed()).outcome} \${total} of Sum\`);
await cluster.close();
`;
const OFFLOADS = `
import { basicBolt, defineTopology, fields, fromIterable, runTopology, type TaskContext } from "stormcell";

const N = fields("n:int32");
const bolt = basicBolt({
  input: N,
  create: (context: TaskContext) => ({
    async execute({ n }) {
      console.log("offloaded: " + (await context.offload<number>(new URL("./heavy.ts", import.meta.url), "double", n)));
    },
  }),
});
const job = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", fromIterable(N, () => [[21]] as [number][]));
  builder.setBolt("double", bolt).shuffleGrouping(numbers);
});
await runTopology(job, { cluster: { workers: 1 } });
`;
/** By file name. Node strips types and translates nothing, so there is nothing to translate here. */
const SOURCES: Readonly<Record<string, string>> = {
  "sums.ts": DEFINE,
  "one-file.ts": `${IMPORTS}${DEFINE}${SUBMIT}`,
  "script.ts": `${IMPORTS}import { sums } from "./sums.ts";\n${SUBMIT}`,
  "heavy.ts": "export const double = (n: number): number => n * 2;\n",
  "offloads.ts": OFFLOADS,
};

const deadline = { timeout: 60_000 };
const root = repositoryRoot();
const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), "typescript-")));
const isNative = "typescript" in process.features && Boolean(process.features.typescript);
const withTsx = makeProject("with-tsx", ["stormcell", "tsx"]);
const withoutTsx = makeProject("without-tsx", ["stormcell"]);
const tsxImport = ["--import", pathToFileURL(path.join(root, "node_modules/tsx/dist/esm/index.mjs")).href];
const cli = path.join(root, "dist/src/cli/main.js");

after(() => rmSync(scratch, { recursive: true }));

for (const script of ["one-file.ts", "script.ts"]) {
  test(`${script} runs with tsx`, deadline, async () => {
    const run = await runScript(path.join(withTsx, script), { execArgv: ["--import", "tsx"], cwd: withTsx });
    assert.deepEqual(run, { status: 0, stdout: "completed 10 of Sum\n", stderr: "" });
  });

  test(`${script} runs without tsx where Node runs TypeScript`, { ...deadline, skip: needsNative() }, async () => {
    const { status, stdout, stderr } = await runScript(path.join(withoutTsx, script), { cwd: withoutTsx });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "completed 10 of Sum\n");
  });
}

test("the command line runs a TypeScript module with tsx beside it", deadline, async () => {
  assertRan(await runScript(cli, { args: ["run", "sums.ts", "--workers", "1"], cwd: withTsx }));
});

test("the command line runs a TypeScript module where Node does", { ...deadline, skip: needsNative() }, async () => {
  assertRan(await runScript(cli, { args: ["run", "sums.ts", "--workers", "1"], cwd: withoutTsx }));
});

const skipNative = isNative ? "this Node runs TypeScript by itself" : false;

test("without tsx the command line names both cures", { ...deadline, skip: skipNative }, async () => {
  assertNamesCures(await runScript(cli, { args: ["run", "sums.ts"], cwd: withoutTsx }));
});

test("without tsx beside the module, workers name both cures", { ...deadline, skip: skipNative }, async () => {
  const run = await runScript(path.join(withoutTsx, "script.ts"), { execArgv: tsxImport, cwd: withoutTsx });
  assertNamesCures(run);
});

test("an offloaded function may stand in a TypeScript module", deadline, async () => {
  const project = isNative ? withoutTsx : withTsx;
  const execArgv = isNative ? [] : ["--import", "tsx"];
  const run = await runScript(path.join(project, "offloads.ts"), { execArgv, cwd: project });
  assert.deepEqual(run, { status: 0, stdout: "offloaded: 42\n", stderr: "" });
});

function needsNative(): string | false {
  return isNative ? false : `${process.version} does not run TypeScript by itself`;
}

function assertRan({ status, stdout, stderr }: ScriptRun): void {
  assert.equal(status, 0, stderr);
  assert.match(stdout, /completed/);
}

function assertNamesCures({ status, stdout, stderr }: ScriptRun): void {
  assert.notEqual(status, 0);
  assert.match(stderr + stdout, /MODULE_TYPESCRIPT/);
  assert.match(stderr + stdout, /npm install tsx/);
  assert.match(stderr + stdout, /Node 22\.18/);
}

function makeProject(name: string, packages: readonly string[]): string {
  const project = path.join(scratch, name);
  mkdirSync(path.join(project, "node_modules"), { recursive: true });
  for (const dependency of packages) {
    const target = dependency === "stormcell" ? root : path.join(root, "node_modules", dependency);
    symlinkSync(realpathSync(target), path.join(project, "node_modules", dependency));
  }
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name, type: "module" }));
  for (const [file, source] of Object.entries(SOURCES)) writeFileSync(path.join(project, file), source);
  return project;
}
