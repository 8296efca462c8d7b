/** How a server begins and ends, its live values, and how the command line finds it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { silentLogger } from "../../../src/base/log.ts";
import { findProcesses } from "../../../src/cli/find-processes.ts";
import { READERS_MAX } from "../../../src/http/live-feed.ts";
import type { PortFile } from "../../../src/http/port-file.ts";
import { serveSource } from "../../../src/http/serve-ui.ts";
import { FakeSource, FakeTopology } from "../../unit/http/fake-source.ts";
import { openServer, TOKEN } from "./ui-server.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "dashboard-"));
const folder = path.join(scratch, "run");
process.env.STORMCELL_RUN_DIR = folder;
after(() => rmSync(scratch, { recursive: true, force: true }));

const parts = { logger: silentLogger };

test("a port that is taken is an error where it was asked for, and passed over where it was not", async () => {
  await using first = await serveSource(new FakeSource(), { port: 0, portFile: false }, parts);
  const again = { port: first.port, portFile: false };
  await assert.rejects(serveSource(new FakeSource(), again, parts), { code: "UI_PORT_TAKEN" });
  await using one = await serveSource(new FakeSource(), { portFile: false }, parts);
  await using other = await serveSource(new FakeSource(), { portFile: false }, parts);
  assert.notEqual(one.port, other.port);
});

test("an address that this machine does not have is an error", async () => {
  const option = { port: 0, host: "192.0.2.1", token: TOKEN, portFile: false };
  await assert.rejects(serveSource(new FakeSource(), option, parts), { code: "UI_LISTEN_FAILED" });
});

test("the link opens the page, and holds the token where no request carries it", async () => {
  await using server = await openServer();
  const { link, url } = server.dashboard;
  assert.equal(link, `${url}/#token=${TOKEN}`);
  assert.equal((await fetch(link)).status, 200);
});

test("live values: the graph, then the state; a reader that leaves is forgotten", async () => {
  await using server = await openServer();
  const stop = new AbortController();
  const response = await fetch(`${server.dashboard.url}/api/v1/topology/word-count/live`, { signal: stop.signal });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while ((text.match(/^event: live$/gm) ?? []).length < 2) text += (await reader.read()).value ?? "";
  assert.match(text, /^event: graph\ndata: \{.*\}\n\nevent: live\ndata: \{.*"state":"active".*\}\n\n/);
  stop.abort();
});

test("live values: a topology that ends closes the stream", async () => {
  await using server = await openServer();
  const response = await fetch(`${server.dashboard.url}/api/v1/topology/word-count/live`);
  server.topology.state = "completed";
  assert.match(await response.text(), /event: ended\ndata: \{"state":"completed"\}\n\n$/);
});

test("live values: one reader too many is 503", async () => {
  await using server = await openServer();
  const stop = new AbortController();
  const url = `${server.dashboard.url}/api/v1/topology/word-count/live`;
  const readers = await Promise.all(Array.from({ length: READERS_MAX }, () => fetch(url, { signal: stop.signal })));
  assert.ok(readers.every(({ status }) => status === 200));
  const refused = await fetch(url);
  assert.deepEqual([refused.status, ((await refused.json()) as { error: string }).error], [503, "TOO_MANY_READERS"]);
  stop.abort();
});

test("closing ends live readers, and the port is free again", async () => {
  const server = await openServer();
  const { port, url } = server.dashboard;
  const response = await fetch(`${url}/api/v1/topology/word-count/live`);
  const read = response.text().catch(() => "broken off");
  await Promise.all([server.dashboard.close(), server.dashboard.close()]);
  await read;
  await using again = await serveSource(new FakeSource(), { port, portFile: false }, parts);
  assert.equal(again.port, port);
});

test("the command line finds a process, asks it with the token, and does not find it once it is closed", async () => {
  const topology = new FakeTopology();
  const dashboard = await serveSource(new FakeSource(topology), { port: 0 }, parts);
  const file = path.join(folder, `${process.pid}.json`);
  const [found, ...others] = await findProcesses();
  assert.deepEqual([found?.pid, found?.url, others], [process.pid, dashboard.url, []]);
  await found!.post("/api/v1/topology/word-count/deactivate");
  assert.deepEqual(topology.calls, ["deactivate"]);
  await assert.rejects(found!.get("/api/v1/topology/nothing"), { code: "CLI_REQUEST_FAILED" });

  // Another program has got the port: it does not know the instance, and must not be sent the token.
  const content = JSON.parse(readFileSync(file, "utf8")) as PortFile;
  writeFileSync(file, JSON.stringify({ ...content, instance: "another" }));
  assert.deepEqual(await findProcesses(), []);
  writeFileSync(file, JSON.stringify(content));

  await dashboard.close();
  assert.ok(!existsSync(file));
  assert.deepEqual(await findProcesses(), []);
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(found!.get("/healthz"), { code: "CLI_REQUEST_FAILED" });
});

test("a folder that is no place for a secret costs the file, not the dashboard", async () => {
  const notAFolder = path.join(scratch, "file");
  writeFileSync(notAFolder, "");
  const warnings: string[] = [];
  const logger = {
    ...silentLogger,
    warn: (_data: object | string, message?: string) => void warnings.push(message ?? ""),
  };
  await using dashboard = await serveSource(new FakeSource(), { port: 0 }, { logger, portFolder: notAFolder });
  assert.equal((await fetch(`${dashboard.url}/healthz`)).status, 200);
  assert.equal(warnings.length, 1);
});
