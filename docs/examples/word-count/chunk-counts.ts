import type { ReadProgress } from "./share-reader.ts";
import type { UnreadablePath } from "./text-files.ts";

/** How often a word stands in a chunk of a file. */
export interface ChunkWrite {
  readonly file: number;
  readonly chunk: number;
  readonly word: string;
  readonly n: number;
}

/** What else a chunk holds. */
export interface ChunkFacts {
  readonly file: number;
  readonly chunk: number;
  readonly bytes: number;
  readonly lines: number;
  readonly tooLong: number;
  readonly path: string;
  readonly unreadable: string | null;
}

/**
 * Counts outside of the threads that may be lost: by chunk, so that what a chunk writes twice counts once.
 */
export class ChunkCounts {
  /** By file and chunk, then by word. */
  readonly #words = new Map<string, Map<string, number>>();
  readonly #facts = new Map<string, ChunkFacts>();
  readonly #progress: ReadProgress = { files: 0, bytes: 0, lines: 0 };
  /** Writes that found the same key there already. */
  overwritten = 0;

  write({ file, chunk, word, n }: ChunkWrite): void {
    const key = `${file}:${chunk}`;
    let words = this.#words.get(key);
    if (words === undefined) {
      words = new Map();
      this.#words.set(key, words);
    }
    const before = words.size;
    words.set(word, n);
    if (words.size === before) this.overwritten++;
  }

  writeFacts(facts: ChunkFacts): void {
    const key = `${facts.file}:${facts.chunk}`;
    const before = this.#facts.get(key);
    this.#facts.set(key, facts);
    if (before !== undefined) {
      this.overwritten++;
      return;
    }
    if (facts.chunk === 0 && facts.unreadable === null) this.#progress.files++;
    this.#progress.bytes += facts.bytes;
    this.#progress.lines += facts.lines;
  }

  /** Of the chunks that were counted, each once. */
  get progress(): Readonly<ReadProgress> {
    return this.#progress;
  }

  get chunks(): number {
    return this.#facts.size;
  }

  totals(): { counts: Map<string, number>; tooLongRuns: number; unreadable: UnreadablePath[] } {
    const counts = new Map<string, number>();
    for (const words of this.#words.values()) {
      for (const [word, n] of words) counts.set(word, (counts.get(word) ?? 0) + n);
    }
    const facts = [...this.#facts.values()];
    const unreadable = facts.flatMap(({ path, unreadable: reason }) => (reason === null ? [] : [{ path, reason }]));
    return { counts, tooLongRuns: facts.reduce((sum, { tooLong }) => sum + tooLong, 0), unreadable };
  }
}
