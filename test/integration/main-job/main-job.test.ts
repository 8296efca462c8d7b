/**
 * Goal:   the main job counts every word of awkward files, on any number of workers, and --verify deserves its name.
 * Method: a generated corpus whose words are known by definition; the command as a program of its own, and in this
 *         process with a second count that lies.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import test, { after, before } from "node:test";
import { wordCountCommand } from "../../../docs/examples/word-count/command.ts";
import { plainCount } from "../../../docs/examples/word-count/plain-count.ts";
import { type ProgramRun, runExample } from "../../examples/run-example.ts";
import { chosenSeed } from "../../examples/word-count/awkward-text.ts";
import { type CorpusFacts, writeAwkwardCorpus } from "./awkward-corpus.ts";

const seed = chosenSeed();
const scratch = mkdtempSync(path.join(tmpdir(), "main-job-"));
const corpus = path.join(scratch, "corpus");
let facts: CorpusFacts;

before(() => {
  facts = writeAwkwardCorpus(corpus, seed);
});
after(() => rmSync(scratch, { recursive: true }));

for (const workers of [1, 2, 4]) {
  test(`${workers} workers count what the definition counts, and --verify agrees`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const dump = path.join(scratch, `counts-${workers}.tsv`);
    const run = await wordCount(corpus, "--verify", "--json", "--top=5", `--dump=${dump}`, `--workers=${workers}`);

    assert.equal(run.status, 0, run.stderr + run.stdout);
    const result = JSON.parse(run.stdout);
    const { counts, ...totals } = facts;
    assert.deepEqual(pick(result, Object.keys(totals)), totals);
    assert.equal(result.distinctWords, counts.size);
    assert.equal(result.workers, workers);
    assert.equal(result.verified, true);
    assert.deepEqual(result.unreadable, []);
    assert.deepEqual(readFileSync(dump, "utf8"), dumpOf(counts));
    assert.deepEqual(result.top, mostFrequent(counts, 5));
  });
}

test("a big file is divided: with four workers, every reader has a part of it", async () => {
  const run = await wordCount(path.join(corpus, "deep", "big.txt"), "--json", "--workers=4");
  const result = JSON.parse(run.stdout);
  assert.equal(result.files, 1);
  const readers = result.tasks.filter((task: { component: string }) => task.component === "read");
  assert.deepEqual(
    readers.map((task: { thread: number }) => task.thread),
    [0, 1, 2, 3],
  );
});

test("--verify fails and names the words when the counts differ", async () => {
  const { status, stdout } = await commandWith(async (paths, settings) => {
    const plain = await plainCount(paths, settings);
    plain.counts.set("dog's", 7);
    plain.counts.delete("w0");
    plain.counts.set("planted", 1);
    return { ...plain, lines: plain.lines + 1 };
  });
  assert.equal(status, 1);
  assert.match(stdout, /FAILED: 4 counts differ from a plain loop/);
  assert.match(stdout, /"dog's": counted 1, plain loop 7/);
  assert.match(stdout, /"w0": counted \d+, plain loop 0/);
  assert.match(stdout, /"planted": counted 0, plain loop 1/);
  assert.match(stdout, /lines in all: counted \d+, plain loop \d+/);
});

test("the report shows the most frequent words, the totals, and what ran where", async () => {
  const { status, stdout } = await commandWith(plainCount);
  assert.equal(status, 0, stdout);
  const [word, count] = mostFrequent(facts.counts, 1).map((entry) => [entry.word, entry.count])[0]!;
  assert.match(stdout, new RegExp(`^ +${Number(count).toLocaleString("en-US")}  ${word}$`, "m"));
  assert.ok(stdout.includes(`${facts.words.toLocaleString("en-US")}, ${facts.counts.size.toLocaleString("en-US")}`));
  assert.match(stdout, /plan {2}2 workers on .*: read \+ split \+ count/);
  assert.match(stdout, /verify {2}every count is the same/);
});

test("arguments that make no sense end with exit code 2, before anything runs", async () => {
  const missing = await wordCount(path.join(scratch, "missing"));
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /^INPUT_NOT_FOUND: /m);
  assert.equal((await wordCount("--no-such-option")).status, 2);
  assert.equal((await wordCount(corpus, "--workers=many")).status, 2);
  const help = await wordCount("--help");
  assert.equal(help.status, 0);
  assert.match(help.stdout, /--verify/);
});

test("a folder without text is counted too", async () => {
  const run = await wordCount(path.join(corpus, "empty.txt"), "--verify");
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /words {2}0, 0 different/);
});

test("Ctrl-C ends the job in order, without counts", async () => {
  const main = path.resolve(import.meta.dirname, "../../../docs/examples/word-count/main.js");
  const child = spawn(process.execPath, [main, corpus], { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  const output = text(child.stdout);
  const closed = once(child, "close");
  await once(child.stderr, "data");
  child.kill("SIGINT");
  const [status] = await closed;
  assert.equal(status, 130);
  assert.equal(await output, "");
});

function wordCount(...args: string[]): Promise<ProgramRun> {
  return runExample("word-count/main", args);
}

/** The command in this process, on two workers, with `recount` as the count to verify against. */
async function commandWith(recount: typeof plainCount): Promise<{ status: number; stdout: string }> {
  let stdout = "";
  const status = await wordCountCommand([corpus, "--verify", "--workers=2"], {
    stdout: { write: (part) => (stdout += part) },
    stderr: { write: () => true },
    signal: new AbortController().signal,
    recount,
  });
  return { status, stdout };
}

function dumpOf(counts: ReadonlyMap<string, number>): string {
  const words = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return words.map(([word, count]) => `${word}\t${count}\n`).join("");
}

function mostFrequent(counts: ReadonlyMap<string, number>, limit: number): { word: string; count: number }[] {
  const entries = [...counts].map(([word, count]) => ({ word, count }));
  return entries.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1)).slice(0, limit);
}

function pick(result: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, result[name]]));
}
