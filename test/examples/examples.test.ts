/**
 * Every example runs as a program of its own, ends by itself, and prints what was worked out here by other means.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import test from "node:test";
import { redisMissing, startRedis } from "../services/redis.ts";
import { runExample } from "./run-example.ts";

const tests = { concurrency: false };

/** Runs an example that must succeed, without a word on standard error; gives its lines of output, sorted. */
async function linesOf(name: string, ...args: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await runExample(name, args);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  return stdout.trimEnd().split("\n").sort();
}

test("quick-start counts words as they come", tests, async () => {
  assert.deepEqual(await linesOf("quick-start"), ["be 1", "be 2", "not 1", "or 1", "to 1", "to 2"]);
});

test("one-file-script finds the primes below a limit", tests, async () => {
  const sieve = new Array<boolean>(5_000).fill(true);
  let primes = 0;
  for (let number = 2; number < sieve.length; number++) {
    if (!sieve[number]) continue;
    primes++;
    for (let multiple = number * 2; multiple < sieve.length; multiple += number) sieve[multiple] = false;
  }
  assert.deepEqual(await linesOf("one-file-script", "5000"), ["4998 numbers tested", `${primes} primes`]);
});

test("enrich prices every order that has a price, and rejects the others", tests, async () => {
  const known = Array.from({ length: 200 }, (_, number) => number).filter((number) => number % 10 !== 7);
  const cents = known.reduce((sum, quantity) => sum + quantity * 250, 0);
  assert.deepEqual(await linesOf("enrich"), [`orders for ${cents} cents, ${200 - known.length} rejected`]);
});

test("join matches 990 orders with their payments, and names what is left", tests, async () => {
  assert.deepEqual(await linesOf("join"), ["990 orders paid, 10 unpaid, 5 payments without order"]);
});

test("feeder answers every reading with the average of the last three of its sensor", tests, async () => {
  const kitchen = ["20.0", "20.5", "21.0", "22.0", "23.0"].map((celsius) => `kitchen ${celsius}`);
  const cellar = ["10.0", "9.5", "9.0", "8.0", "7.0"].map((celsius) => `cellar ${celsius}`);
  assert.deepEqual(await linesOf("feeder"), [...cellar, ...kitchen].sort());
});

test("direct-reply sends every answer to the client who asked", tests, async () => {
  assert.deepEqual(
    await linesOf("direct-reply"),
    [0, 1, 2].map((client) => `client ${client}: 100 answers, 0 for others`),
  );
});

test("custom-grouping keeps a desk free for urgent jobs", tests, async () => {
  assert.deepEqual(await linesOf("custom-grouping"), ["jobs per desk: 30, 90, 90, 90; misplaced: 0"]);
});

test("ticks tell a count every tenth of a second, and together they tell all", tests, async () => {
  const counts = (await linesOf("ticks")).map(Number);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    50,
  );
  assert.ok(counts.length >= 3, `half a second has only ${counts.length} ticks`);
});

test("several-topologies: one fails, the other completes", tests, async () => {
  assert.deepEqual(await linesOf("several-topologies"), [
    "faulty: TASK_FAILED, five hundred is too much",
    "healthy: 5000050000",
  ]);
});

test("claims: the ledger has one owner, and every booking that was processed", tests, async () => {
  assert.deepEqual(await linesOf("claims"), [
    " # owner 1 account 10 10 account 20 20 account 30 30",
    "a second run: CLAIM_HELD",
  ]);
});

test("testing: every test of the example passes", tests, async () => {
  const lines = await linesOf("testing");
  assert.ok(
    lines.some((line) => /\bpass 4$/.test(line)) && lines.some((line) => /\bfail 0$/.test(line)),
    lines.join("\n"),
  );
});

test("connector-files prices the orders of two files, and says which record is none", tests, async () => {
  const rows = Array.from({ length: 1_000 }, (_, number) => `"sku ${number}",${1 + (number % 3)}\r\n`);
  const cents = 2 * rows.reduce((sum, _, number) => sum + 250 * (1 + (number % 3)), 0);
  assert.deepEqual(await linesOf("connector-files"), [
    `2000 orders for ${cents} cents`,
    `bad record at ${"sku,quantity\r\n".length + rows.join("").length}: field "quantity": "many" is no int32`,
  ]);
});

test("http-in-worker answers from a worker that has nothing else to do", tests, async () => {
  const [answer] = await linesOf("http-in-worker", String(await freePort()));
  assert.deepEqual(JSON.parse(answer!), { "/": 3, "/about": 1 });
});

test("connector-redis prices four orders, and gives up a fifth", { ...tests, skip: redisMissing() }, async () => {
  const service = await startRedis();
  try {
    assert.deepEqual(await linesOf("connector-redis", `redis://127.0.0.1:${service.port}`), [
      "order 3: nobody knows a price for gizmo",
      "{ '0': '20', '1': '50', '2': '20', '4': '50' }",
    ]);
  } finally {
    await service.stop();
  }
});

test("once: users are told twice without it, never by a filter, and once with it", tests, async () => {
  const lines = await linesOf("once/main", "600");
  assert.match(lines[0]!, /^600 trades; ids are kept in (memory|Redis)$/);
  const told = Object.fromEntries(
    lines.slice(1).map((line) => {
      const [, filter, twice, never] = /^with (.*): (\d+) users were told again and again, (\d+) never$/.exec(line)!;
      return [filter, [Number(twice), Number(never)]];
    }),
  ) as Record<string, [number, number]>;
  assert.deepEqual(told.once, [0, 0]);
  assert.ok(told.nothing![0] > 10 && told.nothing![1] === 0, lines.join("\n"));
  assert.ok(told["a filter by id"]![0] === 0 && told["a filter by id"]![1] > 6, lines.join("\n"));
});

test("every example is tested here, and is short enough to be read at once", () => {
  const sources = path.resolve(import.meta.dirname, "../../../docs/examples");
  const tests = path.resolve(import.meta.dirname, "../../../test");
  // That of Kafka runs where a broker is up already.
  const own = ["examples/examples.test.ts", "integration/kafka/kafka.test.ts"]
    .map((file) => readFileSync(path.join(tests, file), "utf8"))
    .join("");
  const examples = readdirSync(sources).filter((file) => file.endsWith(".ts"));
  assert.ok(examples.length > 0);
  for (const file of examples) {
    assert.match(own, new RegExp(`(linesOf|runExample)\\("${path.basename(file, ".ts")}"`), `${file} has no test`);
    const lines = readFileSync(path.join(sources, file), "utf8").split("\n").length;
    assert.ok(lines <= 61, `${file} has ${lines} lines`);
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}
