/**
 * Goal:   `--chaos` counts every word although threads are killed, and says so when a count is lost.
 * Method: the command as a program of its own, on files whose words are known by definition; in this process with a
 *         store that loses what it is given. SEED repeats the files and the kills.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after, before } from "node:test";
import { ChunkCounts, type ChunkWrite } from "../../../docs/examples/word-count/chunk-counts.ts";
import { wordCountCommand } from "../../../docs/examples/word-count/command.ts";
import { plainCount } from "../../../docs/examples/word-count/plain-count.ts";
import { KillSchedule, PAUSE_MS } from "../../../docs/examples/word-count/thread-killer.ts";
import { runExample } from "../../examples/run-example.ts";
import { chosenSeed } from "../../examples/word-count/awkward-text.ts";
import { type CorpusFacts, writeAwkwardCorpus } from "./awkward-corpus.ts";

const BIG_FILE_BYTES = 512 * 1024;
const seed = chosenSeed();
const scratch = mkdtempSync(path.join(tmpdir(), "main-job-chaos-"));
let facts: CorpusFacts;

before(() => {
  facts = writeAwkwardCorpus(scratch, seed, BIG_FILE_BYTES);
});
after(() => rmSync(scratch, { recursive: true }));

test("every word is counted once, however many threads are killed", async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const args = [scratch, "--chaos", `--seed=${seed}`, "--kills=3", "--workers=2", "--json", "--top=0"];
  const { status, stdout, stderr } = await runExample("word-count/main", args);
  assert.equal(status, 0, stderr + stdout);
  const result = JSON.parse(stdout);
  const { kills, replays, overwritten } = result.chaos;
  t.diagnostic(`${kills.length} kills, ${replays} replays, ${overwritten} counts overwritten`);
  assert.ok(kills.length > 0, "a job that is slowed down for three kills sees some");
  assert.equal(result.verified, true);
  const { files, bytes, lines, words, tooLongRuns, counts } = facts;
  assert.deepEqual(
    [result.files, result.bytes, result.lines, result.words, result.tooLongRuns, result.distinctWords],
    [files, bytes, lines, words, tooLongRuns, counts.size],
  );
  assert.deepEqual(result.unreadable, []);
  for (const kill of kills) assert.match(stderr, new RegExp(`killed (worker ${kill.thread}|acker): ${kill.death};`));
});

test("a count that is lost is noticed: exit code 1, and the word is named", async () => {
  let lost: ChunkWrite | null = null;
  class LossyStore extends ChunkCounts {
    override write(write: ChunkWrite): void {
      lost ??= write;
      if (write.file !== lost.file || write.chunk !== lost.chunk || write.word !== lost.word) super.write(write);
    }
  }
  const { status, stdout } = await chaosCommand(new LossyStore());
  assert.equal(status, 1);
  assert.match(stdout, /FAILED: 1 count differs from a plain loop/);
  assert.ok(stdout.includes(`"${lost!.word}": counted `), stdout);
});

test("a count that is added twice is noticed", async () => {
  class AddingStore extends ChunkCounts {
    #isDone = false;
    override write(write: ChunkWrite): void {
      super.write(this.#isDone ? write : { ...write, n: write.n * 2 });
      this.#isDone = true;
    }
  }
  assert.equal((await chaosCommand(new AddingStore())).status, 1);
});

test("the same seed kills the same threads at the same pauses; a job for n kills lasts long enough", () => {
  const drawn = [new KillSchedule(seed), new KillSchedule(seed)].map((schedule) =>
    Array.from({ length: 200 }, () => schedule.next(3)),
  );
  assert.deepEqual(drawn[0], drawn[1]);
  for (const { pauseMs } of drawn[0]!) assert.ok(pauseMs >= PAUSE_MS.min && pauseMs <= PAUSE_MS.max);
  assert.deepEqual(new Set(drawn[0]!.map(({ thread }) => thread)), new Set([0, 1, 2, "acker"]));
  const sum = drawn[0]!.slice(0, 20).reduce((total, { pauseMs }) => total + pauseMs, 0);
  assert.equal(KillSchedule.durationMs(seed, 20), sum);
});

/** On one big word list: many chunks, few files. */
async function chaosCommand(store: ChunkCounts): Promise<{ status: number; stdout: string }> {
  let stdout = "";
  const file = path.join(scratch, "one-line.txt");
  const status = await wordCountCommand([file, "--chaos", `--seed=${seed}`, "--kills=1", "--workers=1"], {
    stdout: { write: (part) => (stdout += part) },
    stderr: { write: () => true },
    signal: new AbortController().signal,
    recount: plainCount,
    store,
  });
  return { status, stdout };
}
