import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Of playwright-core, what the tests use: the package is optional, and so are its types. */
export interface Page {
  goto(url: string): Promise<unknown>;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "request", listener: (request: { url(): string }) => void): void;
  locator(selector: string): Locator;
  evaluate<Result>(script: string): Promise<Result>;
  screenshot(options: { readonly path: string; readonly fullPage: boolean }): Promise<unknown>;
  emulateMedia(options: { readonly colorScheme: "light" | "dark"; readonly reducedMotion?: "reduce" }): Promise<void>;
  keyboard: { press(key: string): Promise<void> };
}

export interface Locator {
  click(): Promise<void>;
  focus(): Promise<void>;
  count(): Promise<number>;
  textContent(): Promise<string | null>;
  getAttribute(name: string): Promise<string | null>;
  waitFor(options?: { readonly timeout: number }): Promise<void>;
}

export interface Browser {
  newPage(options: { readonly viewport: { readonly width: number; readonly height: number } }): Promise<Page>;
  close(): Promise<void>;
}

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser, or why there is none. */
export async function openBrowser(): Promise<Browser | string> {
  const executablePath = process.env.CHROMIUM ?? EXECUTABLES.find((file) => existsSync(file));
  if (executablePath === undefined) return "there is no Chromium: set CHROMIUM to its path";
  const packageName = "playwright-core"; // By a variable: without the package the types are missing too.
  try {
    const { chromium } = (await import(packageName)) as {
      chromium: { launch(options: object): Promise<Browser> };
    };
    return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  } catch (error) {
    return `the browser cannot be started: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}

export interface Visit {
  readonly page: Page;
  /** What must not have happened: errors of the page, and requests to other hosts. */
  readonly wrong: string[];
}

/** Opens a page of the dashboard. */
export async function visitPage(browser: Browser, link: string): Promise<Visit> {
  const { origin } = new URL(link);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const wrong: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(message.text());
  });
  page.on("pageerror", (error) => void wrong.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) wrong.push(`request to ${request.url()}`);
  });
  await page.goto(link);
  return { page, wrong };
}

const LOOK_MS = 20;

/** Waits until an expression holds in the page. By looks from outside: the page's own rules forbid `eval` inside. */
export async function waitUntil(page: Page, expression: string, waitMs = 10_000): Promise<void> {
  const endMs = performance.now() + waitMs;
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
    if (performance.now() > endMs) throw new Error(`within ${waitMs} ms it did not come true that ${expression}`);
    await pause(LOOK_MS);
  }
}

/** In the folder that SCREENSHOTS names; else beside the compiled tests. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS ?? path.resolve(import.meta.dirname, "../../../test-output");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}
