import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import {
  atomicsQualified,
  everyTestRuns,
  type HouseRule,
  noAny,
  noUnfinishedNotes,
  plainModules,
  sharedClassHeader,
  sharedMemoryInItsRoom,
  shortFiles,
  shortFunctions,
  shortLines,
  worldThroughBase,
} from "./house-rules.ts";
import { assertNone, filesBelow, repositoryRoot, sampleFile, sourceFilesBelow } from "./source-tree.ts";
import { foreignWords, nameViolation, roomReadmeViolations } from "./text-rules.ts";

const CODE_FOLDERS = ["src", "test", "native-free-bench", "docs/examples"];

interface RuleCase {
  readonly name: string;
  readonly rule: HouseRule;
  /** Files that may break the rule, each with its reason. */
  readonly exceptions: Readonly<Record<string, string>>;
  /** Samples that break the rule once each, and samples that keep it: [path, text]. */
  readonly bad: readonly (readonly [string, string])[];
  readonly good: readonly (readonly [string, string])[];
}

const RULES: readonly RuleCase[] = [
  {
    name: "files are short",
    rule: shortFiles,
    exceptions: {},
    bad: [["src/base/a.ts", `${"\n".repeat(400)}x`]],
    good: [["src/base/a.ts", `${"\n".repeat(399)}x\n`]],
  },
  {
    name: "functions are short",
    rule: shortFunctions,
    exceptions: {},
    bad: [
      ["src/base/a.ts", `function f() {${"\n".repeat(60)}}`],
      ["src/base/a.ts", `const f = () => {${"\n".repeat(60)}};`],
      ["src/base/a.ts", `class A { get x() {${"\n".repeat(60)}return 1; } }`],
    ],
    good: [["src/base/a.ts", `function f() {${"\n".repeat(59)}}`]],
  },
  {
    name: "lines are short",
    rule: shortLines,
    exceptions: Object.fromEntries(
      ["ring-link", "stream-route"].map((name) => [
        `src/engine/executor/${name}.ts`,
        "sentences of errors, each in one piece",
      ]),
    ),
    bad: [["src/base/a.ts", "x".repeat(119)]],
    good: [["src/base/a.ts", "é".repeat(118)]],
  },
  {
    name: "shared memory stays in its room",
    rule: sharedMemoryInItsRoom,
    exceptions: {
      "src/base/frame-memory.ts": "the type of a view may be over shared memory; nothing is made or waited for",
    },
    bad: [
      ["src/engine/a.ts", "Atomics.load(words, 0);"],
      ["src/engine/a.ts", "let buffer: SharedArrayBuffer;"],
    ],
    good: [
      ["src/memory/a.ts", "Atomics.load(words, 0);"],
      ["src/engine/a.ts", "// Atomics.load would do."],
      ["test/unit/a.ts", "new SharedArrayBuffer(8);"],
    ],
  },
  {
    name: "Atomics is called in place",
    rule: atomicsQualified,
    exceptions: {},
    bad: [
      ["src/memory/a.ts", "const { load } = Atomics;"],
      ["src/memory/a.ts", "const load = Atomics.load;"],
      ["src/memory/a.ts", "use(Atomics);"],
    ],
    good: [["src/memory/a.ts", `Atomics.load(words, 0); type T = ReturnType<typeof Atomics.wait>;`]],
  },
  {
    name: "classes that threads share open with ownership, invariant and visibility",
    rule: sharedClassHeader,
    exceptions: {},
    bad: [
      ["src/memory/a.ts", `class A { f() { Atomics.load(w, 0); } }`],
      ["src/memory/a.ts", `/** Ownership: a. Invariant: b. */ class A { f() { Atomics.load(w, 0); } }`],
    ],
    good: [
      [
        "src/memory/a.ts",
        `/** Ownership: a. Invariant: b. Visibility: c. */ export class A { f() { Atomics.load(w, 0); } }`,
      ],
      ["src/memory/a.ts", `class Plain {}`],
    ],
  },
  {
    name: "no default exports, enums or namespaces",
    rule: plainModules,
    exceptions: {
      "test/integration/cli/topologies/one.ts": "a user's module: users may export a topology as default",
      "test/integration/cli/topologies/only-default.ts": "as the one before",
    },
    bad: [
      ["src/base/a.ts", "export default 1;"],
      ["src/base/a.ts", "export default function f() {}"],
      ["src/base/a.ts", "export { a as default };"],
      ["src/base/a.ts", "enum A { B }"],
      ["src/base/a.ts", "namespace A { export const b = 1; }"],
    ],
    good: [["src/base/a.ts", `export const a = "default"; declare global { interface X {} }; declare module "x" {}`]],
  },
  {
    name: "time, chance and files come from base",
    rule: worldThroughBase,
    exceptions: {},
    bad: [
      ["src/engine/a.ts", "Math.random();"],
      ["src/engine/a.ts", "const now = Date.now;"],
      ["src/engine/a.ts", "new Date();"],
      ["src/engine/a.ts", "globalThis.performance.now();"],
      ["src/engine/a.ts", "process.hrtime.bigint();"],
      ["src/engine/a.ts", `import * as fs from "node:fs";`],
      ["src/engine/a.ts", `const fs = await import("fs/promises");`],
      ["src/base/disk.ts", "Date.now();"],
    ],
    good: [
      ["src/base/clock.ts", "performance.now();"],
      ["src/base/disk.ts", `import * as fs from "node:fs";`],
      ["src/engine/a.ts", "clock.nowMs(); new Date(ms); prng.nextFloat();"],
      ["test/unit/a.ts", "Date.now();"],
    ],
  },
  {
    name: "no type any",
    rule: noAny,
    exceptions: {},
    bad: [
      ["src/engine/a.ts", "let x: any;"],
      ["src/tuple/a.ts", "x as any;"],
    ],
    good: [
      ["src/tuple/codec/a.ts", "let x: any;"],
      ["src/engine/a.ts", `let x: "any" | unknown; // any`],
    ],
  },
  {
    name: "nothing is left as a note",
    rule: noUnfinishedNotes,
    exceptions: {},
    bad: [
      ["src/engine/a.ts", `// ${"TODO"}: later\nf();`],
      ["src/engine/a.ts", `f(); /* ${"FIXME"} */`],
      ["src/engine/a.ts", `f({\n  a, // ${"HACK"}\n});`],
    ],
    good: [["src/engine/a.ts", `const todo = "${"TODO"}"; // What is to be done.`]],
  },
  {
    name: "every test runs, or says why not",
    rule: everyTestRuns,
    exceptions: {},
    bad: [
      ["test/a.test.ts", `test.only("a", () => {});`],
      ["test/a.test.ts", `describe("a", { only: true }, () => {});`],
      ["test/a.test.ts", `test.skip("a", () => {});`],
      ["test/a.test.ts", `test("a", { skip: true }, () => {});`],
      ["test/a.test.ts", `test("a", { skip: !hasTaskset }, () => {});`],
      ["test/a.test.ts", `test("a", { skip: "" }, () => {});`],
      ["test/a.test.ts", `test("a", (t) => { t.skip(); });`],
      ["test/a.test.ts", `test.todo("a");`],
    ],
    good: [
      ["test/a.test.ts", `test("a", { skip: !hasTaskset && "taskset is not installed" }, () => {});`],
      [
        "test/a.test.ts",
        `test("a", { skip: hasTaskset ? false : "no taskset" }, (t) => { t.skip("why"); items.skip(); });`,
      ],
      ["test/a.test.ts", `const range = { only: true, skip: true }; test("a", run);`],
    ],
  },
];

const root = repositoryRoot();
const code = sourceFilesBelow(root, CODE_FOLDERS);

for (const { name, rule, exceptions, bad, good } of RULES) {
  test(name, () => {
    const violations = code.filter((file) => exceptions[file.path] === undefined).flatMap(rule);
    assertNone(violations);
    const needless = code.filter((file) => exceptions[file.path] !== undefined && rule(file).length === 0);
    assertNone(needless.map((file) => `${file.path} keeps the rule: remove its exception`));
  });

  test(`${name}: the rule finds what is against it, and only that`, () => {
    for (const [file, text] of bad) assert.equal(rule(sampleFile(file, text)).length, 1, `not found once: ${text}`);
    for (const [file, text] of good) assert.deepEqual(rule(sampleFile(file, text)), [], `found: ${text}`);
  });
}

test("files are named in kebab-case", () => {
  const violations = filesBelow(root, CODE_FOLDERS).flatMap((file) => nameViolation(file) ?? []);
  assertNone(violations);
});

test("names that are not in kebab-case are found", () => {
  for (const file of ["src/base/engineError.ts", "src/Base/a.ts", "src/base/engine_error.ts", "test/A.test.ts"]) {
    assert.notEqual(nameViolation(file), null, file);
  }
  for (const file of [
    "src/base/engine-error.ts",
    "test/unit/a-b.test.ts",
    "src/base/README.md",
    "src/tuple/codec/tuple-batch.fbs",
    "native-free-bench/rivals/StormRival.java",
  ]) {
    assert.equal(nameViolation(file), null, file);
  }
});

const TEXT_FILE = /\.(ts|mts|mjs|js|md|json|fbs|html|css|sh)$|(^|\/)(run|LICENSE)$/;

test("the repository speaks of the project alone: no machine paths, registries or words of a workplace", () => {
  const atTop = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== "package-lock.json",
  );
  const files = [
    ...atTop.map((entry) => entry.name),
    ...filesBelow(root, ["src", "test", "native-free-bench", "docs", ".ci"]),
  ];
  const violations = files.filter((file) => TEXT_FILE.test(file)).flatMap((file) => foreignWords(readText(file)));
  assertNone(violations);
});

test("foreign words are found", () => {
  const slash = "/";
  for (const text of [
    `cd ${slash}work/x`,
    `open("${slash}tmp/x")`,
    `see https:${slash}/registry.example.org/a`,
    `fixes issue${" "}#12`,
    `as in session${" "}3`,
    `in the work${"tree"}`,
  ]) {
    assert.equal(foreignWords({ path: "a.md", text: `first\n${text}` }).length, 1, text);
  }
  const fine = `import x from "./tmp/x.ts"; https:${slash}/example.org/work/ a session window of 3 s; src/work/x`;
  assert.deepEqual(foreignWords({ path: "a.md", text: fine }), []);
});

test("every room of more than three files has a short README", () => {
  const violations = roomReadmeViolations(
    filesBelow(root, ["src"])
      .filter((file) => TEXT_FILE.test(file))
      .map(readText),
  );
  assertNone(violations);
});

test("a room without README, or with a long one, is found", () => {
  const room = ["a", "b", "c", "d"].map((name) => ({ path: `src/base/${name}.ts`, text: "" }));
  assert.equal(roomReadmeViolations(room).length, 1);
  assert.equal(roomReadmeViolations(room.slice(1)).length, 0);
  assert.equal(roomReadmeViolations([...room, { path: "src/base/README.md", text: "x\n".repeat(15) }]).length, 0);
  assert.equal(roomReadmeViolations([...room, { path: "src/base/README.md", text: "x\n".repeat(16) }]).length, 1);
});

function readText(file: string): { path: string; text: string } {
  return { path: file, text: readFileSync(path.join(root, file), "utf8") };
}
