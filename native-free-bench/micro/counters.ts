import { allocateMetricWords, carryCounters, readCounter } from "../../src/memory/hot-counters.ts";
import { HISTOGRAM_WORDS, HistogramReader, HistogramWriter } from "../../src/memory/shared-histogram.ts";
import { newCounts } from "../../src/metrics/bucket-counts.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";

const TIMES = 1_000;
/** As many as a bolt with one input and one output has. */
const COUNTERS = 20;

/**
 * What is counted of a task, in memory that other threads read:
 *
 *     count, count, ... -- carry, every few ms --> [words] -- read, each second --> totals      threads: 1
 */
export const microCounters = benchmark({
  name: "micro-counters",
  question: "What does it cost to count, to keep a task's counters whole, to read them, and to enter a latency?",
  unit: "ns/operation",
  coresNeeded: 1,
  params: microParams,
  sides: {
    add: microSide("add to one counter", add),
    carry: microSide("carry a task's 20 counters", carry),
    read: microSide("read a task's 20 counters", read),
    record: microSide("enter a latency into a histogram", record),
  },
  bars: [],
});

function add(): MicroOperation {
  const words = allocateMetricWords(2);
  let runs = 0;
  return {
    operations: TIMES,
    prepare: () => carryCounters(words, 0, 1),
    run() {
      runs++;
      for (let time = 0; time < TIMES; time++) words[1] = (words[1]! + 1) | 0;
    },
    verify() {
      carryCounters(words, 0, 1);
      if (readCounter(words, 0, 1) !== runs * TIMES || runs === 0) throw new Error(`counted wrongly in ${runs} runs`);
    },
  };
}

function carry(): MicroOperation {
  const words = allocateMetricWords(2 * COUNTERS);
  words[COUNTERS] = 7;
  let runs = 0;
  return {
    operations: TIMES,
    run() {
      runs++;
      for (let time = 0; time < TIMES; time++) carryCounters(words, 0, COUNTERS);
    },
    verify() {
      if (readCounter(words, 0, COUNTERS) !== 7 || runs === 0) throw new Error("a carry changed a counter");
    },
  };
}

function read(): MicroOperation {
  const words = allocateMetricWords(2 * COUNTERS).fill(5, COUNTERS);
  let [sum, runs] = [0, 0];
  return {
    operations: TIMES,
    run() {
      runs++;
      for (let time = 0; time < TIMES; time++) {
        for (let counter = 0; counter < COUNTERS; counter++) sum += readCounter(words, counter, COUNTERS + counter);
      }
    },
    verify() {
      if (sum !== 5 * COUNTERS * TIMES * runs || runs === 0) throw new Error(`read ${sum} in ${runs} runs`);
    },
  };
}

function record(): MicroOperation {
  const words = allocateMetricWords(HISTOGRAM_WORDS);
  const writer = new HistogramWriter(words, 0, 1);
  let runs = 0;
  return {
    operations: TIMES,
    run() {
      runs++;
      for (let time = 0; time < TIMES; time++) writer.record(time);
    },
    verify() {
      const counts = newCounts();
      new HistogramReader(words, 0).takeInto(counts);
      const entries = counts.reduce((total, count) => total + count, 0);
      if (entries % 2 ** 32 !== (runs * TIMES) % 2 ** 32 || runs === 0)
        throw new Error(`${entries} entries, ${runs} runs`);
    },
  };
}
