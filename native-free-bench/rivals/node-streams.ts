import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Measurement } from "../harness/benchmark.ts";
import { expectedStringChecksum, foldString, verifyHop } from "../input/content-checksum.ts";
import { STRINGS_REPEATED, stringSource } from "../input/string-source.ts";
import { verifyWordCounts, WORDS_PER_PASS, zipfLines } from "../input/zipf-lines.ts";

/** Objects that a stream holds: more than its default of 16, which is slower. */
const HIGH_WATER_MARK = 1_024;

/**
 * One hop between streams of objects, which stays on its thread:
 *
 *     [Readable] -> [Writable: checksum]      threads: 1
 */
export async function runStreamHop(params: { tuples: number; warmupTuples: number }): Promise<Measurement> {
  const { tuples, warmupTuples } = params;
  const texts = stringSource(STRINGS_REPEATED);
  let [sent, seen, checksum, startMs] = [0, 0, 0, 0];
  const source = new Readable({
    objectMode: true,
    highWaterMark: HIGH_WATER_MARK,
    read() {
      while (sent < tuples) {
        sent++;
        if (!this.push(texts.next())) return;
      }
      this.push(null);
    },
  });
  const sink = new Writable({
    objectMode: true,
    highWaterMark: HIGH_WATER_MARK,
    write(text: string, _encoding, done) {
      checksum = foldString(checksum, text);
      if (++seen === warmupTuples) startMs = performance.now();
      done();
    },
  });
  await pipeline(source, sink);
  const seconds = (performance.now() - startMs) / 1_000;
  verifyHop("stream hop", { tuples: seen, checksum }, tuples, expectedStringChecksum(STRINGS_REPEATED, tuples));
  return { value: (tuples - warmupTuples) / seconds, detail: { seconds } };
}

/** A word count of streams: `[Readable: lines] -> [Transform: split] -> [Writable: Map]`, on one thread. */
export async function runStreamWordCount(params: { passes: number; warmupPasses: number }): Promise<Measurement> {
  const lines = zipfLines();
  const counts = new Map<string, number>();
  const warmupWords = params.warmupPasses * WORDS_PER_PASS;
  let [sent, seen, startMs] = [0, 0, 0];
  const source = new Readable({
    objectMode: true,
    highWaterMark: HIGH_WATER_MARK,
    read() {
      while (sent < params.passes * lines.length) {
        if (!this.push(lines[sent++ % lines.length]!)) return;
      }
      this.push(null);
    },
  });
  const split = new Transform({
    objectMode: true,
    highWaterMark: HIGH_WATER_MARK,
    transform(line: string, _encoding, done) {
      for (let start = 0; start <= line.length; ) {
        const space = line.indexOf(" ", start);
        const end = space < 0 ? line.length : space;
        this.push(line.substring(start, end));
        start = end + 1;
      }
      done();
    },
  });
  const count = new Writable({
    objectMode: true,
    highWaterMark: HIGH_WATER_MARK,
    write(word: string, _encoding, done) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      if (++seen === warmupWords) startMs = performance.now();
      done();
    },
  });
  await pipeline(source, split, count);
  const seconds = (performance.now() - startMs) / 1_000;
  verifyWordCounts("stream word count", counts, params.passes);
  return { value: (seen - warmupWords) / seconds, detail: { seconds } };
}
