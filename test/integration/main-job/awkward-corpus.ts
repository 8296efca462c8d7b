import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Prng } from "../../../src/base/prng.ts";
import { awkwardBytes } from "../../examples/word-count/awkward-text.ts";
import { definedWordsOf } from "../../examples/word-count/defined-words.ts";

/** What a count of the corpus must find, worked out from the same bytes by definition. */
export interface CorpusFacts {
  readonly counts: Map<string, number>;
  files: number;
  bytes: number;
  lines: number;
  words: number;
  tooLongRuns: number;
  binaryFiles: number;
  otherEntries: number;
}

const BIG_FILE_BYTES = 5 * 1024 * 1024;

/** Fills `folder` with files of every awkward kind, one of them big enough to be divided over all tasks. */
export function writeAwkwardCorpus(folder: string, seed: number, bigFileBytes = BIG_FILE_BYTES): CorpusFacts {
  const random = new Prng(seed);
  const facts: CorpusFacts = {
    counts: new Map(),
    files: 0,
    bytes: 0,
    lines: 0,
    words: 0,
    tooLongRuns: 0,
    binaryFiles: 0,
    otherEntries: 0,
  };
  for (const [name, content] of Object.entries(textFiles(random, bigFileBytes))) {
    writeFile(folder, name, content);
    addText(facts, Buffer.from(content));
  }
  for (const [name, content] of Object.entries(binaryFiles)) {
    writeFile(folder, name, content);
    facts.binaryFiles++;
  }
  symlinkSync(folder, path.join(folder, "deep", "loop"));
  symlinkSync(path.join(folder, "crlf.txt"), path.join(folder, "link.txt"));
  facts.otherEntries = 2;
  return facts;
}

const binaryFiles: Record<string, Buffer> = {
  "deep/zero.bin": Buffer.from("text, then a zero \0 byte"),
  "utf-16.txt": Buffer.from("\ufeffUTF-16 text is full of zeros", "utf16le"),
};

function textFiles(random: Prng, bigFileBytes: number): Record<string, string | Uint8Array> {
  const files: Record<string, string | Uint8Array> = {
    "empty.txt": "",
    "breaks.txt": "\n\n\r\n\n",
    "crlf.txt": "The fox\r\nand the dog's den\r\n",
    "no-break-at-the-end.txt": "one two\nthree",
    "mark.txt": "\ufeffMarked as UTF-8",
    "late-zero.txt": `${"x ".repeat(5_000)}zero\0behind`,
    "one-line.txt": wordsOf(random, 600_000, " "),
    "no-words.txt": `${"- ".repeat(300_000)}\n`,
    "encoded.txt": `key=${"0123456789abcdef".repeat(20_000)}; ${"漢".repeat(40_000)}\nend`,
    "deep/er/still/name with spaces.txt": "down here",
    "deep/big.txt": wordsOf(random, bigFileBytes, "\n"),
  };
  for (let number = 0; number < 40; number++) {
    const bytes = awkwardBytes(random, 3_000);
    files[`random/${number}.txt`] = number % 8 === 0 ? bytes : bytes.map((byte) => (byte === 0 ? 0x2e : byte));
  }
  return files;
}

/** Words of very uneven frequency, with a `separator` now and then instead of a space. */
function wordsOf(random: Prng, bytes: number, separator: string): string {
  const parts: string[] = [];
  for (let length = 0; length < bytes; ) {
    const word = `w${Math.floor(4_000 * random.nextFloat() ** 4)}${random.below(9) === 0 ? "'s" : ""}`;
    parts.push(random.below(20) === 0 ? word.toUpperCase() : word, random.below(9) === 0 ? separator : " ");
    length += word.length + 1;
  }
  return parts.join("");
}

function writeFile(folder: string, name: string, content: string | Uint8Array): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function addText(facts: CorpusFacts, bytes: Buffer): void {
  // Random bytes can come out binary: then they are not counted.
  if (bytes.subarray(0, 8_192).includes(0)) {
    facts.binaryFiles++;
    return;
  }
  const text = bytes.toString("utf8");
  const { words, tooLongRuns } = definedWordsOf(text);
  for (const word of words) facts.counts.set(word, (facts.counts.get(word) ?? 0) + 1);
  facts.files++;
  facts.bytes += bytes.length;
  facts.lines += text.split("\n").length - (text === "" || text.endsWith("\n") ? 1 : 0);
  facts.words += words.length;
  facts.tooLongRuns += tooLongRuns;
}
