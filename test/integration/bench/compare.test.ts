import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { compareSide, comparisonText, sidesToCompare } from "../../../native-free-bench/harness/compare-trees.ts";
import { commitNamed, withOtherTree } from "../../../native-free-bench/harness/other-tree.ts";

const packages = path.resolve(import.meta.dirname, "..", "..", "..", "..", "node_modules");

/**
 * A repository in small, with what a comparison needs of ours: two commits whose one benchmark says 10 and 20, and a
 * third with other sizes.
 */
let repository = "";
const commits: string[] = [];

const BENCHMARKS = (value: number, tuples: number) => `
declare const process: any;
export const benchmarkNames = ["hop"];
export const loadBenchmark = async () => ({
  unit: "tuples/s",
  sideTitles: { ours: "ours", reference: "by hand" },
  whoseIs: (side: string) => (side === "ours" ? "ours" : "reference"),
  paramsOf: () => ({ tuples: ${tuples} }),
});
export const value = ${value};
`;

const SIDE_PROCESS = `
declare const process: any;
import { value } from "../benchmarks.ts";
process.send({ kind: "measured", measurements: [{ value }] }, () => process.exit(0));
`;

const TSCONFIG = {
  compilerOptions: {
    module: "NodeNext",
    target: "ES2022",
    types: [],
    rootDir: ".",
    outDir: "dist",
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
  },
  include: ["native-free-bench"],
};

function git(...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: repository, encoding: "utf8" }).trim();
}

function commit(value: number, tuples: number): void {
  writeFileSync(path.join(repository, "native-free-bench", "benchmarks.ts"), BENCHMARKS(value, tuples));
  git("add", "--all");
  git("commit", "--quiet", "--message", "a commit");
  commits.push(git("rev-parse", "HEAD"));
}

before(() => {
  repository = mkdtempSync(path.join(os.tmpdir(), "stormcell-repository-"));
  mkdirSync(path.join(repository, "native-free-bench", "harness"), { recursive: true });
  writeFileSync(path.join(repository, "native-free-bench", "harness", "side-process.ts"), SIDE_PROCESS);
  writeFileSync(path.join(repository, "tsconfig.json"), JSON.stringify(TSCONFIG));
  writeFileSync(path.join(repository, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(repository, ".gitignore"), "node_modules\ndist\n");
  symlinkSync(packages, path.join(repository, "node_modules"), "dir");
  git("init", "--quiet");
  commit(10, 5);
  commit(20, 5);
  commit(20, 6);
});
after(() => rmSync(repository, { recursive: true, force: true }));

test("two commits are built beside each other, run in swapped order, and leave nothing", async () => {
  const lines: string[] = [];
  const roots: string[] = [];
  await withOtherTree(repository, commits[1]!, (ours) =>
    withOtherTree(repository, commits[0]!, async (theirs) => {
      roots.push(ours.root, theirs.root);
      const [comparison, ...rest] = sidesToCompare("hop", ours, theirs, "smoke");
      assert.deepEqual([comparison!.side, rest], ["ours", []], "references are compared by name only");
      assert.equal(sidesToCompare("hop:reference", ours, theirs, "smoke")[0]!.side, "reference");
      const onRound = (line: string) => lines.push(line);
      const compared = await compareSide(comparison!, ours, theirs, { size: "smoke", runs: 2, onRound });
      assert.deepEqual(
        [compared.ours, compared.theirs],
        [
          [20, 20],
          [10, 10],
        ],
      );
      assert.throws(() => sidesToCompare("hip", ours, theirs, "smoke"), /no benchmark is called "hip" in this tree/);
      assert.throws(() => sidesToCompare("hop:x", ours, theirs, "smoke"), /no side that both trees know/);
    }),
  );
  assert.deepEqual(
    lines,
    [1, 2].map((round) => `  round ${round}: 20 here, 10 there, ratio 2.000`),
  );
  for (const root of roots) assert.equal(existsSync(path.dirname(root)), false);
  assert.equal(existsSync(path.join(packages, "typescript")), true);
});

test("other sizes are refused, and the clone goes with the failure", async () => {
  let root = "";
  await assert.rejects(
    withOtherTree(repository, "HEAD", (ours) =>
      withOtherTree(repository, commits[0]!, async (theirs) => {
        root = theirs.root;
        sidesToCompare("hop", ours, theirs, "smoke");
      }),
    ),
    /hop has other sizes in commit/,
  );
  assert.equal(existsSync(path.dirname(root)), false);
});

test("an unknown commit is refused", () => {
  assert.throws(() => commitNamed(repository, "nowhere"), /there is no commit "nowhere"/);
  assert.throws(() => commitNamed(repository, "--all"), /there is no commit "--all"/);
});

test("a comparison shows medians, ranges and whether the rounds agree", () => {
  const base = { benchmark: "hop", side: "ours", unit: "tuples/s" };
  const text = comparisonText({ ...base, ours: [30, 20, 40], theirs: [10, 10, 20] });
  assert.match(text, /here {3}30 \(20 to 40\) tuples\/s/);
  assert.match(text, /there {2}10 \(10 to 20\) tuples\/s/);
  assert.match(text, /ratio {2}3\.000 \(2\.000 to 3\.000\): higher here in every round/);
  assert.match(comparisonText({ ...base, ours: [10, 30], theirs: [20, 20] }), /rounds on both sides of 1/);
  assert.match(comparisonText({ ...base, ours: [10, 10], theirs: [20, 20] }), /lower here in every round/);
});

test("an interrupted comparison removes what it made", async () => {
  const harness = path.resolve(import.meta.dirname, "..", "..", "..", "native-free-bench", "harness");
  const moduleOf = (name: string) => JSON.stringify(pathToFileURL(path.join(harness, name)).href);
  const program = `
    import { watchForSignals } from ${moduleOf("interruption.js")};
    import { withOtherTree } from ${moduleOf("other-tree.js")};
    watchForSignals();
    const forever = () => new Promise(() => setInterval(() => {}, 1_000));
    await withOtherTree(process.argv[1], "HEAD", ({ root }) => {
      console.log(root);
      return forever();
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, repository], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const [output] = await once(child.stdout, "data");
  const root = String(output).trim();
  assert.ok(existsSync(path.join(root, "dist")));
  child.kill("SIGINT");
  assert.deepEqual(await exit, [130, null]);
  assert.equal(existsSync(path.dirname(root)), false);
});
