/**
 * Goal:   a person at a browser sees live numbers, finds the bottleneck, pauses, resumes and stops a topology.
 * Method: the real pages in a headless Chromium against a server whose topology the test plays. Screenshots are kept.
 *         Without Chromium or playwright-core the tests say so and are skipped.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { UiGraph } from "../../../src/http/ui-source.ts";
import { type Browser, keepScreenshot, openBrowser, type Visit, visitPage, waitUntil } from "./browser.ts";
import { type OpenServer, openServer } from "./ui-server.ts";

const opened = await openBrowser();
const missing = typeof opened === "string" ? opened : null;
const browser = missing === null ? (opened as Browser) : null;
after(async () => browser?.close());

const WAIT = { timeout: 10_000 };

const visit = (server: OpenServer, link = server.dashboard.link): Promise<Visit> => visitPage(browser!, link);

test("the graph: components with their numbers, the bottleneck named, the token out of sight", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  const { page, wrong } = await visit(server);
  await page.locator(".node[data-component=split]").waitFor(WAIT);
  await waitUntil(page, "document.querySelector('.node[data-component=split]').ariaLabel?.includes('busy 55 %')");
  assert.equal(await page.locator(".node").count(), 4);
  assert.equal(await page.evaluate("location.hash.includes('token')"), false);
  assert.match((await page.locator(".bottleneck-note").textContent()) ?? "", /split holds up the others/);
  // A stream that is called like markup stands there as text.
  assert.equal(await page.locator("main b").count(), 0);
  await keepScreenshot(page, "graph-light");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await keepScreenshot(page, "graph-dark");
  assert.deepEqual(wrong, []);
});

test("pause and resume by their buttons; the state is announced", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  const { page, wrong } = await visit(server);
  await waitUntil(page, "!document.getElementById('deactivate').disabled");
  await page.locator("#deactivate").click();
  await waitUntil(page, "document.getElementById('state').textContent === 'inactive'");
  assert.match((await page.locator("#announcement").textContent()) ?? "", /inactive/);
  await page.locator("#activate").click();
  await waitUntil(page, "document.getElementById('state').textContent === 'active'");
  assert.deepEqual([server.topology.calls, wrong], [["deactivate", "activate"], []]);
});

test("stopping asks first, and can be taken back with the keyboard", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  const { page, wrong } = await visit(server);
  await waitUntil(page, "!document.getElementById('kill').disabled");
  await page.locator("#kill").click();
  await page.keyboard.press("Escape");
  assert.deepEqual(server.topology.calls, []);
  await page.locator("#kill").click();
  await page.locator("#kill-confirm").click();
  await waitUntil(page, "document.getElementById('state').textContent === 'draining'");
  assert.deepEqual([server.topology.calls, wrong], [["kill 30000"], []]);
});

test("a component is opened with the keyboard; its page has tasks, streams and latencies", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  const { page, wrong } = await visit(server);
  await page.locator(".node[data-component=split]").waitFor(WAIT);
  await page.locator(".node[data-component=split]").focus();
  await page.keyboard.press("Enter");
  await waitUntil(page, "document.querySelectorAll('main tbody tr').length > 5");
  assert.match((await page.locator("main h2").textContent()) ?? "", /bolt split/);
  await keepScreenshot(page, "component");
  assert.deepEqual(wrong, []);
});

test("every page opens by its link, has no error, and every control has a name", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  const { page, wrong } = await visit(server);
  for (const name of ["workers", "errors", "configuration", "inspector"]) {
    await waitUntil(page, "document.querySelectorAll('nav a').length === 5");
    await page.locator(`nav a[href$="/${name}"]`).click();
    await waitUntil(page, `document.title.toLowerCase().startsWith('${name}')`);
    await keepScreenshot(page, name);
    const nameless = await page.evaluate<string[]>(`[...document.querySelectorAll("button, a, select, input")]
      .filter((it) => !(it.textContent || it.ariaLabel || it.labels?.length)).map((it) => it.outerHTML)`);
    assert.deepEqual(nameless, [], name);
  }
  assert.deepEqual(wrong, []);
});

test("without the token the page looks on and changes nothing", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  const { page, wrong } = await visit(server, server.dashboard.url);
  await waitUntil(page, "document.getElementById('state').textContent === 'active'");
  for (const id of ["activate", "deactivate", "kill"]) {
    assert.equal(await page.evaluate(`document.getElementById('${id}').disabled`), true, id);
  }
  assert.deepEqual(wrong, []);
});

test("200 components and 2,000 tasks are soon seen, and an update does not hold up the page", async (t) => {
  if (missing !== null) return t.skip(missing);
  await using server = await openServer();
  server.topology.graph = largeGraph(200, 10);
  const { page, wrong } = await visit(server);
  await waitUntil(page, "document.querySelectorAll('.node').length === 200");
  const seenMs = await page.evaluate<number>("performance.now()");
  await page.evaluate(`globalThis.longest = 0; new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: "longtask" })`);
  await waitUntil(page, `performance.now() > ${seenMs + 5_000}`);
  const longestMs = await page.evaluate<number>("longest");
  t.diagnostic(`seen after ${Math.round(seenMs)} ms; longest task of an update ${Math.round(longestMs)} ms`);
  await keepScreenshot(page, "large");
  assert.deepEqual(wrong, []);
  // On a machine of its own 2 s and 100 ms hold by far; others may be using this one.
  assert.ok(seenMs < 4 * 2_000, `seen after ${seenMs} ms`);
  assert.ok(longestMs < 4 * 100, `an update took ${longestMs} ms`);
});

function largeGraph(componentCount: number, tasksEach: number): UiGraph {
  const components = Array.from({ length: componentCount }, (_, index) => ({
    id: `component-${index}`,
    kind: index < 5 ? ("spout" as const) : ("bolt" as const),
    depth: Math.floor(index / 5),
    tasks: Array.from({ length: tasksEach }, (_, task) => ({ task: index * tasksEach + task + 1, worker: task % 2 })),
  }));
  const edges = components.slice(5).map(({ id }, index) => ({
    from: `component-${index}`,
    stream: "default",
    to: id,
    input: "default",
    grouping: "shuffle",
    fields: [],
    feedback: false,
  }));
  return { components, edges, cores: [0, 1] };
}
