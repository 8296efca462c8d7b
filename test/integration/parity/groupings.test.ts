import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, direct, richBolt, spout } from "../../../src/index.ts";
import { CASE, Case, N, RUNS, runCase } from "./scripted.ts";

/** Goal: each grouping sends where Storm's would, tracked tuples too; direct streams refuse what Storm refuses. */
const TUPLES = 60;
const KEYS = 7;

/** The groupings, by the source's name. */
interface LooseBolt {
  shuffleGrouping(from: string): void;
  noneGrouping(from: string): void;
  localOrShuffleGrouping(from: string): void;
  leastLoadedGrouping(from: string): void;
  partialKeyGrouping(from: string, names: string[]): void;
  fieldsGrouping(from: string, names: string[]): void;
  globalGrouping(from: string): void;
  allGrouping(from: string): void;
  customGrouping(from: string, factory: (context: { targetTasks: readonly number[] }) => unknown): void;
}

type Subscribe = (bolt: LooseBolt) => void;

/** By task index: the tuples that it executed. */
async function spread(subscribe: Subscribe, parallelism: number, seed: number): Promise<number[][]> {
  const one = new Case();
  const byTask: number[][] = Array.from({ length: parallelism }, () => []);
  const sink = basicBolt({
    input: N,
    create: (context) => ({ execute: ({ n }) => void byTask[context.taskIndex]!.push(n) }),
  });
  const ids = Array.from({ length: TUPLES }, (_, id) => id);
  const { outcomes } = await runCase(
    one,
    (builder) => {
      builder.setSpout("source", one.source(ids));
      subscribe(builder.setBolt("sink", sink, { parallelism }) as unknown as LooseBolt);
    },
    {},
    seed,
  );
  assert.equal(outcomes.filter((outcome) => outcome.endsWith("acked")).length, TUPLES);
  return byTask;
}

function grouping(
  name: string,
  subscribe: Subscribe,
  check: (byTask: number[][], parallelism: number) => void,
): void {
  for (const parallelism of [1, 3]) {
    test(`as Storm: ${name} over ${parallelism}`, CASE, async () => {
      for (let run = 1; run <= RUNS; run++) check(await spread(subscribe, parallelism, run), parallelism);
    });
  }
}

function eachOnce(byTask: number[][]): void {
  const all = byTask.flat().sort((a, b) => a - b);
  assert.deepEqual(
    all,
    Array.from({ length: TUPLES }, (_, id) => id),
  );
}

grouping(
  "shuffle goes round",
  (bolt) => bolt.shuffleGrouping("source"),
  (byTask, parallelism) => {
    eachOnce(byTask);
    for (const tuples of byTask) assert.equal(tuples.length, TUPLES / parallelism);
  },
);
grouping("none", (bolt) => bolt.noneGrouping("source"), eachOnce);
grouping("local or shuffle", (bolt) => bolt.localOrShuffleGrouping("source"), eachOnce);
grouping("least loaded", (bolt) => bolt.leastLoadedGrouping("source"), eachOnce);
grouping("partial key", (bolt) => bolt.partialKeyGrouping("source", ["n"]), eachOnce);
grouping("fields", (bolt) => bolt.fieldsGrouping("source", ["n"]), eachOnce);
grouping(
  "global goes to the first task",
  (bolt) => bolt.globalGrouping("source"),
  (byTask) => {
    eachOnce(byTask);
    assert.equal(byTask[0]!.length, TUPLES);
  },
);
grouping(
  "all goes to every task",
  (bolt) => bolt.allGrouping("source"),
  (byTask) => {
    for (const tuples of byTask) eachOnce([tuples]);
  },
);
grouping(
  "custom",
  (bolt) =>
    bolt.customGrouping("source", ({ targetTasks }) => ({
      chooseTasks: (values: readonly number[]) => (values[0]! % KEYS) % targetTasks.length,
    })),
  (byTask, parallelism) => {
    eachOnce(byTask);
    for (const [task, tuples] of byTask.entries()) {
      for (const n of tuples) assert.equal((n % KEYS) % parallelism, task);
    }
  },
);

/** A spout that makes one direct emit in the wrong way, and the code of what it is told. */
async function directMistake(
  emit: (collector: never, tasks: readonly number[]) => void,
  seed: number,
): Promise<string> {
  let code = "nothing";
  const source = spout({
    output: { default: N, replies: direct(N) },
    create: (context, collector) => ({
      nextTuple() {
        try {
          emit(collector as never, context.tasksOf("sink"));
        } catch (error) {
          code = String((error as { code?: string }).code);
        }
        return "exhausted";
      },
    }),
  });
  const sink = richBolt({ input: N, execute: (tuple, out) => out.ack(tuple) });
  await runCase(
    new Case(),
    (builder) => {
      const replies = builder.setSpout("source", source).stream("replies");
      builder.setBolt("sink", sink, { parallelism: 2 }).directGrouping(replies);
    },
    {},
    seed,
  );
  return code;
}

interface LooseCollector {
  emitTo(stream: string, values: unknown[], id?: unknown): void;
  emitDirect(stream: string, task: number, values: unknown[], id?: unknown): void;
}

for (const id of [undefined, 1]) {
  const how = id === undefined ? "" : ", tracked";
  const mistakes: readonly (readonly [string, string, (out: LooseCollector, tasks: readonly number[]) => void])[] = [
    ["an emit to a direct stream", "EMIT_DIRECT_STREAM", (out) => out.emitTo("replies", [1], id)],
    [
      "a direct emit to another stream",
      "EMIT_NOT_DIRECT",
      (out, tasks) => out.emitDirect("default", tasks[0]!, [1], id),
    ],
    [
      "a direct emit to a task that does not subscribe",
      "EMIT_DIRECT_TARGET",
      (out) => out.emitDirect("replies", 0, [1], id),
    ],
    [
      "a direct emit to a stream that is not declared",
      "EMIT_UNKNOWN_STREAM",
      (out, tasks) => out.emitDirect("no", tasks[0]!, [1], id),
    ],
    [
      "a direct emit to a subscriber is none",
      "nothing",
      (out, tasks) => out.emitDirect("replies", tasks[1]!, [1], id),
    ],
  ];
  for (const [name, expected, emit] of mistakes) {
    test(`as Storm: ${name}${how}: ${expected}`, CASE, async () => {
      for (let run = 1; run <= RUNS; run++) assert.equal(await directMistake(emit as never, run), expected);
    });
  }
}
