// The pages' files: each one is served, nothing comes from elsewhere; and those of their parts that only compute.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readStaticFiles } from "../../../src/http/static-files.ts";
import { repositoryRoot } from "../../tidy/source-tree.ts";

const folder = path.join(repositoryRoot(), "src/ui");

interface Shares {
  readonly busy: number;
  readonly waiting: number;
  readonly blocked: number;
}

interface Bottleneck {
  readonly id: string;
  readonly blocked: string | null;
}

interface PageModules {
  findBottleneck(graph: object, components: Readonly<Record<string, Shares>>): Bottleneck | null;
  layoutByDepth(graph: object): { nodes: Map<string, object>; edges: object[][]; width: number; height: number };
  mergeBuckets(buckets: readonly object[]): { fromMs: number; toMs: number; count: number }[];
  rate(perSecond: number): string;
  duration(ms: number | null): string;
}

async function pageModule<Name extends keyof PageModules>(file: string, name: Name): Promise<PageModules[Name]> {
  const loaded = (await import(pathToFileURL(path.join(folder, file)).href)) as PageModules;
  return loaded[name];
}

test("every file of the pages is served under its name, and no other", () => {
  const served = [...readStaticFiles().keys()].filter((url) => !url.startsWith("/vendor/"));
  const files = readdirSync(folder).map((file) => (file === "index.html" ? "/" : `/${file}`));
  assert.deepEqual(served.toSorted(), files.toSorted());
});

test("pages name no other host, no markup from data, and only modules that are served", () => {
  const served = readStaticFiles();
  for (const file of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, file), "utf8").replaceAll("http://www.w3.org/2000/svg", "");
    assert.doesNotMatch(text, /https?:\/\//, file);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\sstyle="/, file);
    for (const [, specifier] of text.matchAll(/(?:from |import\()"([^"]+)"/g)) {
      const url = specifier!.replace(/^\.\//, "/");
      assert.ok(served.has(url) || url.startsWith("/vendor/"), `${file} imports ${specifier}`);
    }
  }
});

test("the bottleneck is the busy component with somebody blocked before it", async () => {
  const findBottleneck = await pageModule("bottleneck.js", "findBottleneck");
  const edge = (from: string, to: string) => ({ from, to, feedback: false });
  const graph = {
    components: ["a", "b", "c", "d"].map((id) => ({ id })),
    edges: [edge("a", "b"), edge("b", "c"), edge("c", "d")],
  };
  const state = (busy: number, blocked = 0): Shares => ({ busy, blocked, waiting: 0 });
  const found = (...states: Shares[]) =>
    findBottleneck(graph, Object.fromEntries(states.map((it, index) => ["abcd"[index]!, it])));

  const held = found(state(0.1, 0.9), state(0.3, 0.7), state(0.95), state(0.2));
  assert.deepEqual([held?.id, held?.blocked], ["c", "b"]);
  assert.equal(found(state(0.4), state(0.3), state(0.2), state(0.1)), null);
  const alone = found(state(0.99), state(0.3), state(0.2), state(0.1));
  assert.deepEqual([alone?.id, alone?.blocked], ["a", null]);
  assert.equal(found(), null);
});

test("without the layout's package boxes stand in columns by depth, each in a place of its own", async () => {
  const layoutByDepth = await pageModule("graph-layout.js", "layoutByDepth");
  const components = Array.from({ length: 200 }, (_, index) => ({ id: `c${index}`, depth: index % 9 }));
  const edges = components.slice(1).map(({ id }, index) => ({ from: `c${index}`, to: id }));
  const layout = layoutByDepth({ components, edges });
  assert.equal(new Set([...layout.nodes.values()].map((place) => JSON.stringify(place))).size, 200);
  assert.equal(layout.edges.length, 199);
  assert.ok(layout.edges.every((points) => points.length >= 2));
  assert.ok(layout.width > 0 && layout.height > 0);
});

test("buckets are merged to at most forty bars, and none is lost", async () => {
  const mergeBuckets = await pageModule("chart.js", "mergeBuckets");
  const buckets = Array.from({ length: 333 }, (_, index) => ({ fromMs: index, toMs: index + 1, count: 1 }));
  const merged = mergeBuckets(buckets);
  assert.ok(merged.length <= 40);
  assert.equal(
    merged.reduce((sum, { count }) => sum + count, 0),
    333,
  );
  assert.deepEqual([merged[0]?.fromMs, merged.at(-1)?.toMs], [0, 333]);
  assert.deepEqual(mergeBuckets([]), []);
});

test("numbers are short", async () => {
  const rate = await pageModule("format.js", "rate");
  const duration = await pageModule("format.js", "duration");
  assert.deepEqual([0, 0.5, 9.96, 950, 12_345, 4_560_000].map(rate), ["0", "0.5", "10.0", "950", "12.3 k", "4.56 M"]);
  assert.deepEqual([null, 0.0005, 0.5, 12.34, 2_000].map(duration), ["–", "500 ns", "500 µs", "12.3 ms", "2.00 s"]);
});
