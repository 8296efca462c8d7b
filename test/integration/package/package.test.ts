/**
 * Goal:   whoever installs the package gets the typed API, working workers and the command.
 * Method: pack it, install the tarball into an empty project, and use it there as a user would.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after, before } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { compileProject, installInto, packPackage, repository, runProgram } from "./installed-project.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "package-"));
const project = path.join(scratch, "project");
const packageJson = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8"));
let tarball: string;

const TOPOLOGY = `
import { basicBolt, defineTopology, fields, fromIterable } from "stormcell";

const Number_ = fields("value:int32");
const Square = fields("square:float64", "worker:int32");

const square = basicBolt({
  input: Number_,
  output: Square,
  create: ({ worker }) => ({
    execute: ({ value }, collector) => collector.emit([value * value, worker]),
  }),
});

export const squares = defineTopology(import.meta.url, (builder, options: { limit: number }) => {
  const source = fromIterable(Number_, function* () {
    for (let value = 1; value <= options.limit; value++) yield [value];
  });
  const numbers = builder.setSpout("numbers", source);
  const squared = builder.setBolt("square", square, { parallelism: 4 }).shuffleGrouping(numbers);
  return { squares: builder.output(squared) };
});
`;

const MAIN = `
import { LocalCluster } from "stormcell";
import { squares } from "./topology.js";

await using cluster = new LocalCluster({ workers: 2 });
const run = await cluster.submitTopology("squares", squares, { options: { limit: 1000 } });
let sum = 0;
const workers = new Set<number>();
for await (const { square, worker } of run.outputs.squares) {
  sum += square;
  workers.add(worker);
}
const { outcome } = await run.completed();
console.log(JSON.stringify({ sum, workers: workers.size, outcome }));

export function mistakes(): void {
  // @ts-expect-error the option is missing
  cluster.submitTopology("squares", squares, { options: {} });
  // @ts-expect-error there is no such output
  run.outputs.cubes;
}
`;

before(async () => {
  mkdirSync(project);
  tarball = await packPackage(scratch);
  await installInto(project, tarball);
  writeFileSync(path.join(project, "topology.ts"), TOPOLOGY);
  writeFileSync(path.join(project, "main.ts"), MAIN);
});
after(() => rmSync(scratch, { recursive: true }));

test("the package holds the engine and its papers, and nothing of the tests", async () => {
  const { stdout } = await runProgram("tar", ["-tzf", tarball], scratch);
  const files = stdout.trim().split("\n");
  const wanted = ["dist/src/index.js", "dist/src/index.d.ts", "dist/src/cli/main.js"];
  for (const file of [...wanted, "docs/CONNECTORS.md", "README.md", "LICENSE"]) {
    assert.ok(files.includes(`package/${file}`), `${file} is missing`);
  }
  const strangers = files.filter(
    (file) => !/^package\/((dist\/src|src)\/.+|docs\/[A-Z-]+\.md|[A-Za-z.]+)$/.test(file),
  );
  assert.deepEqual(strangers, []);
});

test("a typed program compiles against it, runs on worker threads, and ends", async () => {
  const compiled = await compileProject(project);
  assert.equal(compiled.stdout, "");
  const { status, stdout, stderr } = await runProgram(process.execPath, ["main.js"], project);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.deepEqual(JSON.parse(stdout), { sum: (1000 * 1001 * 2001) / 6, workers: 2, outcome: "completed" });
});

test("the command runs, plans and tells its version", async () => {
  const compiled = await compileProject(project);
  assert.equal(compiled.stdout, "");
  const command = path.join(project, "node_modules/.bin/stormcell");
  const version = await runProgram(command, ["version"], project);
  assert.ok(version.stdout.includes(packageJson.version), version.stdout + version.stderr);
  const options = ["--options", '{"limit":50}'];
  const plan = await runProgram(command, ["plan", "./topology.js", ...options, "--cores", "8"], project);
  assert.equal(plan.status, 0, plan.stderr);
  assert.match(plan.stdout, /square/);
  const run = await runProgram(command, ["run", "./topology.js", ...options, "--workers", "2"], project);
  assert.equal(run.status, 0, run.stderr);
  const wrong = await runProgram(command, ["run", "./missing.js"], project);
  assert.equal(wrong.status, 2, wrong.stderr);
});

test("publint has nothing to say", async () => {
  const bytes = readFileSync(tarball);
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({ pack: { tarball: data }, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, packageJson, { color: false })),
    [],
  );
});

test("the types are not wrong", async () => {
  const command = path.join(repository, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const args = [
    command,
    tarball,
    "--profile",
    "esm-only",
    "--no-definitely-typed",
    "--format",
    "ascii",
    "--no-color",
  ];
  const { status, stdout } = await runProgram(process.execPath, args, scratch);
  assert.equal(status, 0, stdout);
});

test("nothing that the package needs has an install script or needs a compiler", () => {
  const lock = JSON.parse(readFileSync(path.join(repository, "package-lock.json"), "utf8"));
  const installed = JSON.parse(readFileSync(path.join(project, "node_modules/.package-lock.json"), "utf8"));
  const needed = Object.entries<Record<string, unknown>>({ ...lock.packages, ...installed.packages }).filter(
    ([name, entry]) => name !== "" && entry.dev !== true && entry.optional !== true && entry.peer !== true,
  );
  assert.ok(needed.length >= Object.keys(packageJson.dependencies).length);
  assert.deepEqual(
    needed.filter(([, entry]) => entry.hasInstallScript === true).map(([name]) => name),
    [],
  );
});
