/**
 * Goal:   `npm start -- --ui` opens a dashboard where the running job is watched, paused, resumed and stopped.
 * Method: the command as a program of its own, asked by HTTP, and looked at in a headless Chromium if there is one.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { wordCountCommand } from "../../../docs/examples/word-count/command.ts";
import { keepScreenshot, openBrowser, visitPage, waitUntil } from "../ui/browser.ts";

const DEADLINE = { timeout: 60_000 };
const PROGRAM = path.resolve(import.meta.dirname, "../../../docs/examples/word-count/main.js");
const FOLDER = path.resolve(import.meta.dirname, "../../../src");
const LOOK_MS = 50;

class WatchedJob implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly stdout: Promise<string>;
  readonly link: Promise<URL>;

  constructor() {
    const child = spawn(process.execPath, [PROGRAM, "--ui", "0", "--workers", "2", FOLDER], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    this.stdout = text(child.stdout);
    this.link = (async () => {
      const seen: string[] = [];
      for await (const line of createInterface({ input: child.stderr })) {
        if (line.startsWith("http://")) return new URL(line);
        seen.push(line);
      }
      throw new Error(`the job named no link:\n${seen.join("\n")}`);
    })();
  }

  async ask(method: "GET" | "POST", what: string): Promise<Record<string, unknown>> {
    const { origin, hash } = await this.link;
    const headers = { authorization: `Bearer ${hash.slice("#token=".length)}` };
    const response = await fetch(`${origin}/api/v1/topology/word-count/${what}`, { method, headers });
    assert.equal(response.status, 200, what);
    return (await response.json()) as Record<string, unknown>;
  }

  /** Words counted so far; null before there are numbers. */
  async words(): Promise<number> {
    const { components } = (await this.ask("GET", "state")) as unknown as {
      readonly components: Readonly<Record<string, { readonly executedTotal: number }>>;
    };
    return components.count?.executedTotal ?? 0;
  }

  async wordsBeyond(count: number): Promise<number> {
    for (;;) {
      const words = await this.words();
      if (words > count) return words;
      await pause(LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "close");
  }
}

test(
  "the job goes on beyond the end of its files, is paused and resumed, and ends with Ctrl-C",
  DEADLINE,
  async () => {
    await using job = new WatchedJob();
    const counted = await job.wordsBeyond(0);
    await job.wordsBeyond(counted + 1_000_000);

    await job.ask("POST", "deactivate");
    // What was under way is counted; then nothing more.
    let before = -1;
    for (let words = await job.words(); words !== before; words = await job.words()) {
      before = words;
      await pause(4 * LOOK_MS);
    }
    await job.ask("POST", "activate");
    await job.wordsBeyond(before);

    job.child.kill("SIGINT");
    const [code] = await once(job.child, "close");
    assert.equal(code, 0);
    assert.match(await job.stdout, /^Counted [\d,]+ words of [\d,]+ lines/);
  },
);

test("in a browser: live numbers change, a pause stops them, the bottleneck is named", DEADLINE, async (t) => {
  const browser = await openBrowser();
  if (typeof browser === "string") return t.skip(browser);
  try {
    await using job = new WatchedJob();
    const { page, wrong } = await visitPage(browser, String(await job.link));
    const state = (wanted: string) => waitUntil(page, `document.getElementById('state').textContent === '${wanted}'`);
    const label = "document.querySelector('.node[data-component=count]')?.ariaLabel";
    await waitUntil(page, `${label} !== undefined && !${label}.includes('0 executed')`);
    const first = await page.evaluate<string>(label);
    await waitUntil(page, `${label} !== ${JSON.stringify(first)}`);
    await page.locator(".bottleneck-note").waitFor();
    await keepScreenshot(page, "word-count");
    await page.locator("#deactivate").click();
    await state("inactive");
    await page.locator("#activate").click();
    await state("active");
    await page.locator("#kill").click();
    await page.locator("#kill-confirm").click();
    const [code] = await once(job.child, "close");
    assert.equal(code, 0);
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
  }
});

test("what makes no sense with a job that is stopped is refused", async () => {
  for (const flag of ["--verify", "--json", "--chaos", "--dump=x"]) {
    let said = "";
    const code = await wordCountCommand(["--ui", flag, FOLDER], {
      stdout: { write: () => assert.fail("nothing is counted") },
      stderr: { write: (line) => (said += line) },
      signal: new AbortController().signal,
      recount: () => assert.fail("nothing is verified"),
    });
    assert.equal(code, 2, flag);
    assert.match(said, /until it is stopped/);
  }
});
