import { countersShapeFor, NO_TOTALS, TaskCounters } from "../../src/engine/executor/task-counters.ts";
import { allocateCounters, SharedCounters } from "../../src/memory/shared-counters.ts";
import { benchmark } from "../harness/benchmark.ts";
import { type MicroOperation, microParams, microSide } from "../harness/micro.ts";

const TIMES = 1_000;

/**
 * What is counted of a task, and how often other threads are told:
 *
 *     totals -- publish, once in a turn --> [cells] -- read, now and then --> totals      threads: 1
 */
export const microCounters = benchmark({
  name: "micro-counters",
  question: "What does it cost to count, to publish a task's counters, and to read them?",
  unit: "ns/operation",
  coresNeeded: 1,
  params: microParams,
  sides: {
    add: microSide("add to one counter, privately", add),
    publish: microSide("publish a task's six counters, three of them changed", () => publish(1)),
    publishSame: microSide("publish a task's six counters, none changed", () => publish(0)),
    read: microSide("read a task's six counters", read),
  },
  bars: [],
});

function newCells(): SharedCounters {
  return new SharedCounters(allocateCounters(countersShapeFor(2)), 1);
}

function add(): MicroOperation {
  const cells = newCells();
  let runs = 0;
  return {
    operations: TIMES,
    run() {
      runs++;
      for (let time = 0; time < TIMES; time++) cells.add(0, 1);
    },
    verify() {
      if (cells.current(0) !== runs * TIMES) throw new Error(`counted ${cells.current(0)} in ${runs} runs`);
    },
  };
}

function totalsOf(count: number) {
  return { ...NO_TOTALS, emitted: count, transferred: count, acked: count };
}

function publish(step: number): MicroOperation {
  const counters = new TaskCounters(newCells());
  let count = 7;
  return {
    operations: TIMES,
    run() {
      for (let time = 0; time < TIMES; time++) {
        count += step;
        counters.publish(totalsOf(count));
      }
    },
    verify() {
      if (counters.read().acked !== count) throw new Error(`published ${counters.read().acked}, not ${count}`);
    },
  };
}

function read(): MicroOperation {
  const counters = new TaskCounters(newCells());
  counters.publish(totalsOf(5));
  let [sum, runs] = [0, 0];
  return {
    operations: TIMES,
    run() {
      runs++;
      for (let time = 0; time < TIMES; time++) sum += counters.read().emitted;
    },
    verify() {
      if (sum !== 5 * TIMES * runs || runs === 0) throw new Error(`read ${sum} in ${runs} runs`);
    },
  };
}
