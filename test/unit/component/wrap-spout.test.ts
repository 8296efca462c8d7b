// A spout around another one sees what that emits and how its trees end, and all else stays as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AttemptEnd,
  basicBolt,
  defineTopology,
  type FailInfo,
  fields,
  fromIterable,
  type OutputCollector,
  type Outputs,
  RichBolt,
  replaying,
  Spout,
  type SpoutClass,
  type TaskContext,
  type Tuple,
  wrapSpout,
} from "../../../src/index.ts";
import { simulate } from "../../../src/testing/index.ts";

const N = fields("n:int32");
const Stamped = fields("n:int32", "stamp:string");
const Seen = fields("n:int32", "stamp:string", "attempt:int32");

/** What happened, in order: one simulation at a time. */
let journal: string[] = [];

class Numbers extends Spout({ output: N, tickMs: 1000 }) {
  #next = 0;

  override open(): void {
    journal.push("open");
  }

  override nextTuple() {
    if (this.#next === 3) return "exhausted" as const;
    const n = this.#next++;
    this.collector.emit([n], `#${n}`);
    return undefined;
  }

  override ack(id: unknown): void {
    journal.push(`ack ${id}`);
  }

  override fail(id: unknown, { reason, willSettle }: FailInfo): void {
    journal.push(`fail ${id} ${reason}${willSettle ? ", goes on" : ""}`);
  }

  override close(): void {
    journal.push("close");
  }
}

function wrapped(source: SpoutClass<Outputs, []>, settles: boolean) {
  return wrapSpout(source, {
    output: { default: Stamped, ends: fields("text:string") },
    settles,
    wrap: (context: TaskContext, collector) => ({
      emitting: (values, id, attempt) => [...values, `${context.component} ${typeof id} ${attempt}`],
      refused: (id) => journal.push(`refused ${id}`),
      ended(id, { completed, reason }: AttemptEnd) {
        if (typeof id === "string") journal.push(`ended ${id} ${completed ? "well" : reason}`);
        collector.emitTo("ends", [completed ? "well" : String(reason)]);
      },
    }),
  });
}

interface Case {
  readonly settles?: boolean;
  readonly source?: "numbers" | "replaying" | "wrong";
  /** Fails at the first attempt. */
  readonly fails?: number;
  /** Is held for so long. */
  readonly holdMs?: number;
}

class Bolt extends RichBolt({ input: Stamped, output: Seen, tickMs: 5 }) {
  readonly #case: Case;
  #nowMs = () => 0;
  #held: { tuple: Tuple<typeof Stamped>; untilMs: number }[] = [];

  constructor(chosen: Case) {
    super();
    this.#case = chosen;
  }

  override prepare(context: TaskContext): void {
    this.#nowMs = () => context.nowMs();
  }

  override execute(tuple: Tuple<typeof Stamped>, collector: OutputCollector<typeof Seen>): void {
    const { n, stamp, $ } = tuple;
    collector.emitUnanchored([n, stamp, $.attempt]);
    if (n === this.#case.fails && $.attempt === 1) collector.fail(tuple, new Error("no"));
    else this.#held.push({ tuple, untilMs: this.#nowMs() + (this.#case.holdMs ?? 0) });
  }

  override onTick(collector: OutputCollector<typeof Seen>): void {
    for (const held of this.#held) if (held.untilMs <= this.#nowMs()) collector.ack(held.tuple);
    this.#held = this.#held.filter(({ untilMs }) => untilMs > this.#nowMs());
  }
}

const wrong = fromIterable(N, () => [[1], ["x" as unknown as number]]);
const sources = {
  numbers: Numbers,
  replaying: replaying(
    fromIterable(N, () => [[0], [1], [2]]),
    { backoff: { firstMs: 1 } },
  ),
  wrong: replaying(wrong),
};

const topology = defineTopology(import.meta.url, (builder, chosen: Case) => {
  const source = sources[chosen.source ?? "numbers"] as SpoutClass<Outputs, []>;
  const spout = builder.setSpout("spout", wrapped(source, chosen.settles ?? false));
  builder.setBolt("bolt", Bolt, { create: () => new Bolt(chosen) }).shuffleGrouping(spout);
  const ends = basicBolt({ input: fields("text:string"), execute: () => {} });
  builder.setBolt("ends", ends).shuffleGrouping(spout.stream("ends"));
});

async function run(chosen: Case) {
  journal = [];
  await using simulation = simulate(topology, { options: chosen, config: { messageTimeoutMs: 100 }, workers: 2 });
  await simulation.completed();
  return { seen: simulation.emittedBy("bolt"), ends: simulation.executedBy("ends") };
}

test("what is emitted can be changed, and ends are told before the spout is", async () => {
  const { seen, ends } = await run({ fails: 1 });
  assert.deepEqual(
    seen,
    [0, 1, 2].map((n) => [n, "spout string 1", 1]),
  );
  assert.equal(ends.length, 3);
  assert.deepEqual([journal[0], journal.at(-1)], ["open", "close"]);
  for (const [id, end, told] of [
    ["#0", "ended #0 well", "ack #0"],
    ["#1", "ended #1 bolt", "fail #1 bolt"],
    ["#2", "ended #2 well", "ack #2"],
  ] as const) {
    assert.equal(journal.indexOf(told), journal.indexOf(end) + 1, `${id}: ${journal}`);
  }
  assert.equal(journal.length, 8);
});

test("a replaying spout keeps its attempts", async () => {
  const { seen, ends } = await run({ source: "replaying", fails: 1 });
  assert.deepEqual(
    seen.filter(([n]) => n === 1),
    [
      [1, "spout object 1", 1],
      [1, "spout object 2", 2],
    ],
  );
  assert.deepEqual(ends.map(([text]) => text).sort(), ["bolt", "well", "well", "well"]);
});

test("an attempt whose time is up is cut off, unless it is to settle", async () => {
  await run({ holdMs: 300 });
  assert.deepEqual(
    journal.filter((line) => line.includes("#0")),
    ["ended #0 timeout", "fail #0 timeout"],
  );
  await run({ holdMs: 300, settles: true });
  assert.deepEqual(
    journal.filter((line) => line.includes("#0")),
    ["ended #0 well", "ack #0"],
  );
  const { ends } = await run({ source: "replaying", holdMs: 300 });
  assert.deepEqual(ends, [["well"], ["well"], ["well"]], "it has a hook of its own for that");
});

test("an emit that is refused was none", async () => {
  await assert.rejects(run({ source: "wrong" }));
  assert.match(journal.join(), /refused \[object Object\]/);
});
