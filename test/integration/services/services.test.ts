// The test bed itself: servers end with the process that started them, keep their data, and can be paused.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Redis } from "ioredis";
import { redisMissing, startRedis } from "../../services/redis.ts";

const DEADLINE = { timeout: 30_000, skip: redisMissing() };

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

test(
  "what was answered survives a kill and a restart; a paused server answers when it goes on",
  DEADLINE,
  async (t) => {
    const service = await startRedis();
    const client = new Redis({ port: service.port, host: "127.0.0.1", protocol: 2, retryStrategy: () => 20 });
    client.on("error", () => {});
    t.after(() => client.disconnect());
    await client.set("a", "1");
    await service.kill();
    assert.equal(await answers(service.port), false);
    await service.restart();
    assert.equal(await client.get("a"), "1");
    await client.set("a", "2");
    await service.restart();
    assert.equal(await client.get("a"), "2");
    service.pause();
    let hasAnswered = false;
    const answer = client.get("a").then((value) => {
      hasAnswered = true;
      return value;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hasAnswered, false);
    service.resume();
    assert.equal(await answer, "2");
    await service.stop();
    assert.equal(await answers(service.port), false);
  },
);

test("a server ends when the process that started it is killed", DEADLINE, async () => {
  const module = pathToFileURL(path.resolve(import.meta.dirname, "../../services/redis.js")).href;
  const program = `
    const { startRedis } = await import(${JSON.stringify(module)});
    console.log((await startRedis()).port);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  const port = Number(String(line));
  assert.ok(await answers(port));
  child.kill("SIGKILL");
  while (await answers(port));
});
