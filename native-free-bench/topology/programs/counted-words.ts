import { BasicBolt, type BasicCollector, fields, type Tuple } from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { verifySharedWordCounts } from "../../input/zipf-lines.ts";
import { Word } from "./split-lines.ts";
import { collectRows, coresOver, SinkWindow, SpoutWindow, type WindowParams, windowMeasurement } from "./window.ts";

export const Passes = fields("task:int32", "passes:int32");
const Count = fields("word:string", "count:int32");
const Counted = fields("arrived:float64", "counted:float64", "seconds:float64");
const CountStreams = { default: Count, counted: Counted };

/** What a spout of a word count emits: its share of a text, again and again until its time is over. */
export class TextPasses {
  readonly #window: SpoutWindow;
  readonly #texts: readonly string[];
  #index = 0;
  #passes = 0;
  #idsGiven = 0;
  #acked = 0;

  constructor(texts: readonly string[], params: WindowParams) {
    this.#texts = texts;
    this.#window = new SpoutWindow(params);
  }

  /** Null when it is over, after a whole pass, so that the counts of every word are known. */
  next(): string | null {
    if (this.#index === this.#texts.length) {
      this.#index = 0;
      this.#passes++;
      if (this.#window.isOverNow()) return null;
    }
    return this.#texts[this.#index++]!;
  }

  get passes(): number {
    return this.#passes;
  }

  /** For a text that is tracked. */
  newId(): number {
    return ++this.#idsGiven;
  }

  ack(): void {
    this.#acked++;
  }

  verifyAcks(): void {
    if (this.#acked !== this.#idsGiven) throw new Error(`${this.#acked} texts were acked of ${this.#idsGiven}`);
  }
}

/** Counts what is its own of the words, and how many there were. */
export class CountWords extends BasicBolt({ input: Word, output: CountStreams }) {
  readonly #counts = new Map<string, number>();
  readonly #window: SinkWindow;

  constructor(params: WindowParams) {
    super();
    this.#window = new SinkWindow(params);
  }

  execute(tuple: Tuple<typeof Word>): void {
    const word = tuple.word;
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    this.#window.add();
  }

  override onEnd(collector: BasicCollector<typeof CountStreams>): void {
    collector.emitTo("counted", this.#window.report());
    for (const [word, count] of this.#counts) collector.emit([word, count]);
  }
}

/** The outputs of a word count, and its end. */
export interface WordCountRun {
  readonly outputs: {
    readonly passes: AsyncIterable<{ readonly task: number; readonly passes: number }>;
    readonly counts: AsyncIterable<{ readonly word: string; readonly count: number }>;
    readonly counted: AsyncIterable<{ readonly arrived: number; readonly counted: number; readonly seconds: number }>;
  };
  completed(): Promise<unknown>;
}

/** Words per second at all counters of a run that has just started, when every word was found to be counted. */
export async function measureWordCount(what: string, run: WordCountRun, params: WindowParams): Promise<Measurement> {
  const cores = coresOver(params);
  const [passes, counts, counted] = await Promise.all([
    collectRows(run.outputs.passes, (row) => [row.task, row.passes] as const),
    collectRows(run.outputs.counts, ({ word, count }) => [word, count] as const),
    collectRows(run.outputs.counted, ({ arrived, counted, seconds }) => ({ arrived, counted, seconds })),
  ]);
  await run.completed();
  const measurement = windowMeasurement(counted, await cores);
  if (passes.length === 0 || counts.length === 0) throw new Error(`${what}: spouts or counters did not report`);
  const byWord = new Map(counts);
  if (byWord.size !== counts.length) throw new Error(`${what}: two tasks counted the same word`);
  const passesOfTask = [...passes].sort(([a], [b]) => a - b).map(([, count]) => count);
  verifySharedWordCounts(what, byWord, passesOfTask);
  return measurement;
}
